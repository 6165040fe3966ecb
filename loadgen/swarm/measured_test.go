package swarm

import (
	"errors"
	"strings"
	"testing"
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

func TestCheckThresholds(t *testing.T) {
	tests := []struct{ scenario, threshold, reason string }{
		{ScenarioSteady, "c2c_delivery.tcp.p99<1s", ""},
		{ScenarioSteady, "ledger.c2s.lost==0", ""},
		{ScenarioIdle, "ledger.lost==0", ""},
		{ScenarioStorm, "recovery.p99<1s", ""},
		{ScenarioChurn, "relogin.p99<1s", ""},
		{ScenarioEcho, "echo.p99<1s", ""},
		{ScenarioIdle, "lateness.p99<1ms", ""},
		{ScenarioIdle, "c2c_delivery.p99<1s", "the scenario idle does not measure c2c_delivery"},
		{ScenarioSteady, "recovery.p99<1s", "there is no recovery in the scenario steady"},
		{ScenarioChat, "ledger.c2s.lost==0", "there are no c2s messages in the scenario chat"},
		{ScenarioSteady, "login.udp.p99<1s", "no client uses udp"},
		{ScenarioEcho, "echo.p99<1s", ""},
		{ScenarioEcho, "echo.due.p99<1s", "leave .due out"},
	}
	for _, test := range tests {
		t.Run(test.scenario+" "+test.threshold, func(t *testing.T) {
			c := goodConfig()
			c.Options, c.Transports = options.Defaults(test.scenario), []wire.Transport{wire.TCP}
			c.Rate, c.Duration = 1, time.Minute
			threshold, err := verdict.ParseThreshold(test.threshold)
			if err != nil {
				t.Fatal(err)
			}
			c.Thresholds = []verdict.Threshold{threshold}
			err = c.Check()
			if test.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused, ok := errors.AsType[*options.Error](err)
			if !ok || refused.Option != "thresholds" || !strings.Contains(refused.Reason, test.reason) {
				t.Errorf("got %v, want …%s…", err, test.reason)
			}
		})
	}
}

// What a scenario is said to measure it does measure, and nothing else.
func TestScenariosMeasureWhatTheySay(t *testing.T) {
	for _, name := range scenario.Names() {
		t.Run(name, func(t *testing.T) {
			c := scenarioLoad(name)
			if name == ScenarioEcho {
				c.ThinkTime = time.Second
			}
			c.Rate = 5
			got := map[string]bool{}
			for _, l := range runVirtual(t, c, nil).Latencies {
				got[string(l.Kind)] = true
			}
			for _, k := range latenciesOf(name) {
				if k == string(reports.KindBacklog) {
					continue // this server delivers nothing that it stores
				}
				if !got[k] {
					t.Errorf("%s was not measured", k)
				}
				delete(got, k)
			}
			for kind := range got {
				t.Errorf("%s was measured", kind)
			}
		})
	}
}
