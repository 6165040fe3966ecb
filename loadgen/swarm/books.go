package swarm

import (
	"errors"
	"fmt"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// note enters what the rules tell.
func (w *worker) note(m *member, event eventContext, e *client.Effect) {
	switch e.Kind {
	case client.LoggedIn:
		w.noteLogin(m, event)
	case client.Alive:
		if w.swarm.Schedule.Counts(m.latest - e.TookSinceDue) {
			w.books.Latencies.Record(books.Heartbeat, m.transport, e.TookSinceDue, e.Took)
		}
	case client.Received:
		w.unacked--
		w.noteReceived(m, event, e.Message)
	case client.Delivered:
		w.noteDelivered(m, event, e.Message)
	case client.Duplicate:
		w.noteDuplicate(m, e.Message)
	case client.Lost:
		w.unacked--
		w.noteLost(m, e.Message)
	case client.LinkClosed:
		if event.ours {
			return
		}
		w.noteLoss(m, event, w.unlessPaused(m, event, w.linkClosedCause(m, event)))
	case client.KickedOut:
		w.books.Sessions.Dismissed++
		w.noteLoss(m, event, fmt.Sprintf(kickedOutForCode, e.Code))
	case client.Refused:
		w.books.Sessions.Dismissed++
		w.noteLoss(m, event, fmt.Sprintf(refusedWithCode, e.Code))
	case client.Failed:
		if e.Code == wire.CodeServerNotLoggedIn && m.online {
			w.noteLoss(m, event, w.unlessPaused(m, event, w.expired(m, event, causeExpired)))
		} else {
			w.books.Activity.Errors.Add(1)
		}
	}
}

// linkClosedCause returns the cause for which a session's link is gone: a tick that closes it does
// so because the heartbeat was not answered.
func (w *worker) linkClosedCause(m *member, event eventContext) string {
	if event.ticked && event.cause == nil {
		return causeUnanswered
	}
	if cause := linkCause(event.cause); cause != causeClosed {
		return cause
	}
	return w.expired(m, event, causeClosed)
}

// stamps reads when a message was due and sent; ok is false for one that is
// not of this run.
func (w *worker) stamps(m wire.Message) (due, sent time.Duration, ok bool) {
	if !w.swarm.Nonce.Owns(m.Fingerprint.Value()) {
		return 0, 0, false
	}
	return plan.ParseContent(m.DataContent.Value())
}

// counts reports whether a message is of the part of the run that counts.
func (w *worker) counts(m wire.Message) bool {
	due, _, ok := w.stamps(m)
	return ok && w.swarm.Schedule.Counts(due)
}

// noteLogin counts a login. Only the first one of a client has a time at which
// it was due.
func (w *worker) noteLogin(m *member, event eventContext) {
	m.heartbeat.begin(event.now)
	w.books.Sessions.LoggedIn++
	w.books.Activity.LoggedIn.Add(1)
	w.books.Activity.LastLogin.Store(int64(event.now))
	if !m.served {
		delete(w.trouble, w.slot(m))
		w.books.Latencies.Record(books.Login, m.transport, event.now-w.swarm.Schedule.Start(m.index), event.now-m.dialBegan)
	}
	w.behaviour.LoggedIn(scenario.Login{Slot: w.slot(m), Transport: m.transport, First: !m.served, Now: event.now, DialBegan: m.dialBegan})
}

// noteSend counts what goes out again by the rules, and how late a heartbeat
// was. First copies of messages are counted by send.
func (w *worker) noteSend(sender *member, event eventContext, m wire.Message) {
	sender.heartbeat.sent(w.now())
	if m.Type != wire.TypeReceived {
		sender.excess.forgive()
	}
	if !event.ticked {
		return
	}
	switch m.Type {
	case wire.TypeKeepAlive:
		if w.swarm.Schedule.Counts(event.due) {
			w.unwritten = append(w.unwritten, event.due)
		}
	case wire.TypeData:
		if w.counts(m) {
			w.books.Messages[plan.FlowOf(m)].Retransmits.Add(1)
		}
	}
}

var ackKinds = [plan.Flows]books.Kind{plan.ToServer: books.C2SAck, plan.ToClient: books.C2CAck}

// noteReceived counts an ACK; m is the message that it is for.
func (w *worker) noteReceived(sender *member, event eventContext, m wire.Message) {
	due, sent, ok := w.stamps(m)
	if !ok || !w.swarm.Schedule.Counts(due) {
		return
	}
	f := plan.FlowOf(m)
	w.books.Messages[f].Acknowledged.Add(1)
	w.books.Latencies.Record(ackKinds[f], sender.transport, event.now-due, event.now-sent)
}

var deliveryKinds = [plan.Flows]books.Kind{plan.ToClient: books.C2CDelivery, plan.FromServer: books.S2CDelivery}

// noteDelivered counts the first copy of a message at its receiver.
func (w *worker) noteDelivered(receiver *member, event eventContext, m wire.Message) {
	due, sent, ok := w.stamps(m)
	if !ok {
		return
	}
	w.books.Activity.Deliver(event.now - due)
	if w.swarm.Schedule.Counts(due) {
		w.noteFirstCopy(receiver, m, event.now-sent)
		w.books.Latencies.Record(deliveryKinds[plan.FlowOf(m)], receiver.transport, event.now-due, event.now-sent)
	}
}

// noteTrouble remembers why a connection of a client that has never been online
// ended or did not come about. Where that costs a session, the loss is counted on
// its own.
func (w *worker) noteTrouble(m *member, event eventContext) {
	if !m.served {
		w.trouble[w.slot(m)] = event.cause
	}
	if !m.online {
		w.books.Activity.Errors.Add(1)
	}
}

func (w *worker) noteLoss(m *member, event eventContext, cause string) {
	w.books.Activity.Errors.Add(1)
	w.books.Activity.Lost.Add(1)
	w.books.Sessions.Lose(books.Loss{At: event.now, User: m.rules.User(), On: m.transport, Cause: cause, Detail: event.cause})
}

// noteUnserved counts the clients that never got in, each with what kept it out.
func (w *worker) noteUnserved(now time.Duration) {
	queued := map[plan.Slot]bool{}
	w.engine.Queued(func(id engine.ConnectionID) {
		if w.members[id.Client].serial == id.Serial {
			queued[id.Client] = true
		}
	})
	for i := range w.members {
		m := &w.members[i]
		if m.begun && !m.served && !m.rules.Over() {
			cause, detail := w.unserved(m, queued[plan.Slot(i)])
			w.noteLoss(m, eventContext{now: now, cause: detail}, cause)
		}
	}
}

// unserved returns the cause for which a client never got in. An attempt that failed says more than
// that the next one waits.
func (w *worker) unserved(m *member, queued bool) (cause string, detail error) {
	detail = w.trouble[w.slot(m)]
	switch {
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
