package cli

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"imcheck/reports"
)

// TestJudge holds the order in which findings weigh, and the exit codes.
func TestJudge(t *testing.T) {
	lost := errors.New("the target went away")
	tests := []struct {
		name     string
		verdicts []reports.Verdict
		err      error
		outcome  reports.Outcome
		exit     int
	}{
		{"all pass", []reports.Verdict{reports.Pass, reports.NotSupported}, nil, reports.OutcomePass, 0},
		{"a failure", []reports.Verdict{reports.Pass, reports.Fail, reports.Error, reports.Inconclusive}, nil, reports.OutcomeFail, 1},
		{"the target is gone", []reports.Verdict{reports.Pass, reports.Fail, reports.Error}, lost, reports.OutcomeUnreachable, 3},
		{"nothing was run", nil, lost, reports.OutcomeUnreachable, 3},
		{"an error", []reports.Verdict{reports.Pass, reports.Error, reports.Inconclusive}, nil, reports.OutcomeUnreachable, 3},
		{"too slow to tell", []reports.Verdict{reports.Pass, reports.Inconclusive}, nil, reports.OutcomeInconclusive, 4},
		{"a warning", []reports.Verdict{reports.Pass, reports.Warn}, nil, reports.OutcomePass, 0},
		{"a failure that was expected", []reports.Verdict{reports.ExpectedFailure}, nil, reports.OutcomePass, 0},
		{"an unexpected pass", []reports.Verdict{reports.Pass, reports.UnexpectedPass, reports.Error}, nil, reports.OutcomeFail, 1},
		{"nothing could be run", []reports.Verdict{reports.NotSupported, reports.Skipped}, nil, reports.OutcomeInconclusive, 2},
	}
	impaired := &reports.Conformance{Counts: map[reports.Verdict]int{reports.Inconclusive: 1}, Impairment: &reports.Impairment{}}
	if judge(impaired, nil); !strings.Contains(impaired.Reason, "the impaired path lost") {
		t.Errorf("over an impaired path the reason is %q", impaired.Reason)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &reports.Conformance{}
			for _, verdict := range test.verdicts {
				c.Results = append(c.Results, reports.Result{Verdict: verdict})
			}
			c.Counts = reports.CountVerdicts(c.Results)
			judge(c, test.err)
			if c.Outcome != test.outcome || c.ExitCode != test.exit || c.Reason == "" {
				t.Errorf("got %s, exit %d, %q", c.Outcome, c.ExitCode, c.Reason)
			}
		})
	}
}

// TestJudgeProblems holds that a list of expected failures that is out of date
// fails a run in which every case passed, and that a lost target weighs more.
func TestJudgeProblems(t *testing.T) {
	c := &reports.Conformance{Results: []reports.Result{{Verdict: reports.Pass}}, Problems: []string{"line 1: expired"}}
	c.Counts = reports.CountVerdicts(c.Results)
	if judge(c, nil); c.ExitCode != 1 || c.Reason != "the list of expected failures is out of date" {
		t.Errorf("exit %d, %q", c.ExitCode, c.Reason)
	}
	if judge(c, errors.New("the target went away")); c.ExitCode != 3 {
		t.Errorf("exit %d, %q", c.ExitCode, c.Reason)
	}
}

// TestJudgeRounds holds that the sentence counts runs, of which a repeated case
// has several.
func TestJudgeRounds(t *testing.T) {
	c := &reports.Conformance{Rounds: 2, Results: []reports.Result{{Verdict: reports.Pass}, {Verdict: reports.Fail}}}
	c.Counts = reports.CountVerdicts(c.Results)
	if judge(c, nil); c.ExitCode != 1 || c.Reason != "1 of 2 runs of cases failed" {
		t.Errorf("exit %d, %q", c.ExitCode, c.Reason)
	}
}

// TestShellLine has a shell read what it wrote.
func TestShellLine(t *testing.T) {
	words := []string{"printf", "%s\n", "plain", "two words", "it's", "$HOME", "a*b", "", "--filter", "qos && !udp"}
	out, err := exec.Command("sh", "-c", shellLine(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words[2:], "\n")+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
