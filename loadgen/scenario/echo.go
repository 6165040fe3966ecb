package scenario

import (
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Echo is a closed loop: each client asks the server for an echo, and asks again when it
// has the answer.
type Echo struct{ common }

// Name implements Scenario.
func (Echo) Name() string { return "echo" }

// Uses implements Scenario.
func (Echo) Uses() []string { return []string{options.Payload, options.EchoThinkTime} }

// Adjust implements Scenario.
func (Echo) Adjust(o *options.Options) { o.ThinkTime = 0 }

// Flows implements Scenario.
func (Echo) Flows() []plan.Flow { return []plan.Flow{plan.Echoed} }

// Latencies implements Scenario.
func (Echo) Latencies() []string { return []string{reports.KindEcho} }

// ClosedLoop implements Scenario.
func (Echo) ClosedLoop() bool { return true }
