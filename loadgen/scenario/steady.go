package scenario

import (
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Steady has clients send messages at the rate, half of them to the server and half to
// other clients.
type Steady struct{ common }

// Name implements Scenario.
func (Steady) Name() string { return "steady" }

// Uses implements Scenario.
func (Steady) Uses() []string {
	return []string{options.Rate, options.Payload, options.InFlight, options.Stages}
}

// Pattern implements Scenario.
func (Steady) Pattern(o *options.Options) plan.Pattern { return plan.Alternating(o.Rate) }

// Latencies implements Scenario.
func (Steady) Latencies() []reports.LatencyKind {
	return []reports.LatencyKind{reports.KindC2SAck, reports.KindC2CAck, reports.KindC2CDelivery}
}
