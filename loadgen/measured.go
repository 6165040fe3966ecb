package loadgen

import "imcheck/reports/verdict"

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

// checkThresholds refuses thresholds on what the run does not measure.
func (c Config) checkThresholds() error {
	if err := c.measured().Check(c.Thresholds); err != nil {
		return &ConfigError{thresholdFlag, err.Error()}
	}
	return nil
}

// measured describes what the run can have thresholds on.
func (c Config) measured() verdict.Measured {
	m := verdict.Measured{Scenario: c.Scenario, Kinds: kindNamesOf(c.Scenario), Recovery: c.Scenario == ScenarioStorm, Messages: []string{}}
	for _, f := range flowsOf(c.Scenario) {
		m.Messages = append(m.Messages, f.String())
	}
	for _, t := range c.Transports {
		m.Transports = append(m.Transports, t.String())
	}
	return m
}

// kindNamesOf lists what a scenario measures, as the report does.
func kindNamesOf(scenario string) (names []string) {
	for _, k := range kindsOf(scenario) {
		names = append(names, kindNames[k])
	}
	return names
}
