package explore

import (
	"context"
	"errors"
	"testing"

	"imcheck/harness/target"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
)

// Within so many conversations, from this seed on, each planted fault is found, and shortened
// to so many steps.
const (
	plantedSeed   = 1000
	plantedWithin = 600
	plantedSteps  = 8
)

// What no case notices is found by exploring, and shortened.
func TestPlantedFaultsAreFound(t *testing.T) {
	for _, f := range faults.Planted() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			o := firstFinding(t, f)
			if len(o.Findings) == 0 {
				t.Fatalf("%s: no difference in %d conversations", f.Does, o.Conversations)
			}
			found := o.Findings[0]
			t.Logf("seed %d, bound %d, %d steps: expected %s, got %s", found.Seed, plantedWithin, len(found.Conversation), found.Difference.Expected, found.Difference.Actual)
			if len(found.Conversation) > plantedSteps {
				t.Errorf("%d steps are more than %d:\n%s", len(found.Conversation), plantedSteps, transcript(found.History))
			}
		})
	}
}

// firstFinding explores a server with a fault until there is a difference.
func firstFinding(t *testing.T, f faults.Fault) (o Outcome) {
	onServer(t, func(c *reference.Config) { c.Faults = []faults.Fault{f} }, func(t *testing.T, under *target.Target) {
		ctx, enough := context.WithCancel(t.Context())
		defer enough()
		var err error
		o, err = Run(ctx, under, Options{Seed: plantedSeed, Steps: plantedWithin * length, Length: length, Parallel: 1, Pace: prompt, Weights: DefaultWeights(), Progress: func(p Progress) {
			if p.Findings > 0 {
				enough()
			}
		}})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return o
}
