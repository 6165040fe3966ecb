package swarm

import (
	"errors"
	"fmt"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// sessionBooks enters what becomes of the sessions of one worker's clients.
type sessionBooks struct {
	run    *run
	roster *roster
	books  *books.Worker
	outage *outageBooks // nil without one
	path   *pathBooks

	trouble map[plan.Slot]error // the latest of a connection, until the first login
	dropped map[plan.Slot]bool  // clients from whom the scenario has taken a connection
}

// countOnline notes that a client came or went.
func (b *sessionBooks) countOnline(m *member) {
	is := m.rules.Online()
	switch {
	case is && !m.online:
		b.run.online.Add()
	case !is && m.online:
		b.run.online.Remove()
	}
	m.online = is
	m.served = m.served || is
}

// loggedIn counts a login. Only the first one of a client has a time at which
// it was due, and one by which it comes back with a stage.
func (b *sessionBooks) loggedIn(m *member, now time.Duration) {
	m.heartbeat.begin(now)
	b.outage.loggedIn(m, now)
	b.path.loggedIn(m, now)
	b.books.Sessions.LoggedIn++
	b.books.Nodes.LogIn(m.transport, m.node)
	b.books.Activity.LoggedIn.Add(1)
	b.books.Activity.LastLogin.Store(int64(now))
	due, wanted := b.roster.loginDue(m)
	if !m.served {
		delete(b.trouble, b.run.slotOf(m.index))
	}
	if wanted {
		sinceDue := now - due
		b.stage(due).Record(books.Login, sinceDue)
		b.books.Latencies.Record(books.Login, m.transport, sinceDue, now-m.dialBegan)
		b.books.Nodes.Record(books.Login, m.transport, m.node, sinceDue)
	}
}

// stage returns the books of the stage in which something happens, or was due.
func (b *sessionBooks) stage(at time.Duration) *books.Stage {
	return b.books.Stages.At(&b.run.Schedule, at)
}

// alive counts an answer to a heartbeat.
func (b *sessionBooks) alive(m *member, e *client.Effect) {
	if b.run.Schedule.Counts(m.latest-e.TookSinceDue) && !b.run.Outage.Meets(m.latest-e.TookSinceDue, m.latest) {
		b.books.Latencies.Record(books.Heartbeat, m.transport, e.TookSinceDue, e.Took)
		b.stage(m.latest-e.TookSinceDue).Record(books.Heartbeat, e.TookSinceDue)
	}
}

// ended counts the end of a session, or the refusal of one.
func (b *sessionBooks) ended(m *member, event eventContext, e *client.Effect) {
	switch e.Kind {
	case client.LinkClosed:
		if !event.ours && !b.outage.explains(m, event, e) {
			b.lost(m, event, b.unlessPaused(m, event, b.linkClosedCause(m, event)))
		}
	case client.KickedOut:
		if e.Code == wire.KickDuplicateLogin && b.path.loggedInTwice(m, event.now) {
			b.lost(m, event, reports.CauseImpaired)
			return
		}
		b.books.Sessions.Dismissed++
		cause := fmt.Sprintf(kickedOutForCode, e.Code)
		if e.Code == wire.KickDuplicateLogin && b.dropped[b.run.slotOf(m.index)] {
			cause = causeSelfKicked
		}
		b.lost(m, event, cause)
	case client.Refused:
		b.books.Sessions.Dismissed++
		b.lost(m, event, fmt.Sprintf(refusedWithCode, e.Code))
	case client.Failed:
		switch {
		case e.Code == wire.CodeServerNotLoggedIn && m.online && b.outage.explains(m, event, e):
		case e.Code == wire.CodeServerNotLoggedIn && m.online:
			b.lost(m, event, b.unlessPaused(m, event, b.expired(m, event, unknownCause(m.transport))))
		default:
			b.books.Activity.Fail(books.ErrorResponse)
			b.stage(event.now).Err()
		}
	}
}

func (b *sessionBooks) lost(m *member, event eventContext, cause string) {
	if cause == reports.CauseImpaired {
		b.path.lose(m)
	} else {
		b.stage(event.now).LoseSession()
	}
	b.books.Activity.Lose(cause)
	b.books.Sessions.Lose(books.Loss{At: event.now, User: m.rules.User(), On: m.transport, Cause: cause, Detail: event.cause})
}

// disconnected remembers why a connection of a client that has never been online
// ended or did not come about. Where that costs a session, the loss is counted on
// its own.
func (b *sessionBooks) disconnected(m *member, event eventContext) {
	if !m.served {
		b.trouble[b.run.slotOf(m.index)] = event.cause
	}
	if !m.online && !b.run.Outage.During(event.now) {
		b.books.Activity.Fail(books.ConnectionFailed)
		b.stage(event.now).Err()
	}
}

// unserved counts, at the end, a client that never got in. queued is whether its
// connection waited for its turn.
func (b *sessionBooks) unserved(m *member, now time.Duration, queued bool) {
	cause, detail := b.unservedCause(m, now, queued)
	b.lost(m, eventContext{now: now, cause: detail}, cause)
}

// unservedCause returns the cause for which a client never got in. An attempt that failed
// says more than that the next one waits.
func (b *sessionBooks) unservedCause(m *member, now time.Duration, queued bool) (cause string, detail error) {
	detail = b.trouble[b.run.slotOf(m.index)]
	switch {
	case m.connected && b.path.unanswered(m, now, now-m.dialBegan):
		return reports.CauseImpaired, detail
	case m.connected:
		return causeNoResponse, detail
	case detail != nil:
		return causeNoConnect, detail
	case queued:
		return books.CauseQueued, nil
	}
	return causeNoConnect, errUnderWay
}

// errUnderWay is the detail of a connection whose first attempt had no outcome yet.
var errUnderWay = errors.New("its handshake was under way when the run ended")
