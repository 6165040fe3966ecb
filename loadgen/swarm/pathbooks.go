package swarm

import (
	"time"

	"imcheck/harness/transport/impair"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// pathBooks enters what the run's own impairment of the path does to the messages and the
// sessions of one worker's clients, so that the target is not blamed for it. nil, of which
// nothing is entered, when no path is impaired.
type pathBooks struct {
	run     *run
	roster  *roster
	books   *books.Worker
	engine  *engine.Impaired
	clients []pathClient // by slot
}

// pathClient is what is known of the path of one client.
type pathClient struct {
	reached  heartbeatCheck   // of what was not dropped, by the times at which it reaches the target
	asked    [2]time.Duration // when the latest two logins or heartbeats reached the target, the later one first
	heard    time.Duration    // when the latest answer to one got to this end, even if it was dropped
	answer   time.Duration    // when the latest answer to one was dropped, or comes after having been held back
	dropped  time.Duration    // when something was dropped, in either direction
	troubled bool             // it is not logged in because of the path
}

// never is the time of what has not happened.
const never = -time.Hour

func newPathBooks(r *run, roster *roster, account *books.Worker) *pathBooks {
	if r.path == nil {
		return nil
	}
	b := &pathBooks{run: r, roster: roster, books: account, clients: make([]pathClient, len(roster.members))}
	for i := range b.clients {
		b.clients[i] = pathClient{asked: [2]time.Duration{never, never}, heard: never, answer: never, dropped: never}
	}
	return b
}

func (b *pathBooks) of(m *member) *pathClient { return &b.clients[b.run.slotOf(m.index)] }

// impairs reports whether the path of a client is impaired.
func (b *pathBooks) impairs(m *member) bool {
	return b != nil && b.run.path.Policy().Impairs(m.transport)
}

// delay returns the most that the path adds to a round trip.
func (b *pathBooks) delay() (most time.Duration) {
	if b == nil {
		return 0
	}
	return b.run.addedDelay()
}

// addedDelay returns the most that the path adds to a round trip on any transport of the run;
// 0 when none is impaired.
func (r *run) addedDelay() (most time.Duration) {
	if r.path == nil {
		return 0
	}
	for _, t := range r.Transports {
		most = max(most, r.path.Delay(t))
	}
	return most
}

// sent notes what became of a message that a client has just sent.
func (b *pathBooks) sent(m *member, event eventContext, message wire.Message) {
	if !b.impairs(m) {
		return
	}
	c, o, now := b.of(m), b.engine.Outcome(), b.run.Now()
	at := o.At.Sub(b.run.Start)
	if o.Dropped {
		c.dropped = now
	} else {
		c.reached.sent(at)
	}
	switch message.Type {
	case wire.TypeLogin, wire.TypeKeepAlive:
		if !o.Dropped {
			c.asked = [2]time.Duration{at, c.asked[0]}
		} else if !m.online {
			c.troubled = true
		}
	case wire.TypeData:
		id, ok := b.idOf(message.Fingerprint.Value())
		if !ok {
			return
		}
		if o.Dropped {
			b.run.fates.SendDropped(now, id, event.ticked)
		} else {
			b.run.fates.SendPassed(id)
		}
		if o.Doubled {
			b.run.resent.add(now, id) // the target passes both on
		}
		b.count(id, o, at > now)
	case wire.TypeEcho:
		b.countEcho(message, o, at > now)
	case wire.TypeReceived:
		id, ok := b.idOf(message.DataContent.Value())
		if !ok {
			return
		}
		if o.Dropped {
			b.run.resent.add(now, id) // the target sends it again for that
		}
		b.count(id, o, at > now)
	}
}

// arriving notes what becomes of what has arrived at this end of the path.
func (b *pathBooks) arriving(a *engine.Arrival, o impair.Outcome) {
	c := &b.clients[a.ID.Client]
	at := o.At.Sub(b.run.Start)
	if o.Dropped {
		c.dropped, at = a.At, a.At
	}
	if a.Kind != engine.Received {
		return
	}
	switch a.Message.Type {
	case wire.TypeLoginResponse, wire.TypeKeepAliveResponse, wire.TypeErrorResponse:
		c.heard = a.At
		if o.Dropped || at > a.At {
			c.answer = at
			m := &b.roster.members[a.ID.Client]
			c.troubled = c.troubled || o.Dropped && !m.online
		}
	case wire.TypeData:
		if id, ok := b.idOf(a.Message.Fingerprint.Value()); ok {
			if o.Dropped && !b.has(&b.roster.members[a.ID.Client], a) {
				b.run.fates.DeliveryDropped(a.At, id)
			}
			b.count(id, o, at > a.At)
		}
	case wire.TypeEchoResponse:
		b.countEcho(a.Message, o, at > a.At)
	case wire.TypeReceived:
		if id, ok := b.idOf(a.Message.DataContent.Value()); ok {
			if o.Dropped {
				b.run.fates.ACKDropped(a.At, id)
			}
			b.count(id, o, at > a.At)
		}
	}
}

// has reports whether a client has received a message before.
func (b *pathBooks) has(m *member, a *engine.Arrival) bool {
	_, known := m.rules.SinceCopy(m.at(b.run.Start, a.At), a.Message.Fingerprint.Value())
	return known
}

// idOf reads the fingerprint of a message that counts.
func (b *pathBooks) idOf(fingerprint string) (id plan.MessageID, ok bool) {
	id, ok = b.run.Nonce.ParseFingerprint(fingerprint)
	return id, ok && (id.Stream == plan.CountedC2S || id.Stream == plan.CountedC2C || id.Stream == plan.CountedS2C)
}

// count counts a copy of a message, or an ACK of it.
func (b *pathBooks) count(id plan.MessageID, o impair.Outcome, delayed bool) {
	b.books.Messages[id.Stream.Flow()].Impaired.Count(o.Dropped, o.Doubled, delayed)
}

// countEcho counts an echo or its answer, by the stamp in it.
func (b *pathBooks) countEcho(m wire.Message, o impair.Outcome, delayed bool) {
	if _, sent, ok := plan.ParseContent(m.DataContent.Value()); ok && b.run.Schedule.Counts(sent) {
		b.books.Messages[plan.Echoed].Impaired.Count(o.Dropped, o.Doubled, delayed)
	}
}

// loggedIn notes a login.
func (b *pathBooks) loggedIn(m *member, now time.Duration) {
	if b == nil {
		return
	}
	c := b.of(m)
	if from, _ := b.run.Schedule.Steady(); c.troubled && now > from {
		b.run.fates.SetAbsent(m.index)
	}
	c.troubled = false
	c.reached.begin(now)
}

// acknowledged notes an ACK at the sender of a message.
func (b *pathBooks) acknowledged(m wire.Message) {
	if id, ok := b.idOf(m.Fingerprint.Value()); ok {
		b.run.fates.Acknowledged(id)
	}
}

// delivered notes the first copy of a message at its receiver, and reports whether the
// impairment accounts for its being late.
func (b *pathBooks) delivered(m wire.Message, sinceSend time.Duration) (ours bool) {
	id, ok := b.idOf(m.Fingerprint.Value())
	return ok && (b.run.fates.Delivered(id) || sinceSend > lossAge && b.run.absent(id)) || sinceSend <= lossAge+b.delay()
}

// givenUp notes that the sender of a message waits for its ACK no longer, and reports whether
// the impairment accounts for that.
func (b *pathBooks) givenUp(m wire.Message) (ours bool) {
	if b == nil {
		return false
	}
	id, ok := b.idOf(m.Fingerprint.Value())
	if !ok {
		return false
	}
	sender := b.roster.of(id.Client)
	ours = b.run.fates.GivenUp(id) || b.run.absent(id) || b.silenced(sender, b.run.Now())
	if ours {
		b.books.Messages[id.Stream.Flow()].Impaired.Unacked.Add(1)
	}
	return ours
}

// absent reports whether an end of a message was not logged in for a while because of the
// impairment.
func (r *run) absent(id plan.MessageID) bool {
	return r.fates.Absent(id.Client) || id.Stream == plan.CountedC2C && r.fates.Absent(r.Schedule.PeerAt(id.Client, id.To))
}

// lateACK reports whether an ACK would have come in time without the delays of the path: it
// came so long after its message had been given up.
func (b *pathBooks) lateACK(after time.Duration) bool { return b != nil && after <= b.delay() }

// lose notes that the impairment has cost a client its session.
func (b *pathBooks) lose(m *member) {
	b.of(m).troubled = true
	b.run.fates.SetAbsent(m.index)
}

// silenced reports whether the target may have expired a session because what the client sent
// was dropped or held back.
func (b *pathBooks) silenced(m *member, now time.Duration) bool {
	return b.impairs(m) && b.of(m).reached.late(now, b.run.expiry(m.transport))
}

// answerTime is the time within which a target answers a heartbeat or a login: of one that has
// only just reached it the answer may be on its way.
const answerTime = time.Second

// unanswered reports whether a client that has heard no answer to its heartbeats, or to its
// login, for a time may have missed it because of the impairment: an answer was dropped or
// held back, none has reached the target since the one before, or it has expired the session.
func (b *pathBooks) unanswered(m *member, now, within time.Duration) bool {
	if !b.impairs(m) {
		return false
	}
	c := b.of(m)
	if c.answer >= now-within || m.online && b.silenced(m, now) {
		return true
	}
	reached := c.asked[0]
	if reached > now-answerTime {
		reached = c.asked[1]
	}
	return reached <= c.heard
}

// loggedInTwice reports whether a client may have logged in a second time, while the target still
// had its session, because of the impairment: an answer was dropped, or took longer than a client
// waits for one.
func (b *pathBooks) loggedInTwice(m *member, now time.Duration) bool {
	return b.impairs(m) && (b.of(m).dropped >= now-2*b.run.expiry(m.transport) || b.run.path.Delay(m.transport) >= timing.Relogin(m.transport)-answerTime)
}

// keepsOut reports whether a client is not logged in because of the impairment.
func (b *pathBooks) keepsOut(m *member, now time.Duration) bool {
	return b.impairs(m) && (b.of(m).troubled || m.begun && now-m.dialBegan <= b.run.path.Delay(m.transport))
}

// affected reports whether the impairment may account for an answer that has not come since a
// message was sent: something of the client was dropped, or the delays are as long as that.
func (b *pathBooks) affected(m *member, sent, now time.Duration) bool {
	return b.impairs(m) && (b.of(m).dropped >= sent || 2*b.run.path.Delay(m.transport) >= now-sent)
}
