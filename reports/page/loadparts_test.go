package page

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
)

func TestLedgerBalances(t *testing.T) {
	whole, shard := &reports.Load{}, &reports.Load{Shard: reports.Shard{Index: 1, Of: 2}}
	merged := &reports.Load{Shard: shard.Shard, Shards: make([]reports.ShardResult, 2)}
	tests := []struct {
		name string
		load *reports.Load
		m    reports.Ledger
		off  []string // of each balance
	}{
		{"all there", whole, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 8, Lost: 1, Pending: 1, Delivered: 7, TooLate: 1, Missing: 2}, []string{"", ""}},
		{"to the server", whole, reports.Ledger{Kind: "c2s", Sent: 10, Acknowledged: 10}, []string{""}},
		{"an ACK short", whole, reports.Ledger{Kind: "c2s", Sent: 1010, Acknowledged: 10}, []string{"of 1,000 nothing is known"}},
		{"too many ACKs", whole, reports.Ledger{Kind: "echo", Sent: 10, Acknowledged: 12}, []string{"2 more than were sent"}},
		{"more than were sent", whole, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 13, Missing: -3}, []string{"", "3 more than were sent"}},
		{"the pairs differ", whole, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 10, Unbalanced: 4},
			[]string{"", "what each pair of clients has counted differs by 4"}},
		{"a part of a run", shard, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 13, Missing: -3}, []string{""}},
		{"all its parts", merged, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 9, Missing: 1}, []string{"", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var off []string
			for _, b := range balances(test.load, test.m) {
				off = append(off, b.Off)
				if balanced := b.Sum == b.Sent; b.Off == "" && !balanced {
					t.Errorf("%d of %d and nothing is said about it", b.Sum, b.Sent)
				}
			}
			if !slices.Equal(off, test.off) {
				t.Errorf("got %q, want %q", off, test.off)
			}
		})
	}
}

// What went wrong stands at the head of the page, each with its kind.
func TestLoadFindings(t *testing.T) {
	l := &reports.Load{
		Scenario: "echo",
		Thresholds: []reports.Threshold{{Expression: "login.p99<50ms", Actual: 61, Unit: "ms", EndedRun: true}, {Expression: "lost==0", Held: true},
			{Expression: "recovery.p99<1s", Unknown: true, Note: "the shards do not say"}},
		Sessions: reports.Sessions{Outages: []reports.Outage{{FromMs: 1000, ToMs: 2500}}, LostByCause: map[string]int64{"reset": 2, "kicked": 5}},
		Messages: []reports.Ledger{
			{Kind: "c2c", Sent: 9, Acknowledged: 7, Lost: 1, Pending: 1, Delivered: 6, TooLate: 1, Missing: 2, Stray: 1},
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
		"odd: the account of c2s messages does not balance: of 2 nothing is known",
		"bad: 4 clients were dropped after 0 ms, all within 0 ms; logged in again: half after 5.00 ms, 99 % never, all never",
		"odd: 1 send was left out: the generator was too slow",
		"odd: 2 sends were due while the client was not logged in, and left out",
		"odd: 3 sends waited for ACKs of earlier ones to no end",
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

func TestQuantiles(t *testing.T) {
	h := reporttest.Histogram()
	for v := range int64(1000) {
		if err := h.RecordValue(v + 1); err != nil {
			t.Fatal(err)
		}
	}
	l, err := reports.NewLatency(reports.Series{Kind: "login", Transport: "tcp", From: reports.FromDue}, h)
	if err != nil {
		t.Fatal(err)
	}
	points := quantiles(l)
	for _, p := range points {
		if off := math.Abs(float64(p.Microseconds) - 1000*p.Share); off > 2 {
			t.Errorf("%v of 1 to 1000 is %d", p.Share, p.Microseconds)
		}
	}
	if last := points[len(points)-1]; len(points) < 20 || last.Share != 1 || last.Microseconds != 1000 {
		t.Errorf("%d points, the last one %+v", len(points), last)
	}
	l.Histogram = "no histogram"
	want := []chart.Quantile{{Share: 0, Microseconds: 1}, {Share: 0.5, Microseconds: 500}, {Share: 0.9, Microseconds: 900}, {Share: 0.99, Microseconds: 990}, {Share: 0.999, Microseconds: 999}, {Share: 1, Microseconds: 1000}}
	if got := quantiles(l); !slices.Equal(got, want) {
		t.Errorf("without a histogram: got %v, want %v", got, want)
	}
}

// A sample is a rate: one that is longer than a second does not stand out, and
// one of an instant has none.
func TestCoursePoints(t *testing.T) {
	samples := []reports.Sample{{AtMs: 1000, Sent: 100}, {AtMs: 3000, Sent: 200}, {AtMs: 3100, Sent: 50}}
	got, any := coursePoints(samples, count(func(s reports.Sample) int64 { return s.Sent }), true)
	if len(got) != 3 || got[0].Y != 100 || got[1] != (chart.Point{X: 3, Y: 100}) || !math.IsNaN(got[2].Y) || !any {
		t.Errorf("got %v", got)
	}
	if _, any := coursePoints(samples, measured(func(s reports.Sample) int64 { return s.P99Us }), false); any {
		t.Error("there are latencies where none was measured")
	}
}

func TestLatencyChartsAreBounded(t *testing.T) {
	var many []reports.Latency
	for i := range 200 {
		many = append(many, reports.Latency{Kind: strings.Repeat("x", i+1), Transport: "tcp", From: reports.FromDue, Count: 1, MaxUs: 5})
	}
	charts, more, err := latencyCharts(many)
	if err != nil || len(charts) != maxCurveCharts || more != 200-maxCurveCharts {
		t.Errorf("%d charts and %d more, %v", len(charts), more, err)
	}
}

// A run that never began boasts of nothing that it did not lose.
func TestTilesOfNothing(t *testing.T) {
	if tiles := loadTiles(&reports.Load{}); len(tiles) > 0 {
		t.Errorf("got %+v", tiles)
	}
	for _, tile := range loadTiles(&reports.Load{Sessions: reports.Sessions{LoggedIn: 5}, Messages: []reports.Ledger{{Kind: "c2c", Sent: 4, Lost: 1, Missing: 3}}}) {
		if tile.Label == "Lost" && (tile.Value != "3 messages" || tile.Class != "bad") {
			t.Errorf("got %+v", tile)
		}
	}
}

// What never happened is said in words, and not drawn.
func TestCourseOfIdleClients(t *testing.T) {
	l := &reports.Load{Timeline: []reports.Sample{{AtMs: 1000, Online: 5, LoggedIn: 5}, {AtMs: 2000, Online: 5}}}
	charts, zero, err := courseCharts(l)
	if err != nil || len(charts) != 2 {
		t.Errorf("%d charts, %v; want clients online and logins", len(charts), err)
	}
	if len(zero) != 4 || !slices.Contains(zero, "Errors") || !slices.Contains(zero, "Messages") {
		t.Errorf("not drawn are %q", zero)
	}
	if charts, zero, err := courseCharts(&reports.Load{}); len(charts)+len(zero) > 0 || err != nil {
		t.Errorf("of a run that never began: %d charts, %q, %v", len(charts), zero, err)
	}
}
