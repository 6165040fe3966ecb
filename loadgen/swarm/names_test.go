package swarm

import (
	"imcheck/loadgen/scenario"
	"imcheck/reports"
)

// Names of scenarios.
const (
	ScenarioSteady = "steady"
	ScenarioIdle   = "idle"
	ScenarioChat   = "chat"
	ScenarioPush   = "push"
	ScenarioStorm  = "storm"
	ScenarioChurn  = "churn"
	ScenarioEcho   = "echo"
)

// latenciesOf lists what a scenario measures.
func latenciesOf(name string) []string {
	s, err := scenario.Named(name)
	if err != nil {
		return nil
	}
	return reports.KindNames(scenario.Latencies(s))
}
