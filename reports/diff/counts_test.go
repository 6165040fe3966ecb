package diff

import (
	"math"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// loadWith returns a load with one kind of message.
func loadWith(m reports.Ledger) *reports.Load {
	l := reporttest.Load(1000)
	m.Kind = "c2c"
	l.Messages, l.Counters = []reports.Ledger{m}, []string{reports.CounterSpurious}
	return l
}

func TestCountChanges(t *testing.T) {
	tests := []struct {
		name       string
		old, new   reports.Ledger
		bottleneck bool
		counter    string // "" for no row
		want       Judgement
	}{
		{"none", reports.Ledger{Sent: 1000}, reports.Ledger{Sent: 1000}, false, "", ""},
		{"as before", reports.Ledger{Sent: 1000, Lost: 5}, reports.Ledger{Sent: 1000, Lost: 5}, false, "lost", Held},
		{"twice as many of twice as many", reports.Ledger{Sent: 1000, Duplicated: 50}, reports.Ledger{Sent: 2000, Duplicated: 100}, false, "duplicated", Held},
		{"a few", reports.Ledger{Sent: 5000}, reports.Ledger{Sent: 5000, Missing: 9}, false, "missing", Noise},
		{"more than a few", reports.Ledger{Sent: 5000}, reports.Ledger{Sent: 5000, Missing: 10}, false, "missing", Regressed},
		{"a few that were made up for", reports.Ledger{Sent: 20_000}, reports.Ledger{Sent: 20_000, Retransmits: 20}, false, "retransmits", Held},
		{"more of those", reports.Ledger{Sent: 20_000}, reports.Ledger{Sent: 20_000, Retransmits: 21}, false, "retransmits", Regressed},
		{"spurious copies", reports.Ledger{Sent: 5000}, reports.Ledger{Sent: 5000, Spurious: 838}, false, "spurious", Regressed},
		{"fewer of them", reports.Ledger{Sent: 5000, Spurious: 838}, reports.Ledger{Sent: 5000, Spurious: 100}, false, "spurious", Improved},
		{"by chance", reports.Ledger{Sent: 5000, Reordered: 400}, reports.Ledger{Sent: 5000, Reordered: 460}, false, "reordered", Noise},
		{"within the bound", reports.Ledger{Sent: 5_000_000, Reordered: 400_000}, reports.Ledger{Sent: 5_000_000, Reordered: 430_000}, false, "reordered", Held},
		{"over it", reports.Ledger{Sent: 5_000_000, Reordered: 400_000}, reports.Ledger{Sent: 5_000_000, Reordered: 450_000}, false, "reordered", Regressed},
		{"the generator was the bottleneck", reports.Ledger{Sent: 5000}, reports.Ledger{Sent: 5000, TooLate: 50}, true, "too late", Inconclusive},
		{"a part of a run", reports.Ledger{Sent: 5000}, reports.Ledger{Sent: 5000, Missing: -3000}, false, "", ""},
		{"nothing was sent", reports.Ledger{}, reports.Ledger{Sent: 10, Lost: 10}, false, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			after := loadWith(test.new)
			after.Generator.Bottleneck = test.bottleneck
			d := compareLoads(t, loadWith(test.old), after, always(notNoise))
			rows := d.Load.Counts
			if test.counter == "" {
				if len(rows) > 0 {
					t.Errorf("got %+v, want no row", rows)
				}
				return
			}
			if len(rows) != 1 || rows[0].Counter != test.counter || rows[0].Judgement != test.want {
				t.Fatalf("got %+v, want %s %s", rows, test.counter, test.want)
			}
			if want := map[bool]int{true: 1}[test.want == Regressed]; d.ExitCode != want {
				t.Errorf("exit code %d, want %d: %s", d.ExitCode, want, d.Reason)
			}
		})
	}
}

// A run of a program that did not count spurious copies has none to compare.
func TestCountsOfOlderRuns(t *testing.T) {
	before, after := loadWith(reports.Ledger{Sent: 5000}), loadWith(reports.Ledger{Sent: 5000, Spurious: 838})
	before.Counters = nil
	if d := compareLoads(t, before, after, always(notNoise)); len(d.Load.Counts) > 0 || d.ExitCode != 0 {
		t.Errorf("got %+v", d.Load.Counts)
	}
}

// What regressed is said in a sentence, and is a check.
func TestCountIsTold(t *testing.T) {
	d := compareLoads(t, loadWith(reports.Ledger{Sent: 5000}), loadWith(reports.Ledger{Sent: 5000, Spurious: 838}), always(notNoise))
	if want := "regressed: 1 count of messages; compared: 6 latency percentiles, 1 count of messages"; d.Reason != want {
		t.Errorf("the reason is %q, want %q", d.Reason, want)
	}
	want := worseLine{"c2c spurious", "838 (16.76 % of those sent), was 0 (0 %)"}
	if got := d.worse(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestByChance(t *testing.T) {
	for _, test := range []struct {
		fewer, there, more, here int64
		want                     float64
	}{
		{0, 100, 1, 100, 0.5},
		{0, 100, 10, 100, 1.0 / 1024},
		{1, 100, 1, 100, 0.75},
		{0, 100, 3, 300, 27.0 / 64},
		{500, 10_000, 501, 10_000, 0.5}, // by the normal distribution
		{400_000, 1_000_000, 440_000, 1_000_000, 0},
	} {
		if got := byChance(test.fewer, test.there, test.more, test.here); math.Abs(got-test.want) > 0.01 {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}
