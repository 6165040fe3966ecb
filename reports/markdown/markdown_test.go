package markdown

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
)

func TestMarkdownGolden(t *testing.T) {
	bundles := map[string]reports.Bundle{
		"expiries":  {Conformance: reporttest.Expiries()},
		"underload": {Conformance: reporttest.UnderLoad()},
		"both":      {Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load},
	}
	for _, name := range reporttest.Models {
		bundles[name] = reporttest.Model(t, name)
	}
	for name, b := range bundles {
		t.Run(name, func(t *testing.T) {
			reporttest.Golden(t, markdownOf(t, b), "golden", name+".md")
		})
	}
}

func markdownOf(t *testing.T, b reports.Bundle) []byte {
	t.Helper()
	return reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) })
}

func TestMarkdownOfNothing(t *testing.T) {
	if err := Write(io.Discard, reports.Bundle{}); err == nil {
		t.Error("a summary of nothing was written")
	}
}

func TestInline(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"code 2, not 0":         "code 2, not 0",
		`"kick": 3 of 4 (75 %)`: `"kick": 3 of 4 (75 %)`,
		"-99.0 ms to +100 ms":   "-99.0 ms to +100 ms",
		"1.5 s":                 "1.5 s",
		"Grüße, 用户 – §4":        "Grüße, 用户 – §4",
		"a | b":                 "`a | b`",
		"*a*":                   "`*a*`",
		"a_b_":                  "`a_b_`",
		"<img src=x>":           "`<img src=x>`",
		"&lt;":                  "`&lt;`",
		"[a](b)":                "`[a](b)`",
		"~~a~~":                 "`~~a~~`",
		`a\`:                    "`a\\`",
		"$a$":                   "`$a$`",
		"ask @somebody":         "`ask @somebody`",
		"see #12":               "`see #12`",
		"https://example.org":   "`https://example.org`",
		"WWW.example.org":       "`WWW.example.org`",
		":tada:":                "`:tada:`",
		"- a":                   "`- a`",
		"+":                     "`+`",
		"1. a":                  "`1. a`",
		"12) a":                 "`12) a`",
		"---":                   "`---`",
		"===":                   "`===`",
		" a":                    "`  a `",
		"a\nb":                  "`a\\nb`",
		"a\r\x1b[2J":            "`a\\r\\x1b[2J`",
		"\u202etxt":             "`\\u202etxt`",
		"\xff":                  "`\\xff`",
		"a`b":                   "``a`b``",
		"``a":                   "``` ``a ```",
		"`":                     "`` ` ``",
		"a``b`c```":             "```` a``b`c``` ````",
	} {
		if got := Inline(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// A bar does not end a field of a table, nor does a backslash before its end
// keep it open.
func TestMarkdownTable(t *testing.T) {
	m := &Document{}
	rows := content.Table{Titles: []string{"a|b", " n"}}
	rows.Add(content.Cell{Text: `x|y`, Class: "bad"}, content.Cell{Text: "1"})
	rows.Add(content.Cell{Text: `x\`}, content.Cell{})
	m.Table(rows)
	want := "\n| `a\\x7cb` | n |\n| --- | ---: |\n| **`x\\x7cy`** | 1 |\n| `x\\` |  |\n"
	if got := m.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The command can be copied unchanged, whatever is in it.
func TestMarkdownCommand(t *testing.T) {
	for line, want := range map[string]string{
		"imcheck conform":    "\n```sh\nimcheck conform\n```\n",
		"imcheck '````'":     "\n`````sh\nimcheck '````'\n`````\n",
		"imcheck 'a\n```\n'": "\n````sh\nimcheck 'a\\n```\\n'\n````\n",
	} {
		m := &Document{}
		m.command(line)
		if got := m.String(); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

var markup = regexp.MustCompile("[<>&\\[\\]\\\\~$@`]|://")

func TestMarkdownEscapesEverything(t *testing.T) {
	b := reporttest.HostileBundle()
	for i := range b.Conformance.Results { // what only Markdown takes for something
		b.Conformance.Results[i].Actual = "`a``b [x](https://example.org) @somebody ![](y) | ~~z~~"
		b.Conformance.Results[i].Rerun = "imcheck '```' <b>"
	}
	got := string(markdownOf(t, b))
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("the line %q has a control character", line)
		}
	}
	plain := reporttest.WithoutCode(t, got)
	if hit := markup.FindString(plain); hit != "" {
		t.Errorf("%q stands outside of code:\n%s", hit, plain)
	}
	if !strings.Contains(got, "<script>") || !strings.Contains(got, "@somebody") {
		t.Error("the hostile text is nowhere in the summary: the test shows nothing")
	}
}

// All rows of a table have the fields of its head, whatever a target sent.
func TestMarkdownTablesKeepTheirShape(t *testing.T) {
	b := reporttest.HostileBundle()
	b.Load.Sessions.LostByCause = map[string]int64{"a|b\n|c|": 1}
	b.Load.Thresholds[0].Expression = `x|y\|`
	fields, rows := 0, 0
	for line := range strings.Lines(string(markdownOf(t, b))) {
		if !strings.HasPrefix(line, "|") {
			fields = 0
			continue
		}
		n := strings.Count(line, "|")
		if fields == 0 {
			fields = n
		}
		if n != fields {
			t.Errorf("%d bars instead of %d in %s", n, fields, line)
		}
		rows++
	}
	if rows < 15 {
		t.Errorf("only %d lines of tables: the test shows little", rows)
	}
}

// Ten failures are shown in full, the others counted and named.
func TestMarkdownOfManyFailures(t *testing.T) {
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail}}
	for i := range 25 {
		c.Results = append(c.Results, reports.Result{Case: fmt.Sprintf("qos/case%02d", i), Transport: "udp", Verdict: reports.Fail, Requirement: "R."})
		c.Problems = append(c.Problems, fmt.Sprintf("problem %02d", i))
	}
	got := string(markdownOf(t, reports.Bundle{Conformance: c}))
	if n := strings.Count(got, "\n### "); n != 10 {
		t.Errorf("%d failures in full, want 10", n)
	}
	for _, want := range []string{"And 15 more: `qos/case10 [udp], ", "\n- problem 09\n- and 15 more in report.json\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestMarkdownOnFullDisk(t *testing.T) {
	b := reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load}
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"summary": func(w io.Writer) error { return Write(w, b) },
	})
}

func TestMarkdownSaysThatThePathWasImpaired(t *testing.T) {
	c := reporttest.Model(t, "pass").Conformance
	c.Impairment = reporttest.Impaired(7, "udp: drop=4%")
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Conformance: c}) }))
	if want := "\npath impaired: udp drop 4 %; seed 7; dropped 100 of 2,500 datagrams"; !strings.Contains(got, want) {
		t.Errorf("got\n%.400s\nwant %s", got, want)
	}
}
