package loadgen

import (
	"fmt"
	"time"

	"imcheck/reports"
)

// result is what the outcome of a run depends on.
type result struct {
	ending    ending
	sessions  sessions
	messages  []reports.Ledger
	generator reports.Generator
	notOnline int64 // sends of the steady part that were due while their client was not logged in
	divided   bool  // among shards: what became of messages to clients shows in all of them together only
}

// outcome judges a run, and says why in one sentence. What the generator could
// not do comes before what the target did not do: a target must not be blamed
// for it.
func (r *result) outcome() (reports.Outcome, string) {
	switch {
	case r.ending.how == interrupted:
		return reports.OutcomeUnreachable, "interrupted after " + seconds(r.ending.at)
	case r.sessions.loggedIn+r.sessions.dismissed == 0:
		return reports.OutcomeUnreachable, "no client could log in" + r.firstLoss()
	case r.sessions.loggedIn == 0:
		return reports.OutcomeFail, "every login was refused" + r.firstLoss()
	case r.gone():
		return reports.OutcomeUnreachable, fmt.Sprintf("the target went away: nobody was online any more after %s", seconds(r.ending.at)) + r.firstLoss()
	case r.generator.Bottleneck:
		return reports.OutcomeInconclusive, "the figures describe the load generator, not the target: use fewer clients, a lower --rate or a faster machine"
	case r.sessions.total() > 0:
		return reports.OutcomeFail, counted(r.sessions.total(), "session was lost", "sessions were lost") + r.firstLoss()
	}
	if reason := r.missing(); reason != "" {
		return reports.OutcomeFail, reason
	}
	if r.notOnline > 0 {
		return reports.OutcomeInconclusive, counted(r.notOnline, "send was", "sends were") +
			" due before the client was logged in, so the load was less than asked for: use a longer --warmup"
	}
	return reports.OutcomePass, "no session and no message was lost"
}

// gone reports whether the target went away: all sessions were lost, and none
// came back. A target that sent its clients away is still there.
func (r *result) gone() bool {
	return r.sessions.atEnd == 0 && r.sessions.total() > r.sessions.dismissed
}

// missing says which messages did not make it, "" when all did.
func (r *result) missing() string {
	for _, m := range r.messages {
		switch {
		case m.Lost > 0:
			return counted(m.Lost, m.Kind+" message was lost", m.Kind+" messages were lost") + ": sent three times and not acknowledged"
		case m.Pending > 0:
			return counted(m.Pending, m.Kind+" message was", m.Kind+" messages were") + " still not acknowledged when the run ended"
		case undelivered(m) > 0 && !r.divided:
			return counted(undelivered(m), m.Kind+" message was", m.Kind+" messages were") + " acknowledged and did not arrive"
		}
	}
	return ""
}

// firstLoss adds to a reason what happened first.
func (r *result) firstLoss() string {
	if r.sessions.first == nil {
		return ""
	}
	return "; first " + r.sessions.first.String()
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
