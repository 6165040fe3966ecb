package scenario

import (
	"fmt"

	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/controlapi"
	"imcheck/reports"
)

// Push has the server send messages to clients at the rate, through its control API.
type Push struct{ common }

// Name implements Scenario.
func (Push) Name() string { return "push" }

// Uses implements Scenario.
func (Push) Uses() []string { return []string{options.Rate, options.Payload} }

// Check implements Scenario.
func (Push) Check(_ *options.Options, t *target.Target) error {
	if t.Control == "" {
		return &options.Error{Option: options.Control, Reason: "the push scenario has the server send messages through its control API: name its address"}
	}
	if known := t.Info.Capabilities; len(known) > 0 && !t.Has(controlapi.CapabilityS2C) {
		return &options.Error{Option: options.Control, Reason: fmt.Sprintf("the control API of this server cannot push: it lists %s, and not %s", known.String(), controlapi.CapabilityS2C)}
	}
	return nil
}

// Pattern implements Scenario.
func (Push) Pattern(o *options.Options) plan.Pattern { return plan.Pushes(o.Rate) }

// Flows implements Scenario.
func (Push) Flows() []plan.Flow { return []plan.Flow{plan.FromServer} }

// Latencies implements Scenario.
func (Push) Latencies() []string { return []string{reports.KindS2CDelivery, reports.KindS2CCall} }
