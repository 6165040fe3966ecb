package diff

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// always returns a noise test with one answer.
func always(n noise) noiseTest {
	return func(reports.LatencyKind, string, float64, bool) (noise, error) { return n, nil }
}

// notNoise is the result of a noise test that rules noise out.
var notNoise = noise{p: noiseLevel / 2, seconds: 60}

func compareLoads(t *testing.T, before, after *reports.Load, test noiseTest) *Diff {
	t.Helper()
	d := &Diff{Bounds: Bounds{MaxP99Percent: 10}}
	if err := d.compareLoad(before, after, test); err != nil {
		t.Fatal(err)
	}
	d.judge()
	return d
}

func TestLatencyChanges(t *testing.T) {
	tests := []struct {
		name       string
		old, new   int64
		noise      noise
		bottleneck bool
		want       Judgement
		note       string
	}{
		{"as before", 1000, 1000, notNoise, false, Held, ""},
		{"on the bound", 1000, 1100, notNoise, false, Held, ""},
		{"over it", 1000, 1101, notNoise, false, Regressed, ""},
		{"faster, within", 1000, 900, notNoise, false, Held, ""},
		{"faster", 1000, 899, notNoise, false, Improved, ""},
		{"noise", 1000, 2000, noise{p: noiseLevel, seconds: 60}, false, Noise, ""},
		{"faster by noise", 1000, 500, noise{p: 0.4, seconds: 60}, false, Noise, ""},
		{"without logs it counts", 1000, 2000, noise{missing: "old"}, false, Regressed, "old lacks histogram logs"},
		{"too few seconds", 1000, 2000, noise{seconds: 3}, false, Inconclusive, "less than 8 seconds"},
		{"the generator was the bottleneck", 1000, 2000, notNoise, true, Inconclusive, "the load generator was the bottleneck: busy"},
		{"the generator was, and nothing changed", 1000, 1000, notNoise, true, Held, "the load generator was the bottleneck"},
		{"from nothing", 0, 5, notNoise, false, Regressed, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			new := reporttest.Load(test.new)
			new.Generator = reports.Generator{Bottleneck: test.bottleneck, BottleneckEvidence: "busy"}
			d := compareLoads(t, reporttest.Load(test.old), new, always(test.noise))
			if n := len(d.Load.Latencies); n != 2*len(percentiles) {
				t.Errorf("%d rows: those since the send are not compared", n)
			}
			for _, row := range d.Load.Latencies {
				if row.Judgement != test.want {
					t.Errorf("got %+v", row)
				}
			}
			if want := map[bool]int{true: 1}[test.want == Regressed]; d.ExitCode != want {
				t.Errorf("exit code %d, want %d: %s", d.ExitCode, want, d.Reason)
			}
			if notes := strings.Join(d.Notes, "\n"); (notes == "") != (test.note == "") || !strings.Contains(notes, test.note) {
				t.Errorf("the notes are %q", notes)
			}
			if strings.Count(strings.Join(d.Notes, "\n"), "\n") > 0 {
				t.Errorf("a note is told twice: %q", d.Notes)
			}
		})
	}
}

// A rise that is large in percent and too small to be felt is not a regression.
func TestSmallChangesDoNotCount(t *testing.T) {
	for _, test := range []struct {
		old, new int64
		want     Judgement
	}{
		{40, 60, Held},
		{40, 1039, Held},
		{40, 1040, Regressed},
		{1040, 41, Held},
		{1040, 40, Improved},
		{20_000, 21_999, Held}, // large, and below 10 %
		{20_000, 22_001, Regressed},
	} {
		d := &Diff{Bounds: Bounds{MaxP99Percent: 10, MinP99Us: 1000}}
		if err := d.compareLoad(reporttest.Load(test.old), reporttest.Load(test.new), always(notNoise)); err != nil {
			t.Fatal(err)
		}
		for _, row := range d.Load.Latencies {
			if row.Judgement != test.want {
				t.Errorf("from %d to %d µs: got %+v", test.old, test.new, row)
			}
		}
	}
}

// latenesses returns a generator that sent a thousand messages late by so much.
func latenesses(t *testing.T, us int64) string {
	t.Helper()
	h := hdrhistogram.New(1, 1e9, 3)
	if err := h.RecordValues(us, 1000); err != nil {
		t.Fatal(err)
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// What the generator's own lateness could explain is not the target's, and a
// percentile of a handful of values is nobody's.
func TestUnclearChanges(t *testing.T) {
	tests := []struct {
		name         string
		old, new     int64
		late, lateIn int64 // in the old run, and in the new one; 0 for not recorded
		count        int64
		want         map[float64]Judgement
		note         string
	}{
		{"recorded in neither", 1000, 3000, 0, 0, 100_000, map[float64]Judgement{50: Regressed, 99: Regressed, 99.9: Regressed}, ""},
		{"on time", 1000, 3000, 100, 1900, 100_000, map[float64]Judgement{50: Regressed, 99: Regressed, 99.9: Regressed}, ""},
		{"late by as much", 1000, 3000, 100, 2000, 100_000, map[float64]Judgement{50: Inconclusive, 99: Inconclusive, 99.9: Inconclusive}, "the generator itself was late"},
		{"late in the faster run", 1000, 3000, 9000, 100, 100_000, map[float64]Judgement{50: Regressed, 99: Regressed, 99.9: Regressed}, ""},
		{"faster, late before", 3000, 1000, 2000, 100, 100_000, map[float64]Judgement{50: Inconclusive, 99: Inconclusive, 99.9: Inconclusive}, "the generator itself was late"},
		{"few values", 1000, 3000, 100, 100, 9_999, map[float64]Judgement{50: Regressed, 99: Regressed, 99.9: Inconclusive}, "less than 10 values"},
		{"enough values", 1000, 3000, 100, 100, 10_000, map[float64]Judgement{50: Regressed, 99: Regressed, 99.9: Regressed}, ""},
		{"few values, and as before", 1000, 1000, 100, 100, 100, map[float64]Judgement{50: Held, 99: Held, 99.9: Held}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old, new := reporttest.Load(test.old), reporttest.Load(test.new)
			for load, late := range map[*reports.Load]int64{old: test.late, new: test.lateIn} {
				if late > 0 {
					load.Generator.LatenessHistogram = latenesses(t, late)
				}
			}
			for i := range new.Latencies {
				new.Latencies[i].Count = test.count
			}
			d := compareLoads(t, old, new, always(notNoise))
			for _, row := range d.Load.Latencies {
				if row.Judgement != test.want[row.Percentile] || (row.Judgement == Inconclusive) != (row.Unclear != "") {
					t.Errorf("got %+v", row)
				}
			}
			if notes := strings.Join(d.Notes, "\n"); (notes == "") != (test.note == "") || !strings.Contains(notes, test.note) {
				t.Errorf("the notes are %q", notes)
			}
		})
	}
}

func TestBrokenLatenessIsRefused(t *testing.T) {
	new := reporttest.Load(1000)
	new.Generator.LatenessHistogram = "no histogram"
	d := &Diff{Bounds: DefaultBounds}
	if err := d.compareLoad(reporttest.Load(1000), new, always(notNoise)); err == nil || !strings.Contains(err.Error(), "late") {
		t.Errorf("got %v", err)
	}
}

// In a closed loop nothing is due: there the time since the send is compared.
func TestClosedLoopIsCompared(t *testing.T) {
	echo := func(us int64) *reports.Load {
		l := reporttest.Load(1000)
		l.Latencies = append(l.Latencies, reports.Latency{Kind: "echo", Transport: reports.AllTransports, From: reports.FromSend, Count: 100_000, P50Us: us, P99Us: us, P999Us: us})
		return l
	}
	for us, want := range map[int64]Judgement{1000: Held, 2000: Regressed} {
		found := 0
		for _, row := range compareLoads(t, echo(1000), echo(us), always(notNoise)).Load.Latencies {
			if row.Kind == "echo" {
				found++
				if row.Judgement != want {
					t.Errorf("to %d µs: got %+v", us, row)
				}
			}
		}
		if found != len(percentiles) {
			t.Errorf("%d percentiles of the echo", found)
		}
	}
}

func TestEachPercentileIsJudged(t *testing.T) {
	for i, percentile := range percentiles {
		old, new := reporttest.Load(1000), reporttest.Load(1000)
		slow := &new.Latencies[2] // all
		*[]*int64{&slow.P50Us, &slow.P99Us, &slow.P999Us}[i] = 1200
		d := compareLoads(t, old, new, always(notNoise))
		for _, row := range d.Load.Latencies {
			if want := row.Transport == reports.AllTransports && row.Percentile == percentile; (row.Judgement == Regressed) != want {
				t.Errorf("p%v slower: got %+v", percentile, row)
			}
		}
		if !strings.HasPrefix(d.Reason, "regressed: 1 latency percentile;") {
			t.Errorf("the reason is %q", d.Reason)
		}
	}
}

func TestLatencyOfOneRunOnly(t *testing.T) {
	new := reporttest.Load(5000)
	new.Latencies = new.Latencies[2:]
	for _, row := range compareLoads(t, reporttest.Load(1000), new, always(notNoise)).Load.Latencies {
		if want := row.Transport == "tcp"; (row.Judgement == NotCompared) != want {
			t.Errorf("got %+v", row)
		}
	}
}

func TestLoadOutcomes(t *testing.T) {
	tests := []struct {
		old, new reports.Outcome
		want     int
	}{
		{reports.OutcomePass, reports.OutcomePass, 0},
		{reports.OutcomePass, reports.OutcomeFail, 1},
		{reports.OutcomePass, reports.OutcomeUnreachable, 1},
		{reports.OutcomePass, reports.OutcomeInconclusive, 0},
		{reports.OutcomeFail, reports.OutcomeFail, 0},
		{reports.OutcomeFail, reports.OutcomePass, 0},
		{reports.OutcomeInconclusive, reports.OutcomeFail, 0},
	}
	for _, test := range tests {
		old, new := reporttest.Load(1000), reporttest.Load(1000)
		old.Outcome, new.Outcome = test.old, test.new
		if d := compareLoads(t, old, new, always(notNoise)); d.ExitCode != test.want {
			t.Errorf("%s to %s: exit code %d, want %d", test.old, test.new, d.ExitCode, test.want)
		}
	}
}

func TestIncomparableLoads(t *testing.T) {
	tests := []struct {
		name   string
		change func(*reports.Load)
		want   string
	}{
		{"target", func(l *reports.Load) { l.Target.Name = "other" }, `"other"`},
		{"sense mode", func(l *reports.Load) { l.Target.SenseModes = map[string]string{"tcp": "5S"} }, "tcp=5S"},
		{"scenario", func(l *reports.Load) { l.Scenario = "echo" }, "--scenario was steady in old and echo in new"},
		{"clients", func(l *reports.Load) { l.Clients = map[string]int{"tcp": 11} }, "--clients was 10 tcp in old and 11 tcp in new"},
		{"transports", func(l *reports.Load) { l.Clients = map[string]int{"udp": 10} }, "10 udp"},
		{"rate", func(l *reports.Load) { l.RatePerSecond = 50 }, "--rate"},
		{"payload", func(l *reports.Load) { l.PayloadBytes = 10 }, "--payload"},
		{"in flight", func(l *reports.Load) { l.InFlight = 1 }, "--in-flight"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			new := reporttest.Load(1000)
			test.change(new)
			d := &Diff{Old: Side{Folder: "old"}, New: Side{Folder: "new"}}
			err := d.compareLoad(reporttest.Load(1000), new, always(notNoise))
			if refused, ok := errors.AsType[*Error](err); !ok || !strings.Contains(refused.Reason, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	old, new := reporttest.Load(1000), reporttest.Load(1000)
	new.Messages = []reports.Ledger{{Kind: "c2c", Delivered: 500, Lost: 3, Missing: 4}, {Kind: "s2c", Delivered: 1}}
	new.Generator.ResidentBytes = 1 << 20
	got := map[string][2]float64{}
	for _, f := range compareLoads(t, old, new, always(notNoise)).Load.Figures {
		got[f.Name] = [2]float64{f.Old, f.New}
	}
	want := map[string][2]float64{
		"c2c delivered": {99, 50}, "c2c lost or missing": {10, 7}, "memory of the generator": {0, 1 << 20},
		"memory for a client": {}, "CPU of the generator": {},
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
