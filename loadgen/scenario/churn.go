package scenario

import (
	"fmt"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Churn has clients log out and in again, so many a second as the rate says.
type Churn struct{ common }

// Name implements Scenario.
func (Churn) Name() string { return "churn" }

// Uses implements Scenario.
func (Churn) Uses() []string { return []string{options.Rate, options.ChurnAway} }

// Adjust implements Scenario.
func (Churn) Adjust(o *options.Options) { o.Rate = 10 } // each of 100 clients leaves every 10 s

// Check makes sure that a client is back before it is to leave again.
func (Churn) Check(o *options.Options, _ *target.Target) error {
	turn := time.Duration(float64(o.Clients) / o.Rate * float64(time.Second))
	if turn < 2*o.Away {
		return &options.Error{Option: options.Rate, Reason: fmt.Sprintf("at %v a second each of %d clients leaves again %v after it left, half of which has to be over %v (churn.away): use a lower rate or more clients",
			o.Rate, o.Clients, turn, o.Away)}
	}
	return nil
}

// Pattern implements Scenario.
func (Churn) Pattern(o *options.Options) plan.Pattern { return plan.Turns(o.Rate) }

// Latencies implements Scenario.
func (Churn) Latencies() []string { return []string{reports.KindRelogin} }
