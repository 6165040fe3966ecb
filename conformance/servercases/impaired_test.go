package servercases_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/suite"
	"imcheck/harness/broker"
	brokermemory "imcheck/harness/broker/memory"
	"imcheck/harness/target"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	rules "imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/bridge"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// runImpaired runs a catalogue on some transports over an impaired path, and a catalogue of the
// bridge with one. It returns the results, and what was done to the path.
func runImpaired(t *testing.T, catalogue []suite.Case, kinds []wire.Transport, note func(suite.Finished), specs ...string) (results []reports.Result, counts []impair.Count) {
	t.Helper()
	policy, _, err := impair.Parse(specs)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		config := reference.Config{Network: network, Control: "127.0.0.1:0", Modes: all3S, Limits: rules.DefaultLimits}
		between := brokermemory.New()
		if others := slices.DeleteFunc(slices.Clone(catalogue), needsBridge); len(others) > 0 {
			catalogue = others
		} else {
			config.Bridge = &bridge.Config{Broker: between, PublishTo: broker.FromServer, ConsumeFrom: broker.ToServer}
		}
		for _, kind := range kinds {
			config.Addresses[kind] = "127.0.0.1:0"
		}
		s, err := reference.Start(config)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		under := &target.Target{
			Network: network, Path: impair.New(policy), Control: s.ControlAddress(), Modes: all3S, Tolerance: target.DefaultTolerance,
		}
		if config.Bridge != nil {
			under.Bridge = between
		}
		for _, kind := range kinds {
			under.Addresses[kind] = s.Address(kind)
		}
		if err := under.Discover(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		results = runAgainst(t, under, catalogue, false, suite.Options{Finished: note})
		counts = under.Path.Counts()
	})
	return results, counts
}

// A path that only delays fails no case.
func TestHealthyServerOverADelayingPath(t *testing.T) {
	t.Parallel()
	results, counts := runImpaired(t, needing(controlapi.CapabilityStamp, false), wire.Transports[:], nil, "delay=50ms, jitter=30ms", "tcp ws: stall=100ms/3s")
	casestest.ExpectVerdict(t, results, reports.Pass)
	if len(counts) != 6 {
		t.Errorf("counted %+v, want every transport in both directions", counts)
	}
}

func TestBridgeOverADelayingPath(t *testing.T) {
	t.Parallel()
	results, _ := runImpaired(t, area("bridge"), wire.Transports[:], nil, "delay=50ms, jitter=30ms")
	casestest.ExpectVerdict(t, results, reports.Pass)
}

// The same seed loses the same datagrams of each connection of each case, although
// users have other names in each run: all that one case sees is the same.
func TestSameSeedSameLosses(t *testing.T) {
	t.Parallel()
	run := func(seed int) (seen []string) {
		nonce := regexp.MustCompile(`udp-[0-9a-f]{6}`)
		_, counts := runImpaired(t, []suite.Case{caseByID(t, "login/accepted")}, []wire.Transport{wire.UDP}, func(f suite.Finished) {
			for _, line := range f.Trace {
				seen = append(seen, fmt.Sprintf("%v %s %s", line.At, line.Direction, nonce.ReplaceAllString(line.Text, "udp")))
			}
		}, fmt.Sprintf("drop=40%%, delay=5ms, jitter=5ms, seed=%d", seed))
		if len(counts) != 2 || counts[0].Dropped+counts[1].Dropped == 0 {
			t.Fatalf("counted %+v, which shows nothing", counts)
		}
		return seen
	}
	first := run(7)
	if again := run(7); !slices.Equal(first, again) {
		t.Errorf("saw\n%s\nthen\n%s", strings.Join(first, "\n"), strings.Join(again, "\n"))
	}
	if other := run(8); slices.Equal(first, other) {
		t.Error("another seed lost the same datagrams")
	}
}

// How many lossy paths the healthy server is checked over.
const (
	lossySeeds     = 5
	moreLossySeeds = 20 // with -thorough
)

// A path that loses datagrams fails no case either: what cannot be decided over it is
// inconclusive, and nearly everything can be decided.
func TestHealthyServerOverALossyPath(t *testing.T) {
	skipUnderRace(t)
	seeds := lossySeeds
	if *thorough {
		seeds = moreLossySeeds
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			t.Parallel()
			path := fmt.Sprintf("drop=5%%, delay=50ms, jitter=30ms, seed=%d", seed)
			results, _ := runImpaired(t, needing(controlapi.CapabilityStamp, false), wire.Transports[:], nil, path)
			overBridge, _ := runImpaired(t, area("bridge"), wire.Transports[:], nil, path)
			results = append(results, overBridge...)
			verdicts := reports.CountVerdicts(results)
			for _, r := range results {
				if r.Verdict != reports.Pass && r.Verdict != reports.Inconclusive {
					t.Errorf("a healthy server is accused: %s", suite.Explain(r))
				}
			}
			if most := len(results) / 20; verdicts[reports.Inconclusive] > most {
				t.Errorf("%d of %d verdicts are inconclusive, want %d at most", verdicts[reports.Inconclusive], len(results), most)
			}
			t.Logf("%v", verdicts)
		})
	}
}
