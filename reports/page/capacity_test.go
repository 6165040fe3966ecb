package page

import (
	"io"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func TestPageOfCapacity(t *testing.T) {
	b := reports.Bundle{Capacity: reporttest.Capacity(t)}
	got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) })
	reporttest.Golden(t, reporttest.Bare(got), "golden", "capacity.html")
}

// A search that found nothing has a page, and one whose report has folders elsewhere no
// links to them.
func TestPageOfOddCapacities(t *testing.T) {
	c := &reports.Capacity{Unit: "clients", Ending: reports.EndingGone, Header: reports.Header{Outcome: reports.OutcomeUnreachable}}
	for _, folder := range []string{"", "../../etc", "steps/../x", "https://example.org", "steps/01-rate-1/../../.."} {
		c.Steps = append(c.Steps, reports.CapacityStep{Folder: folder, Came: reports.CameUnreachable})
	}
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Capacity: c}) }))
	if !strings.Contains(got, "UNREACHABLE") || strings.Contains(got, "<a href=\"./steps") || strings.Contains(got, "<a href=\"https") || strings.Contains(got, "<a href=\"..") {
		t.Errorf("got\n%s", got)
	}
}
