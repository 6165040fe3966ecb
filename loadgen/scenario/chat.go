package scenario

import (
	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Chat has clients talk in pairs and groups: each sends a message to the others of its
// conversation every think time.
type Chat struct{ common }

// Name implements Scenario.
func (Chat) Name() string { return "chat" }

// Uses implements Scenario.
func (Chat) Uses() []string {
	return []string{options.Payload, options.InFlight, options.ChatThinkTime, options.ChatGroups, options.Stages}
}

// Check implements Scenario.
func (Chat) Check(o *options.Options, _ *target.Target) error {
	if o.Clients < plan.MinGroup {
		return &options.Error{Option: "clients", Reason: "a chat needs at least 2"}
	}
	return nil
}

// Pattern implements Scenario.
func (Chat) Pattern(o *options.Options) plan.Pattern {
	return plan.Conversations(o.ThinkTime, o.Groups)
}

// Flows implements Scenario.
func (Chat) Flows() []plan.Flow { return []plan.Flow{plan.ToClient} }

// Latencies implements Scenario.
func (Chat) Latencies() []reports.LatencyKind {
	return []reports.LatencyKind{reports.KindC2CAck, reports.KindC2CDelivery}
}
