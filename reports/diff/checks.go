package diff

import (
	"cmp"
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Checks returns a check for each case whose verdict differs, one for all that kept theirs,
// and one for each measured time, each count and percentile, and the outcome of a load. A regression
// has failed.
func (d *Diff) Checks() checks.Run {
	run := checks.Run{Header: reports.Header{
		Kind: Kind, Tool: d.Tool, Command: d.Command, Started: d.New.Started, Target: d.New.Target,
		Outcome: d.Outcome, Reason: d.Reason, ExitCode: d.ExitCode,
	}}
	add := func(c checks.Check) {
		c.Group = Kind
		run.Add(c)
	}
	if c := d.Conformance; c != nil {
		for _, change := range c.Changes {
			add(checkOfChange(change))
		}
		if c.Same > 0 {
			add(checks.Check{Name: "cases with the same verdict", Status: checks.Passed, Verdict: string(reports.Pass), Message: words.Grouped(int64(c.Same))})
		}
		for _, drift := range c.Drifts {
			add(checkOfDrift(drift))
		}
	}
	if l := d.Load; l != nil {
		add(checkOfOutcome(l))
		for _, row := range l.Counts {
			add(checks.Check{Name: row.name(), Status: statusOf(row.Judgement), Verdict: string(row.Judgement), Message: row.change()})
		}
		for _, row := range l.Trends {
			add(checks.Check{Name: row.name(), Status: statusOf(row.Judgement), Verdict: string(row.Judgement), Message: row.change()})
		}
		for _, row := range l.Uses {
			add(checks.Check{Name: row.name(), Status: statusOf(row.Judgement), Verdict: string(row.Judgement), Message: row.change()})
		}
		for _, row := range l.Latencies {
			add(checkOfLatency(row))
		}
	}
	if c := d.Capacity; c != nil {
		add(checks.Check{Name: "capacity", Status: statusOf(c.Judgement), Verdict: string(c.Judgement), Message: c.change() + ": " + c.Reason})
	}
	run.AddRun()
	return run
}

// checkOfChange has failed for a regression, is skipped when the case has not run, and is
// unjudged when the new verdict says nothing that could be compared.
func checkOfChange(c CaseChange) checks.Check {
	joined := JoinedChange{c, []string{c.Transport}}
	check := checks.Check{Name: joined.Name(), Status: checks.Unjudged, Verdict: string(c.Change), Message: joined.worse()}
	switch {
	case c.Regression:
		check.Status = checks.Failed
	case c.Change == ChangeVanished:
		check.Status = checks.Skipped
	case c.Change == ChangeFixed, isGood(c.New):
		check.Status = checks.Passed
	case c.New == reports.Inconclusive:
		check.Verdict = checks.VerdictInconclusive
	}
	return check
}

func checkOfDrift(t TimingDrift) checks.Check {
	return checks.Check{
		Name:    fmt.Sprintf("%s of %s [%s]", t.Name, t.Case, content.Where(t.Transport, t.SenseMode)),
		Status:  statusOf(t.Judgement),
		Verdict: string(t.Judgement),
		Message: fmt.Sprintf("%s, was %s: drift %s", words.Milliseconds(t.NewMs), words.Milliseconds(t.OldMs), words.Signed(t.DriftMs)),
	}
}

// checkOfOutcome has failed when the load passed and does not any more. An outcome that
// says nothing about the target cannot be compared.
func checkOfOutcome(l *Load) checks.Check {
	check := checks.Check{Name: "outcome of the load", Status: checks.Passed, Verdict: string(Held), Message: fmt.Sprintf("%s, was %s", l.NewOutcome, l.OldOutcome)}
	switch {
	case l.OutcomeRegress:
		check.Status, check.Verdict = checks.Failed, string(Regressed)
	case l.NewOutcome == reports.OutcomeInconclusive:
		check.Status, check.Verdict = checks.Unjudged, checks.VerdictInconclusive
	}
	return check
}

func checkOfLatency(row Latency) checks.Check {
	check := checks.Check{
		Name:    fmt.Sprintf("%s p%s [%s]", content.KindWords(row.Kind), words.Trimmed(row.Percentile), row.Transport),
		Status:  statusOf(row.Judgement),
		Verdict: string(row.Judgement),
	}
	if row.Judgement == NotCompared {
		check.Message = "one of the runs has no values"
		return check
	}
	check.Message = fmt.Sprintf("%s, was %s (%+.1f %%)", words.Microseconds(row.NewUs), words.Microseconds(row.OldUs), row.ChangePercent)
	if why := cmp.Or(row.Unclear, row.NoiseUnjudged); why != "" {
		check.Message = strings.Join([]string{check.Message, why}, ": ")
	}
	return check
}

// statusOf returns the status of a comparison of two figures.
func statusOf(j Judgement) checks.Status {
	switch j {
	case Regressed:
		return checks.Failed
	case Inconclusive:
		return checks.Unjudged
	case NotCompared:
		return checks.Skipped
	}
	return checks.Passed
}
