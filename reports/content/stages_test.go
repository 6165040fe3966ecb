package content

import (
	"testing"

	"imcheck/reports"
)

func TestStageRowsSayHowFarTheyCame(t *testing.T) {
	rows := StageRows([]reports.Stage{
		{FromMs: 6000, ToMs: 16_000, RanMs: 10_000, RatePerSecond: 0.5, Clients: 5, FromClients: 5},
		{FromMs: 16_000, ToMs: 26_000, RanMs: 4_200, RatePerSecond: 2000, FromRate: 100, Clients: 4000, FromClients: 5},
		{FromMs: 26_000, ToMs: 86_000, Clients: 4000, FromClients: 4000},
	})
	for i, want := range [][3]string{
		{"6.0 s–16.0 s", "5", "0.5"},
		{"16.0 s–26.0 s (ran 4.2 s)", "5 → 4,000", "100 → 2000"},
		{"26.0 s–1 min 26 s (not run)", "4,000", ""},
	} {
		if got := [3]string{rows[i].Time, rows[i].Clients, rows[i].Rate}; got != want {
			t.Errorf("stage %d: got %q, want %q", i+1, got, want)
		}
	}
}

// The messages of all kinds are one sum.
func TestStageRowsAddTheKindsUp(t *testing.T) {
	row := StageRows([]reports.Stage{{
		Messages:        []reports.StageMessages{{Sent: 10, Acknowledged: 9, Lost: 1}, {Sent: 20, Acknowledged: 20, Delivered: 18, Missing: 2}},
		DroppedArrivals: 1, OfflineArrivals: 2, BlockedArrivals: 4,
	}})[0]
	if row.Sent != 30 || row.Acknowledged != 29 || row.Delivered != 18 || row.Missing != 2 || row.Lost != 1 || row.NotSent != 7 {
		t.Errorf("got %+v", row)
	}
}

func TestStagesWords(t *testing.T) {
	got := StagesWords([]reports.Stage{
		{FromMs: 0, ToMs: 60_000, RatePerSecond: 100, Clients: 7, FromClients: 7},
		{FromMs: 60_000, ToMs: 90_000, RatePerSecond: 5, FromRate: 100, Clients: 9, FromClients: 7},
	})
	if want := "1m0s at 100 per second with 7 clients, 30s at 100 → 5 per second with 7 → 9 clients"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := StagesWords(nil); got != "" {
		t.Errorf("got %q without stages", got)
	}
}
