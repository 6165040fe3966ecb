package page

import (
	"io"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
)

// The failures are listed at the head of the page, each with its kind.
func TestLoadFindings(t *testing.T) {
	l := &reports.Load{
		Scenario: "echo", ClosedLoop: true,
		Thresholds: []reports.Threshold{{Expression: "login.p99<50ms", Actual: 61, Unit: "ms", EndedRun: true}, {Expression: "lost==0", Held: true},
			{Expression: "recovery.p99<1s", Unknown: true, Note: "the shards do not say"}},
		Sessions: reports.Sessions{Outages: []reports.Outage{{FromMs: 1000, ToMs: 2500}}, LostByCause: map[string]int64{"reset": 2, "kicked": 5}},
		Messages: []reports.Ledger{
			{Kind: "c2c", Sent: 9, Acknowledged: 7, Lost: 1, Pending: 1, Delivered: 6, TooLate: 1, Missing: 2, Unexpected: 1, Spurious: 3},
			{Kind: "c2s", Sent: 3, Acknowledged: 1},
		},
		Recovery:  &reports.Recovery{Dropped: 4, Returned: 3, P50Ms: 5, P99Ms: -1, P100Ms: -1},
		Generator: reports.Generator{DroppedArrivals: 1, OfflineArrivals: 2, BlockedArrivals: 3},
	}
	want := []string{
		"bad: login.p99<50ms was crossed: 61 ms, which ended the run",
		"odd: recovery.p99<1s is not known to hold: the shards do not say",
		"bad: nobody was online from 1.0 s to 2.5 s",
		"bad: 7 sessions were lost, 5 of them: kicked",
		"bad: 1 c2c message was given up: not acknowledged in time",
		"bad: 1 c2c message was still not acknowledged at the end",
		"bad: 1 c2c message was delivered only after the sender had given up",
		"bad: 1 c2c message was received that nobody had sent",
		"bad: 2 c2c messages were sent and did not arrive",
		"odd: 3 copies of c2c messages came again 1.5 s or more after the ACK was out: 50 % of the 6 delivered",
		"odd: the account of c2s messages does not balance: of 2 nothing is known",
		"bad: 4 clients were dropped after 0 ms, all within 0 ms; logged in again: half after 5.00 ms, 99 % never, all never",
		"odd: 1 send was left out: the generator was too slow",
		"odd: 2 sends were due while the client was not logged in, and left out",
		"odd: 3 sends waited in vain for ACKs of earlier ones",
		"quiet: " + content.LoopWords(l),
	}
	var got []string
	for _, f := range loadFindings(l) {
		got = append(got, f.Class+": "+f.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if healthy := loadFindings(&reports.Load{Messages: []reports.Ledger{{Kind: "c2c", Sent: 1, Acknowledged: 1, Delivered: 1}}}); len(healthy) > 0 {
		t.Errorf("of a healthy run: %v", healthy)
	}
}

// Every finding and every link on the page leads to a part of it.
func TestFindingsLeadSomewhere(t *testing.T) {
	l := reporttest.Model(t, "load-bottleneck").Load
	html := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Load: l}) }))
	found := loadFindings(l)
	if len(found) < 4 {
		t.Fatalf("%d findings: the test shows little", len(found))
	}
	for _, f := range found {
		if !strings.Contains(html, `id="`+f.Anchor+`"`) {
			t.Errorf("%q leads to #%s, which is not there", f.Text, f.Anchor)
		}
	}
}
