package servercases_test

import (
	"slices"
	"testing"
	"time"

	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// TestHealthyServer starts the cases in each phase of the server's sweeps,
// which come every 5 s.
func TestHealthyServer(t *testing.T) {
	unstamped := needing(controlapi.CapabilityStamp, false)
	for _, phase := range []time.Duration{0, time.Second, 2500 * time.Millisecond, 2999 * time.Millisecond, 4 * time.Second} {
		t.Run(phase.String(), func(t *testing.T) {
			t.Parallel()
			casestest.ExpectVerdict(t, world{modes: all3S, after: phase}.run(t, unstamped), reports.Pass)
		})
	}
}

// TestLongCases runs those whose rules take minutes, with time that does not.
func TestLongCases(t *testing.T) {
	skipUnderRace(t)
	t.Parallel()
	long := slices.DeleteFunc(servercases.All(), func(c suite.Case) bool { return c.LongWait == 0 })
	casestest.ExpectVerdict(t, world{modes: all3S, long: true}.run(t, long), reports.Pass)
}

// TestServerAsObserved: it keeps every MUST, and falls short of every SHOULD.
func TestServerAsObserved(t *testing.T) {
	t.Parallel()
	want := map[reports.Level]reports.Verdict{reports.Must: reports.Pass, reports.Should: reports.Warn, reports.Info: reports.Pass}
	warned := 0
	for _, r := range (world{modes: all3S, observed: true}).run(t, needing(controlapi.CapabilityStamp, false)) {
		casestest.ExpectVerdict(t, []reports.Result{r}, want[r.Level])
		if r.Verdict == reports.Warn {
			warned++
		}
	}
	if warned == 0 {
		t.Error("there is no SHOULD case")
	}
}

func TestHealthyServerThatStamps(t *testing.T) {
	t.Parallel()
	casestest.ExpectVerdict(t, world{modes: all3S, stamp: true}.run(t, servercases.All()), reports.Pass)
}

// With a bridge every case that applies passes, and those do not that find a user offline.
func TestHealthyServerWithBridge(t *testing.T) {
	t.Parallel()
	for _, c := range needing(controlapi.CapabilityStamp, false) {
		if len(c.Unless) > 0 && !slices.Equal(c.Unless, []string{string(controlapi.CapabilityBridge)}) {
			t.Errorf("%s does not apply to a target with %q", c.ID, c.Unless)
		}
	}
	for _, r := range (world{modes: all3S, bridged: true}).run(t, needing(controlapi.CapabilityStamp, false)) {
		want := reports.Pass
		if len(caseByID(t, r.Case).Unless) > 0 {
			want = reports.NotSupported
		}
		casestest.ExpectVerdict(t, []reports.Result{r}, want)
	}
}

// TestHealthyServerOnOneTransport: there is no other one to cross to.
func TestHealthyServerOnOneTransport(t *testing.T) {
	unstamped := needing(controlapi.CapabilityStamp, false)
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			var modes timing.Modes
			modes[kind] = timing.Mode3S
			casestest.ExpectVerdict(t, world{modes: modes}.run(t, unstamped), reports.Pass)
		})
	}
}

func TestWithoutControlAPI(t *testing.T) {
	t.Parallel()
	withNeeds := 0
	for _, r := range (world{modes: all3S, noControl: true}).run(t, servercases.All()) {
		want := reports.Pass
		if len(caseByID(t, r.Case).Needs) > 0 {
			want = reports.NotSupported
			withNeeds++
		}
		casestest.ExpectVerdict(t, []reports.Result{r}, want)
	}
	if withNeeds == 0 {
		t.Error("no case needs the control API")
	}
}

// TestHeartbeatInEverySenseMode measures the expiry to the millisecond in each
// mode on each transport that has it.
func TestHeartbeatInEverySenseMode(t *testing.T) {
	skipUnderRace(t)
	pairs := 0
	for _, mode := range timing.SenseModes {
		modes := timing.Modes{mode, mode, mode}
		for _, kind := range wire.Transports {
			if mode.On(kind) {
				pairs++
			}
		}
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			results := world{modes: modes}.run(t, area("heartbeat"))
			casestest.ExpectVerdict(t, results, reports.Pass)
			expectExpiryMeasured(t, results, mode)
		})
	}
	if pairs != 19 {
		t.Errorf("%d pairs of mode and transport, want the 19 of the table in §3", pairs)
	}
}

// expectExpiryMeasured checks that heartbeat/expiry noted the time of the table
// in §3 for every transport: on streams when the close came, on UDP the two
// sides of the time.
func expectExpiryMeasured(t *testing.T, results []reports.Result, mode timing.SenseMode) {
	t.Helper()
	for _, kind := range wire.Transports {
		if !mode.On(kind) {
			continue
		}
		nominal := float64(mode.Expiry(kind).Milliseconds())
		want := []float64{nominal}
		if !kind.Connected() {
			want = []float64{nominal - 1, nominal + 1}
		}
		var got []float64
		for _, r := range results {
			if r.Case == "heartbeat/expiry" && r.Transport == kind.String() {
				for _, m := range r.Measurements {
					got = append(got, m.Value)
				}
			}
		}
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return max(a-b, b-a) <= 1 }) {
			t.Errorf("%s: measured %v ms, want %v", kind, got, want)
		}
	}
}

// needing picks the cases that need, or do not need, a capability.
func needing(capability controlapi.Capability, needed bool) []suite.Case {
	return slices.DeleteFunc(servercases.All(), func(c suite.Case) bool {
		return slices.Contains(c.Needs, string(capability)) != needed
	})
}

func caseByID(t *testing.T, id string) suite.Case {
	t.Helper()
	all := servercases.All()
	i := slices.IndexFunc(all, func(c suite.Case) bool { return c.ID == id })
	if i < 0 {
		t.Fatalf("there is no case %s", id)
	}
	return all[i]
}
