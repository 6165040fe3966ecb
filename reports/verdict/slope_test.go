package verdict

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// noisy returns a series: how it goes by hours, with something added by a seed.
type noisy struct {
	name string
	of   func(random *rand.Rand) func(hour float64) float64
}

// noises are what figures of servers without a leak do, around 100.
var noises = []noisy{
	{"white noise", func(r *rand.Rand) func(float64) float64 {
		return func(float64) float64 { return 100 + 10*r.NormFloat64() }
	}},
	{"outliers", func(r *rand.Rand) func(float64) float64 {
		return func(float64) float64 {
			if r.IntN(20) == 0 {
				return 1000
			}
			return 100 + r.NormFloat64()
		}
	}},
	{"values that depend on those before", func(r *rand.Rand) func(float64) float64 {
		at := 0.0
		return func(float64) float64 {
			at = 0.97*at + r.NormFloat64()
			return 100 + at
		}
	}},
	{"garbage collections", func(r *rand.Rand) func(float64) float64 {
		heap := 60 * r.Float64()
		return func(float64) float64 {
			if heap += 2 + r.Float64(); heap > 60 {
				heap = 0
			}
			return 70 + heap
		}
	}},
}

// soak returns a load whose memory goes as a function of the hour does, with a sample a
// minute.
func soak(hours float64, memory func(hour float64) float64) *reports.Load {
	l := &reports.Load{Scenario: "idle", TargetUse: &reports.TargetUse{BeforeBytes: 1}, Clients: map[string]int{"tcp": 1}}
	for minute := 1.0; minute <= hours*60; minute++ {
		bytes := int64(1e6 * memory(minute/60))
		l.Timeline = append(l.Timeline, reports.Sample{AtMs: int64(minute * 60_000), Online: 10, Target: &reports.TargetSample{Resident: bytes, OpenFiles: 7}})
	}
	l.Trends = TrendsOf(l, 0, time.Duration(hours*float64(time.Hour)))
	return l
}

func trendOf(t *testing.T, l *reports.Load, figure string) reports.Trend {
	t.Helper()
	for _, trend := range l.Trends {
		if trend.Figure == figure {
			return trend
		}
	}
	t.Fatalf("no trend of %s in %+v", figure, l.Trends)
	return reports.Trend{}
}

// Noise is no trend, whatever its kind and the length of the run, and a leak is one.
func TestTrendsOfNoise(t *testing.T) {
	const series = 200
	for _, n := range noises {
		for _, hours := range []float64{2, 30} {
			alarms := 0
			for seed := range uint64(series) {
				value := n.of(rand.New(rand.NewPCG(seed, 1)))
				if trendOf(t, soak(hours, value), slopeMemory).Course == reports.TrendRising {
					alarms++
				}
			}
			t.Logf("%s of %v hours: %d of %d rise", n.name, hours, alarms, series)
			if alarms > series/100 {
				t.Errorf("%s of %v hours: %d of %d series rise", n.name, hours, alarms, series)
			}
		}
	}
}

func TestTrendsOfALeak(t *testing.T) {
	const series, hours, leak = 50, 24, 2 // percent an hour
	for _, n := range noises {
		rising := 0
		for seed := range uint64(series) {
			value := n.of(rand.New(rand.NewPCG(seed, 2)))
			trend := trendOf(t, soak(hours, func(hour float64) float64 { return value(hour) + leak*hour }), slopeMemory)
			switch trend.Course {
			case reports.TrendRising:
				rising++
			case reports.TrendUnclear:
			default:
				t.Errorf("%s with seed %d: %+v", n.name, seed, trend)
			}
			const rounding = 0.1 // of the level, which is measured too
			if real := 100 * leak * 1e6 / trend.Level; trend.Low-rounding > real || trend.High+rounding < real {
				t.Errorf("%s with seed %d: %+v does not have %v between its bounds", n.name, seed, trend, real)
			}
		}
		t.Logf("%s: %d of %d leaks rise", n.name, rising, series)
		if rising < series*4/5 {
			t.Errorf("%s: %d of %d leaks rise", n.name, rising, series)
		}
	}
}

// A run that grows while it settles, and then no more, is steady.
func TestTrendsAfterSettling(t *testing.T) {
	l := soak(2, func(hour float64) float64 { return 100 + 100*min(hour, 0.35) })
	for figure, level := range map[string]float64{slopeMemory: 135e6, slopeOpenFiles: 7} {
		if trend := trendOf(t, l, figure); trend.Course != reports.TrendSteady || trend.Slope != 0 || math.Abs(trend.Level-level) > 1 || trend.Points != trendParts {
			t.Errorf("%s: %+v", figure, trend)
		}
	}
	if trends := soak(LeastSoak.Hours()-0.1, func(float64) float64 { return 1 }).Trends; trends != nil {
		t.Errorf("a short run has trends: %+v", trends)
	}
}

// What there are too few values of, or of another load, is not known, and says why.
func TestTrendsUnknown(t *testing.T) {
	steady := func(float64) float64 { return 100 }
	tests := map[string]func(l *reports.Load){
		"only 1 of 48 parts":  func(l *reports.Load) { l.Timeline = l.Timeline[len(l.Timeline)-1:] },
		"from stage to stage": func(l *reports.Load) { l.Stages = make([]reports.Stage, 2) },
	}
	for reason, change := range tests {
		l := soak(2, steady)
		change(l)
		l.Trends = TrendsOf(l, 0, 2*time.Hour)
		if trend := trendOf(t, l, slopeMemory); trend.Course != reports.TrendUnknown || !strings.Contains(trend.Reason, reason) {
			t.Errorf("%s: %+v", reason, trend)
		}
	}
}

// p99 of what the timeline has, and the share of what is lost, have trends too.
func TestTrendsOfLatencyAndLosses(t *testing.T) {
	l := &reports.Load{
		Latencies: []reports.Latency{{Kind: reports.KindC2CDelivery}}, Messages: []reports.Ledger{{Kind: reports.MessagesC2C, Sent: 1}},
	}
	for minute := range int64(300) {
		l.Timeline = append(l.Timeline, reports.Sample{AtMs: 60_000 * (minute + 1), Sent: 10_000, Lost: minute, P99Us: 20_000 + 50*minute})
	}
	l.Trends = TrendsOf(l, 0, 5*time.Hour)
	for figure, want := range map[string]float64{"c2c_delivery.p99_slope": 100 * 3000 / 23_000.0, slopeLost: 0.6} {
		if trend := trendOf(t, l, figure); trend.Course != reports.TrendRising || math.Abs(trend.Slope-want) > 0.2 {
			t.Errorf("%s: %+v, want %v", figure, trend, want)
		}
	}
}

// A threshold on a slope holds, is crossed, or is not known to hold, and then the run is
// inconclusive.
func TestSlopeThresholds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	l := soak(10, func(hour float64) float64 { return 100 + 2*hour + random.NormFloat64() })
	l.Sessions.LoggedIn, l.Sessions.AtEnd = 1, 1
	trend := trendOf(t, l, slopeMemory)
	tests := []struct {
		threshold string
		held      bool
		unknown   string
		outcome   reports.Outcome
	}{
		{"target.memory_slope<3%/h", true, "", reports.OutcomePass},
		{"target.memory_slope<1%/h", false, "", reports.OutcomeFail},
		{"target.memory_slope>=1%/h", true, "", reports.OutcomePass},
		{"target.memory_slope<=" + strconv.FormatFloat(trend.Slope, 'f', 6, 64) + "%/h", false, "it is between ", reports.OutcomeInconclusive},
		{"target.open_files_slope<=0%/h", true, "", reports.OutcomePass},
		{"ledger.lost_slope<1pp/h", false, "a slope takes a run that has the figure", reports.OutcomeInconclusive},
	}
	for _, test := range tests {
		judged, err := Judge(parsed(t, test.threshold), l, "")
		if err != nil || judged[0].Held != test.held || judged[0].Unknown != (test.unknown != "") || !strings.Contains(judged[0].Note, test.unknown) {
			t.Errorf("%s: %+v, %v", test.threshold, judged, err)
			continue
		}
		run := *l
		run.Thresholds = judged
		if outcome, reason := Of(&run, Run{}); outcome != test.outcome {
			t.Errorf("%s: %s: %s, want %s", test.threshold, outcome, reason, test.outcome)
		}
	}
	l.TargetUse = nil
	if judged, _ := Judge(parsed(t, "target.memory_slope<3%/h"), l, ""); !judged[0].Unknown || judged[0].Note != "nobody watched the target" {
		t.Errorf("without a watch: %+v", judged)
	}
}

func TestSlopeThresholdsRefused(t *testing.T) {
	for text, reason := range map[string]string{
		"target.memory_slope<1%":         "write a number with %/h after it",
		"ledger.lost_slope<1%/h":         "write a number with pp/h after it",
		"ledger.c2c.lost_slope<1pp/h":    `ledger has no "lost_slope"`,
		"c2s_ack.p99_slope<1%/h":         "c2s_ack has no p99_slope: the timeline of a run has c2c_delivery",
		"target.memry_slope<1%/h":        `target has no "memry_slope"`,
		"target.memory_slope==1%/h":      "use <, <=, > or >=",
		"abort:target.memory_slope<1%/h": "leave abort: out",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want …%s…", text, err, reason)
		}
	}
	for name, m := range map[string]Measured{
		"nobody watches the target": {Unwatched: true}, "use a longer --duration": {Counted: LeastSoak - 1}, "from stage to stage": {Counted: LeastSoak, Stages: 2},
	} {
		if err := m.Check(parsed(t, "target.memory_slope<1%/h")); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%+v: %v, want …%s…", m, err, name)
		}
	}
}
