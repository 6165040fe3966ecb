package scenario

import "imcheck/loadgen/options"

// Idle keeps the heartbeat only.
type Idle struct{ common }

// Name implements Scenario.
func (Idle) Name() string { return "idle" }

// Uses implements Scenario.
func (Idle) Uses() []string { return []string{options.Stages} }
