package verdict

import (
	"fmt"
	"time"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Run is a load generator's knowledge of its own run besides the report. The zero value
// is that of a report that is judged afterwards.
type Run struct {
	Interrupted bool          // by the user, after At
	Aborted     bool          // by a threshold, after At
	At          time.Duration // since the start; of other runs when nothing was under way any more
	Dismissed   int64         // sessions that the server refused or kicked out, in so many words
	FirstLoss   string        // detail of the first session that was lost; "" without any
	Unexpected  int64         // messages that nobody asked for
	FirstPush   error         // the first push that was refused; nil for none
}

// Of judges a load, and says why in one sentence. What the generator could not do comes
// before what the target did not do: a target must not be blamed for it.
func Of(l *reports.Load, run Run) (reports.Outcome, string) {
	j := judge{l, run}
	s, g := l.Sessions, l.Generator
	switch unexpected := s.LostByCause[reports.CauseUnexpected]; {
	case l.Unfinished != nil:
		return reports.OutcomeInconclusive, j.soFar()
	case run.Interrupted:
		return reports.OutcomeUnreachable, "interrupted after " + seconds(run.At)
	case s.LoggedIn+run.Dismissed == 0 && lost(l) == 0 && s.LostByCause[reports.CauseImpaired] > 0:
		return reports.OutcomeInconclusive, "no client could log in, as this run dropped or held back what that takes: impair the path less"
	case s.LoggedIn+run.Dismissed == 0 && g.PausedMs == 0:
		return reports.OutcomeUnreachable, "no client could log in" + j.firstLoss()
	case s.LoggedIn == 0 && g.PausedMs == 0:
		return reports.OutcomeUnreachable, j.refused()
	case unexpected > 0:
		return reports.OutcomeFail, "the target sent " + counted(run.Unexpected, "message", "messages") + " that nobody asked for, and " +
			counted(unexpected, "session was", "sessions were") + " ended for it" + j.firstLoss()
	case g.PausedMs > 0:
		return reports.OutcomeInconclusive, "sessions expire, and what comes is noticed late, while this process is stopped: run it again without a pause"
	case j.gone():
		return reports.OutcomeUnreachable, "the target went away: nobody was online any more after " + seconds(j.goneSince()) + j.firstLoss()
	case g.Bottleneck:
		return reports.OutcomeInconclusive, "the figures describe the load generator, not the target: use fewer clients, a lower --rate, or a machine that is faster or less busy" + j.burden()
	case j.crossed() != "":
		return reports.OutcomeFail, j.crossed()
	}
	outcome, reason := j.accounts()
	if undetermined := UndeterminedThresholds(l.Thresholds); outcome == reports.OutcomePass && undetermined != "" {
		return reports.OutcomeInconclusive, undetermined
	}
	return outcome, reason
}

// soFar says of a run that had not ended what it had come to. Messages may have been under way.
func (j judge) soFar() string {
	l := j.load
	text := fmt.Sprintf("the run had not ended when this was written, %s of %s after its start; until then ",
		words.RunTime(l.DurationMs), words.RunTime(l.Unfinished.PlannedMs))
	var given int64
	for _, m := range l.Messages {
		given += m.Lost
	}
	switch crossed := CrossedThresholds(l.Thresholds); {
	case crossed != "":
		return text + crossed
	case lost(l) > 0:
		return text + counted(lost(l), "session was lost", "sessions were lost")
	case given > 0:
		return text + counted(given, "message was lost", "messages were lost")
	}
	return text + "no session and no message was lost"
}

// Apart returns what the load of a report came to when its thresholds are left aside.
// One that a threshold has ended was shorter than asked for, and stays what it came to;
// so does one with a flood, which comes before thresholds.
func Apart(l *reports.Load) (reports.Outcome, string) {
	stays := l.Sessions.LostByCause[reports.CauseUnexpected] > 0
	for _, t := range l.Thresholds {
		stays = stays || t.EndedRun
	}
	if l.Outcome != reports.OutcomeFail || l.Sessions.LoggedIn == 0 || stays || CrossedThresholds(l.Thresholds) == "" {
		return l.Outcome, l.Reason
	}
	return judge{load: l}.accounts()
}

// judge is a load that is judged.
type judge struct {
	load *reports.Load
	run  Run
}

// burdenFrom is from how many unexpected messages on they are a burden to the generator:
// those that a connection may be sent at once.
const burdenFrom = 8192

// burden describes the extra work that the target gave the generator, "" for nothing much.
func (j judge) burden() string {
	if j.run.Unexpected <= burdenFrom {
		return ""
	}
	return fmt.Sprintf("; the target sent %d messages that nobody asked for", j.run.Unexpected)
}

// accounts judges what became of sessions and messages, whatever thresholds say.
func (j judge) accounts() (reports.Outcome, string) {
	l, lost := j.load, lost(j.load)
	if queued := l.Sessions.LostByCause[reports.CauseQueued]; queued > 0 && queued == lost {
		return reports.OutcomeInconclusive, counted(queued, "client was", "clients were") + fmt.Sprintf(
			" never tried, as %d handshakes of a transport are under way at once and earlier ones took long: use a longer --ramp or --duration", reports.HandshakesAtOnce)
	}
	if lost > 0 {
		return reports.OutcomeFail, counted(lost, "session was lost", "sessions were lost") + j.outages() + j.firstLoss()
	}
	if reason := j.missing(); reason != "" {
		return reports.OutcomeFail, reason
	}
	away := l.AwayOrNone()
	if blocked := l.Generator.BlockedArrivals - away.Blocked; blocked > 0 {
		return reports.OutcomeFail, counted(blocked, "send", "sends") + " could not be started, as ACKs of earlier ones did not come"
	}
	for _, m := range l.Messages {
		if m.Unbalanced > 0 {
			return reports.OutcomeInconclusive, fmt.Sprintf("the ledger of %s does not balance, by %d: its figures cannot be relied on", m.Kind, m.Unbalanced)
		}
	}
	if offline := l.Generator.OfflineArrivals - away.Offline; offline > 0 {
		return reports.OutcomeInconclusive, counted(offline, "send was", "sends were") +
			" due before the client was logged in, so the load was less than asked for: use a longer --warmup"
	}
	return reports.OutcomePass, "no session and no message was lost" + impaired(l)
}

// impaired says what was lost by the run's own impairment of the path, "" for nothing.
func impaired(l *reports.Load) string {
	var messages int64
	for _, m := range l.Messages {
		messages += max(m.Impaired.Unacked, m.Impaired.Undelivered)
	}
	sessions := l.Sessions.LostByCause[reports.CauseImpaired]
	if messages+sessions == 0 {
		return ""
	}
	return ", but for " + counted(sessions, "session", "sessions") + " and " + counted(messages, "message", "messages") + " by our own impairment of the path"
}

// gone reports whether the target went away: all sessions were lost, and none
// came back. A target that sent its clients away, or still lets them in, is there.
func (j judge) gone() bool {
	return j.load.Sessions.AtEnd == 0 && lost(j.load) > j.run.Dismissed && lastLogin(j.load) <= j.goneSince()
}

// goneSince returns from when on nobody was online any more.
func (j judge) goneSince() time.Duration {
	outages := j.load.Sessions.Outages
	if last := len(outages) - 1; last >= 0 {
		return time.Duration(outages[last].FromMs) * time.Millisecond
	}
	return j.run.At
}

// outages lists the times without anybody online.
func (j judge) outages() string {
	outages := j.load.Sessions.Outages
	if len(outages) == 0 {
		return ""
	}
	first := outages[0]
	text := fmt.Sprintf("; nobody was online from %.1f s to %.1f s", float64(first.FromMs)/1000, float64(first.ToMs)/1000)
	if more := len(outages) - 1; more > 0 {
		text += fmt.Sprintf(" and %d times more", more)
	}
	return text
}

// missing lists the messages that did not make it, "" when all did.
func (j judge) missing() string {
	for _, m := range j.load.Messages {
		if reason := j.missingOf(j.load.Blamed(m)); reason != "" {
			return reason
		}
	}
	if faults := content.RecoveryFaults(j.load.Recovery); len(faults) > 0 {
		return faults[0]
	}
	return ""
}

func (j judge) missingOf(m reports.Ledger) string {
	kind := string(m.Kind)
	switch {
	case m.Lost > 0 && m.Kind == reports.MessagesS2C:
		return counted(m.Lost, "push was", "pushes were") + " not accepted by the control API" + j.firstRefusal()
	case m.Lost > 0 && m.Kind == reports.MessagesEcho:
		return counted(m.Lost, "echo was", "echoes were") + fmt.Sprintf(" not answered within %v", reports.EchoTimeout)
	case m.Lost > 0:
		return counted(m.Lost, kind+" message was lost", kind+" messages were lost") + ": sent three times and not acknowledged"
	case m.Pending > 0:
		return counted(m.Pending, kind+" message was", kind+" messages were") + " still not acknowledged when the run ended"
	case m.Missing > 0 && j.load.Shard.Of <= 1: // else it may have arrived in another shard
		return counted(m.Missing, kind+" message was", kind+" messages were") + " acknowledged and did not arrive"
	case m.Unexpected > 0:
		return counted(m.Unexpected, kind+" copy", kind+" copies") + " arrived of messages that nobody sent"
	case m.TooLate > 0:
		return counted(m.TooLate, kind+" message", kind+" messages") + fmt.Sprintf(" arrived more than %v after they were sent", reports.TooLateAfter)
	}
	return ""
}

func (j judge) firstRefusal() string {
	if j.run.FirstPush == nil {
		return ""
	}
	return "; first " + j.run.FirstPush.Error()
}

// crossed lists the thresholds that did not hold, "" when all did.
func (j judge) crossed() string {
	text := CrossedThresholds(j.load.Thresholds)
	if text != "" && j.run.Aborted {
		text = "ended after " + seconds(j.run.At) + ": " + text
	}
	return text
}

// firstLoss adds to a reason what happened first.
func (j judge) firstLoss() string {
	if j.run.FirstLoss == "" {
		return ""
	}
	return "; first " + j.run.FirstLoss
}
