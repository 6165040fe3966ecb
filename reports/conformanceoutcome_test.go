package reports

import (
	"errors"
	"strings"
	"testing"
)

// TestJudge checks the order in which findings weigh, and the exit codes.
func TestJudge(t *testing.T) {
	lost := errors.New("the target went away")
	tests := []struct {
		name     string
		verdicts []Verdict
		err      error
		outcome  Outcome
		exit     int
	}{
		{"all pass", []Verdict{Pass, NotSupported}, nil, OutcomePass, 0},
		{"a failure", []Verdict{Pass, Fail, Error, Inconclusive}, nil, OutcomeFail, 1},
		{"the target is gone", []Verdict{Pass, Fail, Error}, lost, OutcomeUnreachable, 3},
		{"nothing was run", nil, lost, OutcomeUnreachable, 3},
		{"an error", []Verdict{Pass, Error, Inconclusive}, nil, OutcomeUnreachable, 3},
		{"too slow to tell", []Verdict{Pass, Inconclusive}, nil, OutcomeInconclusive, 4},
		{"a warning", []Verdict{Pass, Warn}, nil, OutcomePass, 0},
		{"a failure that was expected", []Verdict{ExpectedFailure}, nil, OutcomePass, 0},
		{"an unexpected pass", []Verdict{Pass, UnexpectedPass, Error}, nil, OutcomeFail, 1},
		{"nothing could be run", []Verdict{NotSupported, Skipped}, nil, OutcomeInconclusive, 2},
	}
	impaired := &Conformance{Counts: map[Verdict]int{Inconclusive: 1}, Impairment: &Impairment{}}
	if impaired.Judge(nil, ""); !strings.Contains(impaired.Reason, "the impaired path lost") {
		t.Errorf("over an impaired path the reason is %q", impaired.Reason)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &Conformance{}
			for _, verdict := range test.verdicts {
				c.Results = append(c.Results, Result{Verdict: verdict})
			}
			c.Counts = CountVerdicts(c.Results)
			c.Judge(test.err, "")
			if c.Outcome != test.outcome || c.ExitCode != test.exit || c.Reason == "" {
				t.Errorf("got %s, exit %d, %q", c.Outcome, c.ExitCode, c.Reason)
			}
		})
	}
}

// TestJudgeProblems checks that a list of expected failures that is out of date
// fails a run in which every case passed, and that a lost target weighs more.
func TestJudgeProblems(t *testing.T) {
	c := &Conformance{Results: []Result{{Verdict: Pass}}, Problems: []string{"line 1: expired"}}
	c.Counts = CountVerdicts(c.Results)
	if c.Judge(nil, ""); c.ExitCode != 1 || c.Reason != "the list of expected failures is out of date" {
		t.Errorf("exit %d, %q", c.ExitCode, c.Reason)
	}
	if c.Judge(errors.New("the target went away"), ""); c.ExitCode != 3 {
		t.Errorf("exit %d, %q", c.ExitCode, c.Reason)
	}
}

// TestJudgeRounds checks that the sentence counts runs, of which a repeated case
// has several.
func TestJudgeRounds(t *testing.T) {
	c := &Conformance{Rounds: 2, Results: []Result{{Verdict: Pass}, {Verdict: Fail}}}
	c.Counts = CountVerdicts(c.Results)
	if c.Judge(nil, ""); c.ExitCode != 1 || c.Reason != "1 of 2 runs of cases failed" {
		t.Errorf("exit %d, %q", c.ExitCode, c.Reason)
	}
}

// What this machine did not give is not a failure of the target, which was not checked.
func TestJudgeLocalCause(t *testing.T) {
	c := &Conformance{Results: []Result{{Verdict: Fail}}}
	c.Counts = CountVerdicts(c.Results)
	c.Judge(errors.New("dial: too many open files"), "too few files")
	if c.Outcome != OutcomeInconclusive || c.ExitCode != 4 || c.Reason != "too few files" {
		t.Errorf("%s, exit %d, %q", c.Outcome, c.ExitCode, c.Reason)
	}
}

// A reason is clipped, whatever a target sent.
func TestConcludeClips(t *testing.T) {
	var h Header
	h.Conclude(OutcomeUnreachable, strings.Repeat("用", 1<<20))
	if len(h.Reason) > 4*maxEvidence || !strings.HasSuffix(h.Reason, "(cut; it had 3145728 bytes)") {
		t.Errorf("%d bytes, the end is %.60q", len(h.Reason), h.Reason[len(h.Reason)-60:])
	}
	if short := strings.Repeat("é", maxEvidence); ClipEvidence(short) != short {
		t.Error("a text of the most characters is cut")
	}
}
