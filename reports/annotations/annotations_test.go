package annotations

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/internal/reporttest"
)

func written(t *testing.T, runs ...checks.Run) []string {
	t.Helper()
	text := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, runs...) }))
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func runOf(list ...checks.Check) checks.Run {
	run := checks.Run{Header: reports.Header{Kind: "conformance"}}
	for _, c := range list {
		run.Add(c)
	}
	return run
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"fail", "repeated", "unreachable", "load-bottleneck"} {
		t.Run(name, func(t *testing.T) {
			b := reporttest.Model(t, name)
			var run checks.Run
			if b.Load != nil {
				run = checks.OfLoad(b.Load)
			} else {
				run = checks.OfConformance(b.Conformance)
			}
			reporttest.Golden(t, reporttest.Rendered(t, func(w io.Writer) error { return Write(w, run) }), "golden", name+".txt")
		})
	}
}

func TestLevels(t *testing.T) {
	for name, test := range map[string]struct {
		check checks.Check
		want  string
	}{
		"failed":       {checks.Check{Status: checks.Failed, Message: "why"}, "::error title=imcheck%3A a/b::why"},
		"broken":       {checks.Check{Status: checks.Broken, Message: "why"}, "::error title=imcheck%3A a/b::why"},
		"inconclusive": {checks.Check{Status: checks.Unjudged, Verdict: checks.VerdictInconclusive, Message: "why"}, "::warning title=imcheck%3A a/b::why"},
		"expected":     {checks.Check{Status: checks.Unjudged, Verdict: string(reports.ExpectedFailure), Message: "why"}, ""},
		"warning":      {checks.Check{Status: checks.Passed, Remark: "warning", Message: "why"}, "::warning title=imcheck%3A a/b::why"},
		"info":         {checks.Check{Status: checks.Passed, Remark: "info", Message: "why"}, ""},
		"passed":       {checks.Check{Status: checks.Passed}, ""},
		"skipped":      {checks.Check{Status: checks.Skipped, Message: "why"}, ""},
		"no message":   {checks.Check{Status: checks.Failed, Verdict: "fail"}, "::error title=imcheck%3A a/b::fail"},
	} {
		t.Run(name, func(t *testing.T) {
			test.check.Name = "a/b"
			if got := strings.Join(written(t, runOf(test.check)), "\n"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Nothing that a target sent ends the message, the title or the line, or is a command.
func TestEscapes(t *testing.T) {
	got := written(t, runOf(checks.Check{Name: "a,b::c\n::set", Status: checks.Failed, Message: "100%\r\n::error::x", Detail: "first: a,b\n\x1b[2J"}))
	want := `::error title=imcheck%3A a%2Cb%3A%3Ac\n%3A%3Aset::100%25\r%0A\::error::x%0Afirst: a,b%0A\x1b[2J`
	if len(got) != 1 || got[0] != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

var command = regexp.MustCompile(`^::(error|warning) title=[^:,\r\n]+::[^\r\n]+$`)

// Each line is one command, and there are as few as GitHub shows.
func TestBounded(t *testing.T) {
	var list []checks.Check
	for i := range 30 {
		list = append(list,
			checks.Check{Name: fmt.Sprintf("f/%d", i), Status: checks.Failed, Message: fmt.Sprint("failed ", i), Detail: strings.Repeat("long\n", 5000)},
			checks.Check{Name: fmt.Sprintf("w/%d", i), Status: checks.Passed, Remark: "warning", Message: strings.Repeat("w", 5000) + fmt.Sprint(i)})
	}
	lines := written(t, runOf(list...))
	if len(lines) != 2*most {
		t.Fatalf("%d annotations, want %d", len(lines), 2*most)
	}
	for _, line := range lines {
		if !command.MatchString(line) || len(line) > 2*maxLength {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
	for _, last := range []string{lines[most-1], lines[2*most-1]} {
		if !strings.Contains(last, "title=imcheck%3A 21 more::") || !strings.HasSuffix(last, " and 11 more") {
			t.Errorf("the last one does not name the others: %s", last)
		}
	}
}

// When the target is gone every case says so, and once is enough. So it is for the rounds
// of a case.
func TestOneForTheSame(t *testing.T) {
	gone := func(name string) checks.Check {
		return checks.Check{Name: name, Status: checks.Broken, Message: "the target is gone"}
	}
	round := func(n int) checks.Check {
		return checks.Check{Name: fmt.Sprint("c round ", n), Item: "c", Status: checks.Failed, Message: fmt.Sprint("after ", n, " s")}
	}
	got := written(t, runOf(gone("a"), gone("b"), round(1), round(2)))
	want := []string{"::error title=imcheck%3A c::after 1 s", "::error title=imcheck%3A a::the target is gone%0Aalso: b"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHostile(t *testing.T) {
	b := reporttest.HostileBundle()
	lines := written(t, checks.OfConformance(b.Conformance), checks.OfLoad(b.Load))
	if len(lines) == 0 {
		t.Fatal("there is nothing to look at")
	}
	for _, line := range lines {
		if !command.MatchString(line) || strings.ContainsAny(line, "\x1b\x00\u202e") {
			t.Errorf("not one command: %q", line)
		}
	}
}

func TestOnFullDisk(t *testing.T) {
	run := checks.OfConformance(reporttest.Model(t, "fail").Conformance)
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"annotations": func(w io.Writer) error { return Write(w, run) },
	})
}
