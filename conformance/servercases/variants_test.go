package servercases_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/variants"
	"imcheck/reports"
)

// variantTolerance is that of a run over sockets: a variant may use it up.
const variantTolerance = target.DefaultTolerance

// TestEveryVariantPasses checks that no case accuses a server which keeps the
// protocol and differs from ours in what it leaves open (docs/protocol.md §7).
func TestEveryVariantPasses(t *testing.T) {
	skipUnderRace(t)
	for _, v := range variants.All() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			warnings := expectNoAccusation(t, []variants.Variant{v}, 1)
			for _, id := range warned(v) {
				if !slices.Contains(warnings, id) {
					t.Errorf("%s does not warn of it", id)
				}
			}
		})
	}
}

var thorough = flag.Bool("thorough", false, "try all combinations of variants, and the whole catalogue against each fault; it takes minutes")

// How many random combinations of variants have to pass: with -thorough, and without.
const (
	allCombinations  = 200
	someCombinations = 50
)

func combinations() uint64 {
	if *thorough {
		return allCombinations
	}
	return someCombinations
}

// TestCombinedVariantsPass combines variants at random; the seed of each is its name.
func TestCombinedVariantsPass(t *testing.T) {
	skipUnderRace(t)
	for seed := range combinations() {
		chosen := combine(seed, 2+int(seed%4))
		t.Run(fmt.Sprintf("seed-%d/%s", seed, names(chosen)), func(t *testing.T) {
			t.Parallel()
			expectNoAccusation(t, chosen, seed)
		})
	}
}

// seedOf gives a fault the same variants whatever others there are.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// skipUnderRace leaves out what takes minutes with the race detector, and looks at
// the same code as other tests do.
func skipUnderRace(t *testing.T) {
	if underRace {
		t.Skip("it takes minutes with the race detector: make test runs it without")
	}
}

// combine draws variants.
func combine(seed uint64, n int) []variants.Variant {
	all := variants.All()
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:n]
}

func names(chosen []variants.Variant) string {
	var all []string
	for _, v := range chosen {
		all = append(all, v.Name)
	}
	return strings.Join(all, "+")
}

// expectNoAccusation runs the catalogue against variants. The cases that
// docs/variants.md names may warn, and what a lost datagram leaves open may be
// inconclusive. It returns the IDs of the cases that warned.
func expectNoAccusation(t *testing.T, chosen []variants.Variant, seed uint64) (warnings []string) {
	t.Helper()
	loses := slices.ContainsFunc(chosen, func(v variants.Variant) bool { return v.Loses })
	var allowed []string
	for _, v := range chosen {
		allowed = append(allowed, warned(v)...)
	}
	unstamped := needing(controlapi.CapabilityStamp, false)
	passed := 0
	for _, r := range (world{modes: all3S, variants: chosen, seed: seed}).run(t, unstamped) {
		switch {
		case r.Verdict == reports.Pass:
			passed++
		case r.Verdict == reports.Warn && slices.Contains(allowed, r.Case):
			warnings = append(warnings, r.Case)
		case r.Verdict == reports.Inconclusive && loses && r.Level != reports.Info:
		default:
			t.Errorf("a healthy server (seed %d) is accused: %s", seed, suite.Explain(r))
		}
	}
	if passed == 0 {
		t.Error("nothing passed")
	}
	return warnings
}

// TestFaultsAreCaughtInVariants checks that tolerance costs no sharpness: each fault
// is noticed by the case that names its rule in a server with three variants too.
func TestFaultsAreCaughtInVariants(t *testing.T) {
	skipUnderRace(t)
	for _, fault := range faults.All() {
		seed := seedOf(fault.Name)
		chosen := combine(seed, 3)
		if catches[fault.Name].on == observed { // which has made the choices of a SHOULD
			chosen = slices.DeleteFunc(chosen, func(v variants.Variant) bool { return v.FallsShort })
		}
		t.Run(fmt.Sprintf("%s/seed-%d/%s", fault.Name, seed, names(chosen)), func(t *testing.T) {
			t.Parallel()
			named := catches[fault.Name]
			id, transport := named.rule()
			w := world{
				modes: all3S, faults: []faults.Fault{fault}, stamp: named.on == stamping, observed: named.on == observed, bridged: named.on == bridged,
				long: caseByID(t, id).LongWait > 0, variants: chosen, seed: seed,
			}
			verdicts := map[string]reports.Verdict{}
			for _, r := range w.run(t, []suite.Case{caseByID(t, id)}) {
				if transport == "" || transport == r.Transport {
					verdicts[r.Transport] = r.Verdict
				}
				if r.Verdict == reports.Fail || r.Verdict == reports.Warn && named.on != observed {
					return
				}
			}
			t.Errorf("%s did not fail: %v", id, verdicts)
		})
	}
}
