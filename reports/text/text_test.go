package text

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/verdict"
)

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colour adds nothing but colour: without its escapes the summary is the plain one.
func TestTextColorChangesNothingElse(t *testing.T) {
	for _, name := range reporttest.Models {
		t.Run(name, func(t *testing.T) {
			b := reporttest.Model(t, name)
			plain, colored := string(text(t, b, Options{})), string(text(t, b, Options{Color: true}))
			if !strings.Contains(colored, "\x1b[") {
				t.Error("nothing is coloured")
			}
			if strings.Contains(plain, "\x1b") {
				t.Error("the plain summary has escapes")
			}
			// Blanks before the end of a coloured cell are not cut off a line.
			if got := regexp.MustCompile(` +\n`).ReplaceAllString(ansi.ReplaceAllString(colored, ""), "\n"); got != plain {
				t.Errorf("without colours:\n%s\nwant:\n%s", got, plain)
			}
		})
	}
}

func TestTextFirstLine(t *testing.T) {
	tests := map[string]string{
		"pass":            "PASS  19 passed, 3 not supported on udp, tcp, ws in 15.9 s",
		"fail":            "FAIL  12 passed, 2 failed, 1 warned, 1 inconclusive, 3 not supported, 1 skipped, 2 errors on udp, tcp, ws in 21.4 s",
		"unreachable":     "UNREACHABLE  0 passed, 3 not supported, 19 errors on udp, tcp, ws in 2.1 s",
		"known":           "FAIL  3 passed, 2 failed as expected, 1 passed unexpectedly, 1 not supported on udp, tcp, ws in 21.4 s",
		"repeated":        "FAIL  5 passed, 3 failed on udp, 4 rounds in 21.4 s",
		"load-good":       "PASS  300 clients (100 udp, 100 tcp, 100 ws), 17,850 messages sent, 0 lost, in 38.4 s",
		"load-bottleneck": "INCONCLUSIVE  the load generator was the bottleneck: its own sends went out 61.8 ms late at p99 and 1,277 were not started at all, with 98 % of 2 CPUs in use",
	}
	for _, name := range reporttest.Models {
		t.Run(name, func(t *testing.T) {
			got, _, _ := strings.Cut(string(text(t, reporttest.Model(t, name), Options{})), "\n")
			if got != tests[name] {
				t.Errorf("got  %s\nwant %s", got, tests[name])
			}
		})
	}
}

// The bottleneck comes first whatever the outcome, with or without evidence.
func TestTextBottleneckFirst(t *testing.T) {
	l := &reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail}, Generator: reports.Generator{Bottleneck: true}}
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteLoad(w, l, Options{}) }))
	if want := "FAIL  the load generator was the bottleneck: the figures describe it"; !strings.HasPrefix(got, want) {
		t.Errorf("got %.120s\nwant %s", got, want)
	}
}

func TestTextWithoutResults(t *testing.T) {
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeUnreachable, Reason: "no address answered", DurationMs: 400}}
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteConformance(w, c, Options{}) }))
	if want := "UNREACHABLE  no case was run, in 400 ms\n             no address answered\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Only the verdict and commands that are to be copied are wider than a terminal.
func TestTextWidth(t *testing.T) {
	for _, name := range reporttest.Models {
		b := reporttest.Model(t, name)
		if c := b.Conformance; c != nil {
			for i := range c.Results {
				c.Results[i].Reason = strings.Repeat("a long reason ", 40)
				c.Results[i].Actual = strings.Repeat("x", 300)
			}
		}
		for i, line := range strings.Split(string(text(t, b, Options{})), "\n") {
			if i > 0 && utf8.RuneCountInString(line) > lineWidth && !strings.HasPrefix(line, "  rerun") {
				t.Errorf("%s: %d columns in %q", name, utf8.RuneCountInString(line), line)
			}
		}
	}
}

func TestTextCutsLongValues(t *testing.T) {
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail}, Results: []reports.Result{{Case: "a/b", Verdict: reports.Fail, Actual: strings.Repeat("é", 5000)}}}
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteConformance(w, c, Options{}) }))
	if n := strings.Count(got, "é"); n > 1000 || !strings.Contains(got, " more characters in report.json)") {
		t.Errorf("%d characters shown in\n%s", n, got)
	}
}

func TestTextShowsTheEndOfATranscript(t *testing.T) {
	r := reports.Result{Case: "a/b", Transport: "udp", Verdict: reports.Fail}
	for i := range 30 {
		r.Transcript = append(r.Transcript, reports.Line{Text: fmt.Sprintf("line %d.", i)})
	}
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail}, Results: []reports.Result{r}}
	short := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteConformance(w, c, Options{}) }))
	whole := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteConformance(w, c, Options{Verbose: true}) }))
	if !strings.Contains(short, "last 8 of 30 lines") || !strings.Contains(short, "line 29.") || strings.Contains(short, "line 21.") {
		t.Errorf("not the last 8 lines:\n%s", short)
	}
	if !strings.Contains(whole, "line 0.") || !strings.Contains(whole, "line 29.") {
		t.Errorf("not every line:\n%s", whole)
	}
}

func TestWrap(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":             {"", []string{""}},
		"fits":              {"0123456789", []string{"0123456789"}},
		"at a blank":        {"01234 6789 1234", []string{"01234 6789", "1234"}},
		"blank at the edge": {"0123456789 1234", []string{"0123456789", "1234"}},
		"one long word":     {"0123456789abcdef", []string{"0123456789", "abcdef"}},
		"keeps blanks":      {"a  b   c", []string{"a  b   c"}},
		"line breaks":       {"one\n\ntwo\n", []string{"one", "", "two"}},
		"escapes":           {"a\x1b[2J", []string{`a\x1b[2J`}},
		"wide characters":   {"用户用户用户用户用户用", []string{"用户用户用", "户用户用户", "用"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := wrap(test.text, 10); strings.Join(got, "|") != strings.Join(test.want, "|") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTextGolden(t *testing.T) {
	tests := []struct {
		golden, model string
		options       Options
	}{
		{"pass.txt", "pass", Options{}},
		{"pass-verbose.txt", "pass", Options{Verbose: true}},
		{"fail.txt", "fail", Options{}},
		{"fail-verbose.txt", "fail", Options{Verbose: true}},
		{"fail-color.txt", "fail", Options{Color: true}},
		{"unreachable.txt", "unreachable", Options{}},
		{"known.txt", "known", Options{}},
		{"repeated.txt", "repeated", Options{}},
		{"repeated-color.txt", "repeated", Options{Color: true}},
		{"load-good.txt", "load-good", Options{}},
		{"load-good-verbose.txt", "load-good", Options{Verbose: true}},
		{"load-bottleneck.txt", "load-bottleneck", Options{}},
		{"load-bottleneck-80.txt", "load-bottleneck", Options{Width: 80}},
		{"fail-60.txt", "fail", Options{Width: 60}},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			reporttest.Golden(t, text(t, reporttest.Model(t, test.model), test.options), "golden", test.golden)
		})
	}
}

// text renders whichever report the bundle has.
func text(t *testing.T, b reports.Bundle, o Options) []byte {
	t.Helper()
	return reporttest.Rendered(t, func(w io.Writer) error {
		if b.Conformance != nil {
			return WriteConformance(w, b.Conformance, o)
		}
		return WriteLoad(w, b.Load, o)
	})
}

func TestTextIsPrintable(t *testing.T) {
	b := reporttest.HostileBundle()
	for name, write := range map[string]func(io.Writer) error{
		"conformance": func(w io.Writer) error { return WriteConformance(w, b.Conformance, Options{Verbose: true}) },
		"load":        func(w io.Writer) error { return WriteLoad(w, b.Load, Options{Verbose: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			got := string(reporttest.Rendered(t, write))
			reporttest.OnlyPrintable(t, got)
			if !strings.Contains(got, `\x1b[2J`) {
				t.Error("the hostile text is nowhere in the summary: the test shows nothing")
			}
		})
	}
}

func TestTextOnFullDisk(t *testing.T) {
	c, l := reporttest.Model(t, "fail").Conformance, reporttest.Model(t, "load-good").Load
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"conformance": func(w io.Writer) error { return WriteConformance(w, c, Options{}) },
		"load":        func(w io.Writer) error { return WriteLoad(w, l, Options{}) },
	})
}

// Everything that can be in a report has words of its own.
func TestWordsAreComplete(t *testing.T) {
	for _, v := range reports.Verdicts {
		shown := content.VerdictWords[v]
		if shown.Word == "" || shown.Symbol == "" || colours[shown.Class] == "" || !slices.Contains(reports.Severity[:], v) {
			t.Errorf("verdict %q: %+v", v, shown)
		}
	}
	for _, o := range []reports.Outcome{reports.OutcomePass, reports.OutcomeFail, reports.OutcomeUnreachable, reports.OutcomeInconclusive} {
		if shown := content.OutcomeWords[o]; shown.Word == "" || colours[shown.Class] == "" {
			t.Errorf("outcome %q: %+v", o, shown)
		}
	}
}

func TestSummaryShowsOnlyTheFirstFindingsInFull(t *testing.T) {
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail}}
	for i := range content.ShownFindings + 2 {
		c.Results = append(c.Results, reports.Result{Case: fmt.Sprintf("qos/case-%02d", i), Transport: "udp", Verdict: reports.Fail, Expected: "an answer"})
	}
	for _, verbose := range []bool{false, true} {
		var text strings.Builder
		if err := WriteConformance(&text, c, Options{Verbose: verbose}); err != nil {
			t.Fatal(err)
		}
		want := content.ShownFindings
		if verbose {
			want += 2
		}
		if got := strings.Count(text.String(), "an answer"); got != want {
			t.Errorf("verbose %t: %d findings in full, want %d", verbose, got, want)
		}
		if named := strings.Contains(text.String(), "2 more, which") && strings.Contains(text.String(), "qos/case-11 [udp]"); named == verbose {
			t.Errorf("verbose %t: the others are named: %t", verbose, named)
		}
	}
}

func TestThresholdTable(t *testing.T) {
	l := &reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail}, Thresholds: []reports.Threshold{
		{Expression: "login.p99<1ms", Actual: 0.5, Unit: "ms", Held: true},
		{Expression: "ledger.lost==0", Actual: 3},
		{Expression: "login.p50<1ms", Note: "nothing was measured"},
		{Expression: "recovery.p99<1s", Note: "the report does not say", Unknown: true},
		{Expression: "abort:sessions.lost<1", Actual: 4, EndedRun: true},
		{Expression: "abort:ledger.late==0", Actual: 4, EndedShards: []int{2, 3}},
		{Expression: "abort:ledger.c2c.late<9", Actual: 4, Held: true, EndedShards: []int{2}},
	}}
	got := string(text(t, reports.Bundle{Load: l}, Options{}))
	for _, want := range []string{
		"login.p99<1ms                             0.5 ms  held\n",
		"ledger.lost==0                                 3  CROSSED\n",
		"nothing was measured  CROSSED\n",
		"the report does not say  NOT KNOWN\n",
		"4  CROSSED, which ended the run\n",
		"4  CROSSED, which ended shards 2, 3\n",
		"4  held, which ended shard 2\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	if words := verdict.CrossedThresholds(l.Thresholds); words != fmt.Sprintf("4 of 7 thresholds were crossed: ledger.lost==0 measured %d", 3) {
		t.Errorf("crossed: %s", words)
	}
}

// TestExpiryTable holds the table of sense modes.
func TestExpiryTable(t *testing.T) {
	reporttest.Golden(t, text(t, reports.Bundle{Conformance: reporttest.Expiries()}, Options{}), "golden", "expiries.txt")
}

// TestUnderLoad holds the tables of a run under load.
func TestUnderLoad(t *testing.T) {
	reporttest.Golden(t, text(t, reports.Bundle{Conformance: reporttest.UnderLoad()}, Options{}), "golden", "underload.txt")
}

func TestTextSaysThatThePathWasImpaired(t *testing.T) {
	c := reporttest.Model(t, "pass").Conformance
	c.Impairment = reporttest.Impaired(7, "udp: drop=4%, duplicate=1%")
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteConformance(w, c, Options{}) }))
	lines := strings.Split(got, "\n")
	if want := "  path impaired: udp drop 4 %, duplicate 1 %; seed 7; dropped 100 of 2,500"; !strings.HasPrefix(lines[1], want) {
		t.Errorf("got  %s\nwant %s", lines[1], want)
	}
}
