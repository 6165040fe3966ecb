package swarm

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"imcheck/loadgen/options"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// parsed reads thresholds that are right.
func parsed(t *testing.T, texts ...string) (thresholds []verdict.Threshold) {
	t.Helper()
	for _, text := range texts {
		threshold, err := verdict.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		thresholds = append(thresholds, threshold)
	}
	return thresholds
}

// saved returns a report as it is when it was written and read again.
func saved(t *testing.T, l *reports.Load) *reports.Load {
	t.Helper()
	var text bytes.Buffer
	if err := reports.WriteLoadJSON(&text, l); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), reports.LoadFile)
	if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	b, err := reports.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return b.Load
}

// everyFigure has a threshold on each figure of a scenario.
func everyFigure(scenario string) (texts []string) {
	distribution := func(name string) {
		texts = append(texts, name+".min<1ms", name+".mean<1ms", name+".max<1ms", name+".p99.9<1ms", name+".count>1", name+".rate>0.5/s")
	}
	for _, k := range latenciesOf(scenario) {
		distribution(k)
		distribution(k + ".tcp.send")
	}
	distribution("lateness")
	for _, counter := range []string{"sent", "acknowledged", "delivered", "duplicated", "reordered", "retransmitted", "lost", "late", "missing", "pending"} {
		texts = append(texts, "ledger."+counter+"==0")
		for _, f := range (Config{Options: options.Options{Scenario: scenario}}).scenario().Flows() {
			texts = append(texts, "ledger."+f.String()+"."+counter+"<1%")
		}
	}
	for _, counter := range []string{"logged_in", "online", "lost"} {
		texts = append(texts, "sessions."+counter+">0")
	}
	for _, counter := range []string{"dropped", "not_online", "blocked"} {
		texts = append(texts, "sends."+counter+"==0")
	}
	if scenario == ScenarioStorm {
		texts = append(texts, "recovery.p50<1s", "recovery.p99<1s", "recovery.p100<1s")
	}
	slices.Sort(texts)
	return texts
}

// What the saved report of a run has comes to the same as the run itself.
func TestSavedReportIsJudgedAsTheRun(t *testing.T) {
	for scenario, faults := range map[string][]string{
		ScenarioSteady: {"c2s-ack-missing"}, ScenarioChat: nil, ScenarioStorm: nil, ScenarioChurn: nil, ScenarioEcho: nil,
	} {
		t.Run(scenario, func(t *testing.T) {
			c := scenarioLoad(scenario)
			switch scenario {
			case ScenarioEcho:
				c.ThinkTime = time.Second
			case ScenarioChurn:
				c.Rate = 5
			}
			c.RampDown = 5 * time.Second
			c.Thresholds = parsed(t, everyFigure(scenario)...)
			report := runVirtual(t, c, nil, faults...)
			got, err := verdict.Judge(c.Thresholds, saved(t, report), "")
			if err != nil {
				t.Fatal(err)
			}
			held := 0
			for i, want := range report.Thresholds {
				if !reflect.DeepEqual(got[i], want) {
					t.Errorf("the report gives %+v, the run %+v", got[i], want)
				}
				if want.Held {
					held++
				}
			}
			if held == 0 || held == len(got) {
				t.Errorf("%d of %d held: the test shows little", held, len(got))
			}
		})
	}
}

// Those who are online at the end count, though all are logged out by the time
// that thresholds are judged.
func TestOnlineAtTheEnd(t *testing.T) {
	c := load()
	c.RampDown = 5 * time.Second
	c.Thresholds = parsed(t, "sessions.online==60")
	expect(t, runVirtual(t, c, nil), reports.OutcomePass, 0, "")
}

func TestSwarmHoldsThresholds(t *testing.T) {
	c := load()
	for _, text := range []string{"ledger.c2c.delivered==300", "c2c_delivery.p99>1ms", "login.rate>10/s"} {
		threshold, err := verdict.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		c.Thresholds = append(c.Thresholds, threshold)
	}
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomeFail, 1, "1 of 3 thresholds was crossed: c2c_delivery.p99>1ms measured 0ms")
	for i, held := range []bool{true, false, true} {
		if report.Thresholds[i].Held != held {
			t.Errorf("%+v, want held: %t", report.Thresholds[i], held)
		}
	}
}

// A threshold with "abort:" ends the run in the second in which it is crossed.
func TestSwarmIsEndedByAThreshold(t *testing.T) {
	c := load()
	c.Duration = time.Hour
	threshold, err := verdict.ParseThreshold("abort:ledger.lost==0")
	if err != nil {
		t.Fatal(err)
	}
	c.Thresholds = []verdict.Threshold{threshold}
	report := runVirtual(t, c, nil, "c2s-ack-missing")
	expect(t, report, reports.OutcomeFail, 1, "abort:ledger.lost==0")
	if ended := 5*time.Second + time.Duration(report.SteadyMs)*time.Millisecond; ended < 18*time.Second || ended > 24*time.Second {
		t.Errorf("it ended after %v; the first message that counts, sent at 5 s, is lost 13 to 18 s later (§4)", ended)
	}
	if got := report.Thresholds[0]; got.Held || !got.EndedRun || got.Actual < 1 {
		t.Errorf("got %+v", got)
	}
	if len(report.Gaps) == 0 || report.Gaps[0].What != reports.GapLost || report.Gaps[0].To != "0" {
		t.Errorf("what was lost is named %+v", report.Gaps)
	}
}
