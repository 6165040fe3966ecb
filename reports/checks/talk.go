package checks

import (
	"fmt"

	"imcheck/reports"
)

// OfTalk returns a check for the messages of each client.
func OfTalk(t *reports.Talk) Run {
	run := Run{Header: t.Header}
	run.Kind = reports.KindTalk
	for i, w := range t.Ways {
		l := w.TalkLedger
		c := Check{
			Name: fmt.Sprintf("messages of client %d", i+1), Group: run.Kind, Status: Passed, Verdict: "pass", DurationMs: float64(t.DurationMs),
			Message: fmt.Sprintf("%d sent, %d shown and acknowledged, %d missing, %d shown twice, %d strange", l.Sent, l.Delivered, l.Missing, l.ShownTwice, l.Strange),
		}
		switch {
		case !l.Balances() && t.Outcome == reports.OutcomeFail:
			c.Status, c.Verdict = Failed, "fail"
		case t.Outcome == reports.OutcomeUnreachable:
			c.Status, c.Verdict = Broken, "error"
		}
		run.Add(c)
	}
	run.AddRun()
	return run
}
