package diff

import (
	"testing"

	"imcheck/reports"
)

// watched is a load whose target used so much CPU in each of 20 seconds, and so much memory.
func watched(cpu float64, memory int64) *reports.Load {
	l := &reports.Load{SteadyMs: 20_000, TargetUse: &reports.TargetUse{
		MeasuredMs: 20_000, CPUSeconds: 20 * cpu, CPUMicrosPerMessage: 1000 * cpu, BeforeBytes: 1, EndBytes: memory, BytesPerSession: memory / 1000, OpenFiles: 50,
	}}
	for second := range int64(20) {
		l.Timeline = append(l.Timeline, reports.Sample{AtMs: 1000 * (second + 1), Target: &reports.TargetSample{CPU: cpu + 0.01*float64(second%5), Resident: memory}})
	}
	return l
}

func TestCompareUse(t *testing.T) {
	const mib = 1 << 20
	wild := watched(0.56, 100*mib)
	for i := range wild.Timeline {
		wild.Timeline[i].Target.CPU = float64(i%2) * 1.1
	}
	tests := []struct {
		name          string
		before, after *reports.Load
		limited       bool
		cpu, memory   Judgement
	}{
		{"the same", watched(0.5, 100*mib), watched(0.5, 100*mib), false, Held, Held},
		{"a little more", watched(0.5, 100*mib), watched(0.54, 105*mib), false, Held, Held},
		{"more of both", watched(0.5, 100*mib), watched(0.6, 150*mib), false, Regressed, Regressed},
		{"less of both", watched(0.6, 150*mib), watched(0.5, 100*mib), false, Improved, Improved},
		{"a generator that was slow", watched(0.5, 100*mib), watched(0.6, 150*mib), true, Inconclusive, Inconclusive},
		{"seconds that differ by more", watched(0.5, 100*mib), wild, false, Noise, Held},
	}
	for _, test := range tests {
		rows := compareUse(test.before, test.after, DefaultBounds, test.limited)
		if len(rows) != 4 || rows[0].Judgement != test.cpu || rows[2].Judgement != test.memory || rows[3].Judgement != Held {
			t.Errorf("%s: %+v", test.name, rows)
		}
	}
	if rows := compareUse(watched(1, 1), &reports.Load{}, DefaultBounds, false); rows != nil {
		t.Errorf("a run without a watch: %+v", rows)
	}
}

func TestCompareTrends(t *testing.T) {
	trend := func(course reports.TrendCourse, low, slope, high float64) *reports.Load {
		return &reports.Load{Trends: []reports.Trend{{Figure: "target.memory_slope", Unit: reports.TrendShare, Course: course, Low: low, Slope: slope, High: high}}}
	}
	steady, rising := trend(reports.TrendSteady, -0.1, 0, 0.1), trend(reports.TrendRising, 1, 2, 3)
	tests := []struct {
		name          string
		before, after *reports.Load
		want          Judgement
	}{
		{"a leak", steady, rising, Regressed},
		{"none any more", rising, steady, Improved},
		{"the same leak", rising, trend(reports.TrendRising, 2, 3, 4), Held},
		{"a larger one", rising, trend(reports.TrendRising, 4, 5, 6), Regressed},
		{"who knows", steady, trend(reports.TrendUnclear, -5, 1, 6), Inconclusive},
		{"nothing known", steady, trend(reports.TrendUnknown, 0, 0, 0), NotCompared},
	}
	for _, test := range tests {
		if got := compareTrends(test.before, test.after, false); len(got) != 1 || got[0].Judgement != test.want {
			t.Errorf("%s: %+v, want %s", test.name, got, test.want)
		}
	}
	if got := compareTrends(steady, rising, true); got[0].Judgement != Inconclusive {
		t.Errorf("a generator that was slow: %+v", got)
	}
}
