package loadgen

import (
	"fmt"
	"slices"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// kindsOf are the latencies that a scenario measures.
func kindsOf(scenario string) []kind {
	kinds := []kind{login, heartbeat}
	switch scenario {
	case ScenarioSteady:
		return append(kinds, c2sACK, c2cACK, c2cDelivery)
	case ScenarioChat:
		return append(kinds, c2cACK, c2cDelivery)
	case ScenarioPush:
		return append(kinds, s2cDelivery, s2cCall)
	case ScenarioStorm, ScenarioChurn:
		return append(kinds, relogin)
	case ScenarioEcho:
		return append(kinds, echoReply)
	}
	return kinds
}

// thresholdFlag is the flag that a ConfigError about a threshold names.
const thresholdFlag = "--threshold"

// checkThresholds refuses thresholds of what the run does not measure: they
// could not hold whatever the target does.
func (c Config) checkThresholds() error {
	for _, t := range c.Thresholds {
		if reason := c.unmeasured(t.figure); reason != "" {
			return &ConfigError{thresholdFlag, fmt.Sprintf("%q: %s", t.text, reason)}
		}
	}
	return nil
}

// unmeasured says why a run cannot have a figure, "" when it can.
func (c Config) unmeasured(f figure) string {
	switch f.subject {
	case figureRecovery:
		if c.Scenario != ScenarioStorm {
			return fmt.Sprintf("there is no recovery in the scenario %s: use storm", c.Scenario)
		}
	case figureLedger:
		if f.flow >= 0 && !slices.Contains(flowsOf(c.Scenario), plan.Flow(f.flow)) {
			return fmt.Sprintf("there are no %s messages in the scenario %s", plan.Flow(f.flow), c.Scenario)
		}
	case kindNames[f.kind]:
		if !slices.Contains(kindsOf(c.Scenario), f.kind) {
			return fmt.Sprintf("the scenario %s does not measure %s", c.Scenario, f.subject)
		}
		if f.kind == echoReply && f.origin == 0 {
			return "a closed loop has no times at which anything is due: leave .due out"
		}
		used := slices.ContainsFunc(c.Transports, func(t wire.Transport) bool { return t.String() == f.transport })
		if f.transport != reports.AllTransports && !used {
			return fmt.Sprintf("no client uses %s", f.transport)
		}
	}
	return ""
}
