package scenario

import (
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Storm drops a share of the clients at once and measures how they come back.
type Storm struct{ common }

// Name implements Scenario.
func (Storm) Name() string { return "storm" }

// Uses implements Scenario.
func (Storm) Uses() []string { return []string{options.StormShare, options.StormAt} }

// Pattern implements Scenario.
func (Storm) Pattern(*options.Options) plan.Pattern { return plan.Shuffled() }

// Latencies implements Scenario.
func (Storm) Latencies() []string { return []string{reports.KindRelogin} }

// Recovers implements Scenario.
func (Storm) Recovers() bool { return true }

// StormDue returns when a storm comes, since the start of the run.
func StormDue(o *options.Options) time.Duration {
	at := o.StormAt
	if at == 0 {
		at = o.Duration / 4
	}
	return o.Ramp + o.Warmup + at
}
