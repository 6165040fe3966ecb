package text

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestTextOfCapacity(t *testing.T) {
	c := reporttest.Capacity(t)
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteCapacity(w, c, Options{}) }))
	for _, want := range []string{
		"PASS  capacity 99.5 messages a second (104 gave way), 1", // so many steps
		"no threshold was named: a step holds while c2c_delivery.p99<100ms and nothing is lost",
		"99.5 messages a second hold and 104 do not: c2c_delivery.p99<100ms measured 485.9ms",
		"messages a second  achieved",
		"CPU target",
		"gave way  c2c_delivery.p99<100ms:",
		"latency is c2c delivery since due; CPU in percent of one processor",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	narrow := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteCapacity(w, c, Options{Width: 60}) }))
	for i, line := range strings.Split(narrow, "\n") {
		if i > 0 && utf8.RuneCountInString(line) > 70 { // a column has a part of its own
			t.Errorf("%d columns in %q", utf8.RuneCountInString(line), line)
		}
	}
}

func TestTextOfNoCapacity(t *testing.T) {
	c := &reports.Capacity{Header: reports.Header{Outcome: reports.OutcomeUnreachable, Reason: "no server answers", DurationMs: 400}, Unit: "clients", Ending: reports.EndingGone}
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return WriteCapacity(w, c, Options{Verbose: true}) }))
	if want := "UNREACHABLE  capacity not known, 0 steps in 400 ms\n             no server answers\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
