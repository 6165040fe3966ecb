package checks

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// OfLoad returns a check for each threshold, for the account of each kind of message, for
// the sessions, and for the generator itself. What is bad is a failure of the target only
// when the run failed: in one that is inconclusive the generator may be the reason, and
// in one whose target was not reached, or that was interrupted, its end.
func OfLoad(l *reports.Load) Run {
	run := Run{Header: l.Header}
	run.Kind = reports.KindLoad
	for _, t := range l.Thresholds {
		run.addLoad(l, ofThreshold(l, t))
	}
	for _, m := range l.Messages {
		if m != (reports.Ledger{Kind: m.Kind}) {
			run.addLoad(l, ofLedger(l, m))
		}
	}
	run.addLoad(l, ofSessions(l))
	if l.Recovery != nil {
		run.addLoad(l, ofRecovery(l))
	}
	if blocked := l.Generator.BlockedArrivals - l.AwayOrNone().Blocked; blocked > 0 || l.InFlight > 0 {
		check := Check{Name: "sends", Status: Passed}
		if blocked > 0 {
			check.Status, check.Message = badIn(l), words.Counted(blocked, "send", "sends")+" could not be started, as ACKs of earlier ones did not come"
		}
		run.addLoad(l, check)
	}
	run.addLoad(l, ofGenerator(l))
	run.AddRun()
	return run
}

// addLoad adds a check of a load, which is made at its end and takes no time.
func (r *Run) addLoad(l *reports.Load, c Check) {
	c.Group, c.StartedMs = r.Kind, float64(l.DurationMs)
	if c.Verdict == "" {
		c.Verdict = map[Status]string{Passed: "pass", Failed: "fail", Broken: "error", Unjudged: VerdictInconclusive}[c.Status]
	}
	if excused := c.Status == Broken || c.Status == Unjudged; excused && l.Outcome != reports.OutcomePass && l.Outcome != reports.OutcomeFail && c.Message != l.Reason {
		c.Message += fmt.Sprintf(" (the run is %s: %s)", l.Outcome, l.Reason)
	}
	r.Add(c)
}

// badIn returns the status of something bad in a load.
func badIn(l *reports.Load) Status {
	switch l.Outcome {
	case reports.OutcomeInconclusive:
		return Unjudged
	case reports.OutcomeUnreachable:
		return Broken
	}
	return Failed
}

func ofThreshold(l *reports.Load, t reports.Threshold) Check {
	check := Check{Name: "threshold " + t.Expression, Status: Passed}
	measured := content.ThresholdActual(t) + content.EndedRun(t)
	switch {
	case t.Unknown:
		check.Status, check.Message = Unjudged, "not known to hold: "+measured
	case !t.Held:
		check.Status, check.Message = badIn(l), "crossed: "+measured
	default:
		check.Message = "held: " + measured
	}
	return check
}

// ofLedger checks what became of the messages of one kind. Figures that do not add up
// cannot be relied on, whichever of them is bad.
func ofLedger(l *reports.Load, m reports.Ledger) Check {
	check := Check{Name: "ledger " + string(m.Kind), Status: Passed}
	faults, off := content.LedgerFaults(l, m), content.Imbalances(l, m)
	switch {
	case len(faults) > 0:
		check.Status, check.Message = badIn(l), strings.Join(append(faults, off...), "; ")
	case len(off) > 0:
		check.Status, check.Message = Unjudged, strings.Join(off, "; ")
	}
	for _, b := range content.Balances(l, m) {
		check.Detail += balanceWords(b) + "\n"
	}
	for _, gap := range l.Gaps {
		if gap.Kind == m.Kind {
			check.Detail += fmt.Sprintf("%s from %s to %s: %s\n", gap.Fingerprint, gap.From, gap.To, gap.What)
		}
	}
	return check
}

// balanceWords returns text such as "sent 10 = acknowledged 8 + lost 1 + pending 1".
func balanceWords(b content.Balance) string {
	parts := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		parts[i] = strings.ToLower(p.Name) + " " + words.Grouped(p.Count)
	}
	sign := " = "
	if b.Sum != b.Sent {
		sign = " ≠ "
	}
	return "sent " + words.Grouped(b.Sent) + sign + strings.Join(parts, " + ")
}

func ofSessions(l *reports.Load) Check {
	check := Check{Name: "sessions", Status: Passed, Detail: content.SessionWords(l.Sessions) + "\n"}
	if l.Sessions.LoggedIn == 0 {
		check.Status, check.Message = badIn(l), l.Reason
	}
	if lost := content.LostWords(l.Sessions); lost != "" {
		check.Status, check.Message = badIn(l), lost
	}
	causes, _ := content.LostByCause(l.Sessions)
	for _, c := range causes {
		check.Detail += fmt.Sprintf("%s lost: %s\n", words.Grouped(c.Count), c.Cause)
	}
	if outages := content.OutageWords(l.Sessions); outages != "" {
		check.Detail += outages + "\n"
	}
	return check
}

func ofRecovery(l *reports.Load) Check {
	check := Check{Name: "recovery", Status: Passed, Message: content.RecoveryWords(l.Recovery)}
	if faults := content.RecoveryFaults(l.Recovery); len(faults) > 0 {
		check.Status, check.Detail = badIn(l), strings.Join(faults, "\n")+"\n"
	}
	return check
}

// ofGenerator checks whether the figures describe the target at all.
func ofGenerator(l *reports.Load) Check {
	g, away := l.Generator, l.AwayOrNone()
	check := Check{Name: "generator", Status: Passed, Detail: content.GeneratorWords(g) + "\n"}
	switch {
	case g.Bottleneck:
		check.Message = content.BottleneckSummary(g)
	case g.PausedMs > 0:
		check.Message = "this process was stopped for up to " + words.RunTime(g.PausedMs)
	case g.OfflineArrivals-away.Offline > 0:
		check.Message = words.Counted(g.OfflineArrivals-away.Offline, "send was", "sends were") + " due while the client was not logged in, and left out"
	default:
		return check
	}
	check.Status = Unjudged
	return check
}
