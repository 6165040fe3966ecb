package reports

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestMarkdownGolden(t *testing.T) {
	bundles := map[string]Bundle{
		"expiries": {Conformance: expiryModel()},
		"both":     {Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-good").Load},
	}
	for _, name := range models {
		bundles[name] = readModel(t, name)
	}
	for name, b := range bundles {
		t.Run(name, func(t *testing.T) {
			compareGolden(t, markdownOf(t, b), "golden", name+".md")
		})
	}
}

func markdownOf(t *testing.T, b Bundle) []byte {
	t.Helper()
	return rendered(t, func(w io.Writer) error { return WriteMarkdown(w, b) })
}

func TestMarkdownOfNothing(t *testing.T) {
	if err := WriteMarkdown(io.Discard, Bundle{}); err == nil {
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
		if got := inline(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// A bar does not end a field of a table, nor does a backslash before its end
// keep it open.
func TestMarkdownTable(t *testing.T) {
	m := &markdown{}
	rows := table{titles: []string{"a|b", " n"}}
	rows.add(cell{`x|y`, "bad"}, cell{text: "1"})
	rows.add(cell{text: `x\`}, cell{})
	m.table(rows)
	want := "\n| `a\\x7cb` | n |\n| --- | ---: |\n| **`x\\x7cy`** | 1 |\n| `x\\` |  |\n"
	if got := m.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The command can be copied as it stands, whatever is in it.
func TestMarkdownCommand(t *testing.T) {
	for line, want := range map[string]string{
		"imcheck conform":    "\n```sh\nimcheck conform\n```\n",
		"imcheck '````'":     "\n`````sh\nimcheck '````'\n`````\n",
		"imcheck 'a\n```\n'": "\n````sh\nimcheck 'a\\n```\\n'\n````\n",
	} {
		m := &markdown{}
		m.command(line)
		if got := m.String(); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

var markup = regexp.MustCompile("[<>&\\[\\]\\\\~$@`]|://")

func TestMarkdownEscapesEverything(t *testing.T) {
	b := hostileBundle()
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
	plain := withoutCode(t, got)
	if hit := markup.FindString(plain); hit != "" {
		t.Errorf("%q stands outside of code:\n%s", hit, plain)
	}
	if !strings.Contains(got, "<script>") || !strings.Contains(got, "@somebody") {
		t.Error("the hostile text is nowhere in the summary: the test shows nothing")
	}
}

// All rows of a table have the fields of its head, whatever a target sent.
func TestMarkdownTablesKeepTheirShape(t *testing.T) {
	b := hostileBundle()
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
	c := &Conformance{Header: Header{Outcome: OutcomeFail}}
	for i := range 25 {
		c.Results = append(c.Results, Result{Case: fmt.Sprintf("qos/case%02d", i), Transport: "udp", Verdict: Fail, Requirement: "R."})
		c.Problems = append(c.Problems, fmt.Sprintf("problem %02d", i))
	}
	got := string(markdownOf(t, Bundle{Conformance: c}))
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
	b := Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-good").Load}
	failsOnFullDisk(t, map[string]func(io.Writer) error{
		"summary": func(w io.Writer) error { return WriteMarkdown(w, b) },
	})
}
