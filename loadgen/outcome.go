package loadgen

import (
	"fmt"
	"time"

	"imcheck/harness/bounds"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// result is what the outcome of a run depends on.
type result struct {
	ending      ending
	sessions    sessions
	messages    []reports.Ledger
	thresholds  []reports.Threshold
	recovery    *reports.Recovery
	pushTrouble *error // of the first push that was refused; nil for none
	generator   reports.Generator
	lastLogin   time.Duration
	unasked     int64 // messages that nobody asked for
	blocked     int64 // sends that waited for ACKs of earlier ones until they were given up
	notOnline   int64 // sends of the steady part that were due while their client was not logged in
	divided     bool  // among shards: what became of messages to clients shows in all of them together only
}

// outcome judges a run, and says why in one sentence. What the generator could
// not do comes before what the target did not do: a target must not be blamed
// for it.
func (r *result) outcome() (reports.Outcome, string) {
	switch {
	case r.ending.how == interrupted:
		return reports.OutcomeUnreachable, "interrupted after " + seconds(r.ending.at)
	case r.sessions.loggedIn+r.sessions.dismissed == 0 && r.generator.PausedMs == 0:
		return reports.OutcomeUnreachable, "no client could log in" + r.firstLoss()
	case r.sessions.loggedIn == 0 && r.generator.PausedMs == 0:
		return reports.OutcomeFail, "every login was refused" + r.firstLoss()
	case r.sessions.lost[causeUnasked] > 0:
		return reports.OutcomeFail, "the target sent " + counted(r.unasked, "message", "messages") + " that nobody asked for, and " +
			counted(r.sessions.lost[causeUnasked], "session was", "sessions were") + " ended for it" + r.firstLoss()
	case r.generator.PausedMs > 0:
		return reports.OutcomeInconclusive, "sessions expire, and what comes is noticed late, while this process is stopped: run it again without a pause"
	case r.gone():
		return reports.OutcomeUnreachable, "the target went away: nobody was online any more after " + seconds(r.goneSince()) + r.firstLoss()
	case r.generator.Bottleneck:
		return reports.OutcomeInconclusive, "the figures describe the load generator, not the target: use fewer clients, a lower --rate or a faster machine" + r.burden()
	case r.crossed() != "":
		return reports.OutcomeFail, r.crossed()
	}
	return r.accounts()
}

// burden says what the target gave the generator to do besides, "" for nothing much.
func (r *result) burden() string {
	if r.unasked <= bounds.UnaskedBurst {
		return ""
	}
	return fmt.Sprintf("; the target sent %d messages that nobody asked for", r.unasked)
}

// accounts judges what became of sessions and messages, whatever thresholds say.
func (r *result) accounts() (reports.Outcome, string) {
	if queued := r.sessions.lost[causeQueued]; queued > 0 && queued == r.sessions.total() {
		return reports.OutcomeInconclusive, counted(queued, "client was", "clients were") + fmt.Sprintf(
			" never tried, as %d handshakes of a transport are under way at once and earlier ones took long: use a longer --ramp or --duration", bounds.DialsAtOnce)
	}
	if r.sessions.total() > 0 {
		return reports.OutcomeFail, counted(r.sessions.total(), "session was lost", "sessions were lost") + r.outages() + r.firstLoss()
	}
	if reason := r.missing(); reason != "" {
		return reports.OutcomeFail, reason
	}
	if r.blocked > 0 {
		return reports.OutcomeFail, counted(r.blocked, "send", "sends") + " could not be started, as ACKs of earlier ones did not come"
	}
	if kind, off := r.unbalanced(); off > 0 {
		return reports.OutcomeInconclusive, fmt.Sprintf("the ledger of %s does not balance, by %d: its figures cannot be relied on", kind, off)
	}
	if r.notOnline > 0 {
		return reports.OutcomeInconclusive, counted(r.notOnline, "send was", "sends were") +
			" due before the client was logged in, so the load was less than asked for: use a longer --warmup"
	}
	return reports.OutcomePass, "no session and no message was lost"
}

// gone reports whether the target went away: all sessions were lost, and none
// came back. A target that sent its clients away, or still lets them in, is there.
func (r *result) gone() bool {
	return r.sessions.atEnd == 0 && r.sessions.total() > r.sessions.dismissed && r.lastLogin <= r.goneSince()
}

// goneSince is from when on nobody was online any more.
func (r *result) goneSince() time.Duration {
	if last := len(r.ending.outages) - 1; last >= 0 {
		return time.Duration(r.ending.outages[last].FromMs) * time.Millisecond
	}
	return r.ending.at
}

// outages says when nobody was online.
func (r *result) outages() string {
	if len(r.ending.outages) == 0 {
		return ""
	}
	first := r.ending.outages[0]
	text := fmt.Sprintf("; nobody was online from %.1f s to %.1f s", float64(first.FromMs)/1000, float64(first.ToMs)/1000)
	if more := len(r.ending.outages) - 1; more > 0 {
		text += fmt.Sprintf(" and %d times more", more)
	}
	return text
}

// missing says which messages did not make it, "" when all did.
func (r *result) missing() string {
	for _, m := range r.messages {
		switch {
		case m.Lost > 0 && m.Kind == plan.FromServer.String():
			return counted(m.Lost, "push was", "pushes were") + " not accepted by the control API" + r.firstRefusal()
		case m.Lost > 0 && m.Kind == plan.Echoed.String():
			return counted(m.Lost, "echo was", "echoes were") + fmt.Sprintf(" not answered within %v", echoPatience)
		case m.Lost > 0:
			return counted(m.Lost, m.Kind+" message was lost", m.Kind+" messages were lost") + ": sent three times and not acknowledged"
		case m.Pending > 0:
			return counted(m.Pending, m.Kind+" message was", m.Kind+" messages were") + " still not acknowledged when the run ended"
		case m.Missing > 0 && !r.divided:
			return counted(m.Missing, m.Kind+" message was", m.Kind+" messages were") + " acknowledged and did not arrive"
		case m.Stray > 0:
			return counted(m.Stray, m.Kind+" copy", m.Kind+" copies") + " arrived of messages that nobody sent"
		case m.TooLate > 0:
			return counted(m.TooLate, m.Kind+" message", m.Kind+" messages") + fmt.Sprintf(" arrived more than %v after they were sent", lossAge)
		}
	}
	if r.recovery != nil && r.recovery.Returned < r.recovery.Dropped {
		return fmt.Sprintf("%d of the %d clients that were dropped did not log in again", r.recovery.Dropped-r.recovery.Returned, r.recovery.Dropped)
	}
	return ""
}

func (r *result) firstRefusal() string {
	if r.pushTrouble == nil {
		return ""
	}
	return "; first " + (*r.pushTrouble).Error()
}

// crossed says which thresholds did not hold, "" when all did.
func (r *result) crossed() string {
	text := reports.CrossedThresholds(r.thresholds)
	if text != "" && r.ending.how == aborted {
		text = "ended after " + seconds(r.ending.at) + ": " + text
	}
	return text
}

// unbalanced is the first account that the windows contradict.
func (r *result) unbalanced() (kind string, off int64) {
	for _, m := range r.messages {
		if m.Unbalanced > 0 {
			return m.Kind, m.Unbalanced
		}
	}
	return "", 0
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
