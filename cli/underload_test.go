package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/conformance/suite"
	"imcheck/reports"
)

// What fails counts unless the load was not there, or the machine too busy to tell.
func TestDoubtOfLoad(t *testing.T) {
	const tolerance = 100 * time.Millisecond
	load := func(change func(*reports.Load)) *reports.Load {
		l := &reports.Load{Messages: []reports.Ledger{{Sent: 600}, {Sent: 400}}}
		l.Outcome, l.Reason = reports.OutcomePass, "a reason"
		change(l)
		return l
	}
	tests := map[string]struct {
		load  *reports.Load
		err   error
		early bool
		want  string
	}{
		"as it should be": {load: load(func(*reports.Load) {})},
		"target fails":    {load: load(func(l *reports.Load) { l.Outcome = reports.OutcomeFail })},
		"a little late":   {load: load(func(l *reports.Load) { l.Outcome, l.Generator.LatenessP99Us = reports.OutcomeInconclusive, 100_000 })},
		"too late":        {load: load(func(l *reports.Load) { l.Generator.LatenessP99Us = 100_001 }), want: "this machine was too busy: 1 send of the swarm in 100 went out more than 100ms late"},
		"a few left out":  {load: load(func(l *reports.Load) { l.Generator.DroppedArrivals = 50 })},
		"many left out":   {load: load(func(l *reports.Load) { l.Generator.DroppedArrivals, l.Generator.OfflineArrivals = 50, 50 }), want: "the swarm sent only 1000 of the 1100 messages that were due"},
		"thrown out": {load: load(func(l *reports.Load) {
			l.Generator.OfflineArrivals, l.Sessions.LostByCause = 500, map[string]int64{"heartbeat unanswered": 9}
		})},
		"paused":        {load: load(func(l *reports.Load) { l.Generator.PausedMs = 2000 }), want: "the process of the swarm was stopped for 2000 ms"},
		"ended early":   {load: load(func(*reports.Load) {}), early: true, want: "the load did not last: a reason"},
		"nobody let in": {load: load(func(l *reports.Load) { l.Outcome = reports.OutcomeUnreachable }), want: "the load did not last: a reason"},
		"no report":     {err: errors.New("killed"), want: "the load did not last: killed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, lacking := doubtOf(test.load, test.err, test.early, tolerance)
			if got != test.want || lacking != (got != "" && name != "too late") {
				t.Errorf("got %q, and that the load was lacking is %t; want %q", got, lacking, test.want)
			}
		})
	}
}

// In doubt nothing fails, and what passes does.
func TestExcuseUnderLoad(t *testing.T) {
	finished := []suite.Finished{
		{Result: reports.Result{Verdict: reports.Pass}},
		{Result: reports.Result{Verdict: reports.Fail, Expected: "an ACK", Actual: "nothing"}},
		{Result: reports.Result{Verdict: reports.Error, Reason: "gone"}},
	}
	excuse(finished, "too busy")
	var got []string
	for _, f := range finished {
		got = append(got, strings.Join([]string{string(f.Result.Verdict), f.Result.Reason, f.Result.Expected, f.Trouble}, "|"))
	}
	want := []string{"pass|||", "inconclusive|too busy; expected an ACK; actual nothing||too busy", "error|gone||"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The environment of a swarm has what the target needs, and nothing that is meant for this
// command or for the workflow that it is a step of.
func TestEnvironmentOfSwarm(t *testing.T) {
	for name, value := range map[string]string{"IMCHECK_TCP": "127.0.0.1:1", "IMCHECK_WS": "127.0.0.1:2", "IMCHECK_OUT": "x", "IMCHECK_IM_KEY": "k", "GITHUB_STEP_SUMMARY": "s", "GITHUB_ACTIONS": "true"} {
		t.Setenv(name, value)
	}
	r := &loadedRun{app: &app{fromEnvironment: []string{"tcp", "out"}}}
	kept := r.swarmEnvironment()
	for variable, want := range map[string]bool{"IMCHECK_TCP=127.0.0.1:1": true, "IMCHECK_WS=127.0.0.1:2": false, "IMCHECK_OUT=x": false, "IMCHECK_IM_KEY=k": true, "GITHUB_STEP_SUMMARY=s": false, "GITHUB_ACTIONS=true": false} {
		if got := slices.Contains(kept, variable); got != want {
			t.Errorf("%s is kept: %t, want %t", variable, got, want)
		}
	}
}

// The folder of a level is no other one.
func TestFoldersOfLevels(t *testing.T) {
	for name, want := range map[string]bool{folderOf(0): true, folderOf(0.5): true, folderOf(20000): true, "load-": false, "load-test": false, "payload-1": false, "histograms": false} {
		if got := isLevelFolder(name); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}

// A swarm tells where its metrics are in a line that may come in parts.
func TestAddressOfMetrics(t *testing.T) {
	var o swarmOutput
	for _, part := range []string{"note: x\nmetr", "ics: http://127.0.0.1:91", "00/metrics", "\nmore\n"} {
		if _, err := o.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		if early := o.address != "" && !strings.Contains(part, "more"); early {
			t.Errorf("%q before the line had ended", o.address)
		}
	}
	if o.address != "http://127.0.0.1:9100/metrics" || o.lastLine() != "more" {
		t.Errorf("got %q, and the last line %q", o.address, o.lastLine())
	}
}
