package reports_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// What gives way only under load comes first, in the order in which it does; what goes well
// at every level is left out.
func TestCasesUnderLoad(t *testing.T) {
	u := reporttest.UnderLoad().UnderLoad
	var got []string
	for _, c := range u.Cases {
		got = append(got, fmt.Sprintf("%s %v %v %t", c.Case, c.Verdicts, c.OnlyFrom, c.FailsOnlyUnderLoad()))
	}
	want := []string{
		"heartbeat/answer [pass fail fail] 200 true",
		"qos/c2s-ack [pass pass fail] 1000 true",
		"message/bad-ignored [pass pass warn] 1000 false",
		"kick/other-told [fail fail fail] 0 false",
		"heartbeat/expiry [pass inconclusive pass] 0 false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var levels []string
	for _, l := range u.Levels {
		levels = append(levels, fmt.Sprintf("%v: %d asked, %d passed, %d undecided", l.Load, l.Asked, l.Passed, l.Undecided))
	}
	want = []string{"0: 6 asked, 5 passed, 0 undecided", "200: 6 asked, 3 passed, 1 undecided", "1000: 6 asked, 2 passed, 0 undecided"}
	if !slices.Equal(levels, want) {
		t.Errorf("got %q, want %q", levels, want)
	}
}

// Of several rounds at a level the worst counts, and a level whose cases did not run says
// nothing.
func TestRoundsUnderLoad(t *testing.T) {
	result := func(v reports.Verdict) reports.Result {
		return reports.Result{Case: "qos/a", Transport: "udp", Level: reports.Must, Verdict: v, Reason: string(v)}
	}
	u := &reports.UnderLoad{Axis: reports.LoadByClients}
	u.Add(reports.LoadLevel{}, []reports.Result{result(reports.Pass), result(reports.Pass)})
	u.Add(reports.LoadLevel{Load: 10}, nil)
	u.Add(reports.LoadLevel{Load: 20}, []reports.Result{result(reports.Pass), result(reports.Fail), result(reports.Inconclusive)})
	u.Finish()
	if len(u.Cases) != 1 {
		t.Fatalf("got %+v", u.Cases)
	}
	c := u.Cases[0]
	if got := fmt.Sprintln(c.Verdicts, c.OnlyFrom, c.Reason); got != "[pass skipped fail] 20 fail\n" {
		t.Errorf("got %s", got)
	}
}

// The outcome is that without load unless something fails with it, or cannot be told.
func TestOutcomeUnderLoad(t *testing.T) {
	all := func(verdicts ...reports.Verdict) (rows [][]reports.Verdict) {
		for _, v := range verdicts {
			rows = append(rows, []reports.Verdict{v})
		}
		return rows
	}
	tests := map[string]struct {
		verdicts [][]reports.Verdict // of the cases, by level
		outcomes []reports.Outcome   // of the levels with load
		want     reports.Outcome
		reason   string
	}{
		"all hold":              {all(reports.Pass, reports.Pass, reports.Pass), []reports.Outcome{reports.OutcomePass, reports.OutcomePass}, reports.OutcomePass, "1 case passed, and with up to 20 messages/s"},
		"fails with load":       {all(reports.Pass, reports.Pass, reports.Fail), []reports.Outcome{reports.OutcomePass, reports.OutcomeFail}, reports.OutcomeFail, "1 case fails only under load, from 20 messages/s on: a/0 [tcp]"},
		"fails without":         {all(reports.Fail, reports.Fail), []reports.Outcome{reports.OutcomeFail}, reports.OutcomeFail, "1 of 1 case failed"},
		"fails without only":    {all(reports.Fail, reports.Pass), []reports.Outcome{reports.OutcomePass}, reports.OutcomeFail, "1 of 1 case failed"},
		"not known with load":   {all(reports.Pass, reports.Inconclusive), []reports.Outcome{reports.OutcomeInconclusive}, reports.OutcomeInconclusive, "at 10 messages/s reason of 1"},
		"not known without":     {all(reports.Inconclusive, reports.Fail), []reports.Outcome{reports.OutcomeFail}, reports.OutcomeFail, "1 case fails under load, and without it could not be told: a/0 [tcp]"},
		"gone":                  {all(reports.Pass, reports.Error), []reports.Outcome{reports.OutcomeUnreachable}, reports.OutcomeUnreachable, "at 10 messages/s reason of 1"},
		"gone after a failure":  {all(reports.Pass, reports.Fail, reports.Error), []reports.Outcome{reports.OutcomeFail, reports.OutcomeUnreachable}, reports.OutcomeFail, "1 case fails only under load, from 10 messages/s on: a/0 [tcp]; at 20 messages/s reason of 2"},
		"a SHOULD warns":        {all(reports.Pass, reports.Warn), []reports.Outcome{reports.OutcomePass}, reports.OutcomePass, "1 case passed, and with up to 10 messages/s"},
		"expected":              {all(reports.ExpectedFailure, reports.ExpectedFailure), []reports.Outcome{reports.OutcomePass}, reports.OutcomePass, "0 cases passed, and with up to 10 messages/s"},
		"four fail under load":  {[][]reports.Verdict{{reports.Pass, reports.Pass, reports.Pass, reports.Pass}, {reports.Fail, reports.Fail, reports.Fail, reports.Fail}}, []reports.Outcome{reports.OutcomeFail}, reports.OutcomeFail, "4 cases fail only under load, from 10 messages/s on: a/0 [tcp], a/1 [tcp], a/2 [tcp] and 1 more"},
		"no level was run":      {all(reports.Pass), nil, reports.OutcomePass, "1 case passed"},
		"unreachable from 0 on": {all(reports.Error), nil, reports.OutcomeUnreachable, "1 of 1 case could not be run"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &reports.Conformance{UnderLoad: &reports.UnderLoad{Axis: reports.LoadByRate}}
			for i, verdicts := range test.verdicts {
				level := reports.LoadLevel{Load: float64(10 * i), Reason: fmt.Sprintf("reason of %d", i)}
				if i > 0 {
					level.Outcome = test.outcomes[i-1]
				}
				var results []reports.Result
				for n, v := range verdicts {
					results = append(results, reports.Result{Case: fmt.Sprintf("a/%d", n), Transport: "tcp", Level: reports.Must, Verdict: v})
				}
				if i == 0 {
					c.Results, c.Counts = results, reports.CountVerdicts(results)
				}
				c.UnderLoad.Add(level, results)
			}
			c.UnderLoad.Finish()
			c.Judge(nil, "")
			c.JudgeUnderLoad()
			if c.Outcome != test.want || c.Reason != test.reason || c.ExitCode != test.want.ExitCode() {
				t.Errorf("got %s (%d): %s\nwant %s: %s", c.Outcome, c.ExitCode, c.Reason, test.want, test.reason)
			}
		})
	}
}
