package cases_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance"
	"imcheck/harness/target"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
	"imcheck/reference-server/server"
)

// runImpaired runs a catalogue on UDP over an impaired path. It returns what the
// cases came to, and what was done to the path.
func runImpaired(t *testing.T, catalogue []conformance.Case, specs ...string) (verdicts map[string]string, counts []impair.Count) {
	t.Helper()
	policy, _, err := impair.Parse(specs)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		s, err := server.Start(server.Config{Network: network, Addresses: [len(wire.Transports)]string{wire.UDP: "127.0.0.1:0"}, Modes: all3S, Limits: rules.DefaultLimits})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		under := &target.Target{Network: network, Path: impair.New(policy), Modes: all3S, Tolerance: 100 * time.Millisecond}
		under.Addresses[wire.UDP] = s.Address(wire.UDP)
		verdicts = map[string]string{}
		for _, r := range runAgainst(t, under, catalogue, false) {
			verdicts[r.Case] = string(r.Verdict)
		}
		counts = under.Path.Counts()
	})
	return verdicts, counts
}

// The same seed loses the same datagrams of each connection of each case,
// although users have other names in each run.
func TestSameSeedSameLosses(t *testing.T) {
	t.Parallel()
	catalogue := area("login")
	const spec = "udp: drop=20%, delay=5ms, jitter=5ms, seed=7"
	verdicts, counts := runImpaired(t, catalogue, spec)
	if len(counts) != 2 || counts[0].Dropped == 0 || counts[1].Dropped == 0 {
		t.Fatalf("counted %+v, which shows nothing", counts)
	}
	again, countsAgain := runImpaired(t, catalogue, spec)
	if !slices.Equal(counts, countsAgain) {
		t.Errorf("counted %+v, then %+v", counts, countsAgain)
	}
	for id := range verdicts {
		if verdicts[id] != again[id] {
			t.Errorf("%s: %s, then %s", id, verdicts[id], again[id])
		}
	}
	other, countsOther := runImpaired(t, catalogue, "udp: drop=20%, delay=5ms, jitter=5ms, seed=8")
	if slices.Equal(counts, countsOther) && maps.Equal(verdicts, other) {
		t.Error("another seed lost the same datagrams")
	}
}
