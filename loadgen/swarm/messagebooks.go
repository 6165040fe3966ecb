package swarm

import (
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// lossAge is the age from which a message arrives too late (§4).
const lossAge = reports.TooLateAfter

// messageBooks enters what becomes of the messages of one worker's clients.
type messageBooks struct {
	run    *run
	roster *roster
	books  *books.Worker
	outage *outageBooks // nil without one
	path   *pathBooks

	unacked int // sent messages that wait for their ACK
	// unwritten are the due times of what has gone out since the last flush, as far as
	// it counts.
	unwritten []time.Duration
}

// sending counts the first copy of a message. It is called before that goes out: the
// receiver may be another worker's client and faster than this one.
func (b *messageBooks) sending(f plan.Flow, due, sent time.Duration, counts bool) {
	b.books.Activity.Sent.Add(1)
	if counts {
		b.books.Messages[f].Sent.Add(1)
		b.stage(due).Message(f, books.FateSent)
		b.books.Outage.Add(f, sent, books.OutageSent, 1)
	}
	b.unacked++
}

// stage returns the books of the stage in which something was due.
func (b *messageBooks) stage(due time.Duration) *books.Stage {
	return b.books.Stages.At(&b.run.Schedule, due)
}

// stageOf returns the books of the stage in which a message was due.
func (b *messageBooks) stageOf(m wire.Message) *books.Stage {
	if len(b.books.Stages) == 0 {
		return nil
	}
	due, _, _ := b.run.stamps(m)
	return b.stage(due)
}

// notMade counts a send that was due and cannot be made.
func (b *messageBooks) notMade(o books.Obstacle, due time.Duration) {
	b.books.Fail(o, b.run.Schedule.Counts(due))
	if b.run.Schedule.Counts(due) {
		b.books.Outage.Fail(o, due)
	}
	b.stage(due).Miss(o)
}

// resending notes a message that is about to go out again: the receiver may be another
// worker's client.
func (b *messageBooks) resending(now time.Duration, m wire.Message) {
	if id, ok := b.run.Nonce.ParseFingerprint(m.Fingerprint.Value()); ok {
		b.run.resent.add(now, id)
	}
}

// sent counts what goes out again by the rules, and notes the due time of a heartbeat.
func (b *messageBooks) sent(sender *member, event eventContext, m wire.Message) {
	b.outage.heard(sender, b.run.Now())
	if m.Type != wire.TypeReceived {
		sender.excess.forgive()
	}
	if !event.ticked {
		return
	}
	switch m.Type {
	case wire.TypeKeepAlive:
		if b.run.Schedule.Counts(event.due) {
			b.unwritten = append(b.unwritten, event.due)
		}
	case wire.TypeData:
		if b.run.counts(m) {
			b.books.Messages[plan.FlowOf(m)].Retransmits.Add(1)
			b.stageOf(m).Message(plan.FlowOf(m), books.FateRetransmitted)
		}
	}
}

// flushed notes how late it is that what went out has been written.
func (b *messageBooks) flushed() {
	if len(b.unwritten) == 0 {
		return
	}
	now := b.run.Now()
	for _, due := range b.unwritten {
		b.books.Latencies.RecordLateness(now - due)
		b.stage(due).RecordLateness(now - due)
	}
	b.unwritten = b.unwritten[:0]
}

var ackKinds = [plan.Flows]books.Kind{plan.ToServer: books.C2SAck, plan.ToClient: books.C2CAck}

// acknowledged counts an ACK; m is the message that it is for. It returns how long the ACK
// took; ok is false for a message that is not of this run.
func (b *messageBooks) acknowledged(sender *member, now time.Duration, m wire.Message) (took time.Duration, ok bool) {
	b.unacked--
	due, sent, ok := b.run.stamps(m)
	if !ok || !b.run.Schedule.Counts(due) {
		return now - sent, ok
	}
	f := plan.FlowOf(m)
	if b.path != nil {
		b.path.acknowledged(m)
	}
	b.books.Messages[f].Acknowledged.Add(1)
	b.stage(due).Message(f, books.FateAcknowledged)
	b.noteRescue(m, sent)
	if b.run.Met(due, now) {
		return now - sent, true
	}
	b.stage(due).Record(ackKinds[f], now-due)
	b.books.Latencies.Record(ackKinds[f], sender.transport, now-due, now-sent)
	b.books.Nodes.Record(ackKinds[f], sender.transport, sender.node, now-due)
	return now - sent, true
}

// noteRescue counts an ACK of a message that an outage of our own may have met.
func (b *messageBooks) noteRescue(m wire.Message, sent time.Duration) {
	if b.books.Outage == nil {
		return
	}
	b.books.Outage.Add(plan.FlowOf(m), sent, books.OutageAcknowledged, 1)
	if id, ok := b.run.Nonce.ParseFingerprint(m.Fingerprint.Value()); ok && b.run.resent.maybe(id) {
		b.books.Outage.Add(plan.FlowOf(m), sent, books.OutageRescued, 1)
	}
}

// lost counts a message that its sender has given up.
func (b *messageBooks) lost(now time.Duration, m wire.Message) {
	b.unacked--
	if id, ok := b.run.Nonce.ParseFingerprint(m.Fingerprint.Value()); ok && id.Stream == plan.ToAbsent {
		return // it was not stored, which is up to the application
	}
	counts := b.run.counts(m)
	if counts && b.path.givenUp(m) {
		return
	}
	b.books.Activity.Fail(books.MessageLost)
	_, sent, _ := b.run.stamps(m)
	if !counts {
		return
	}
	b.books.Outage.Add(plan.FlowOf(m), sent, books.OutageLost, 1)
	b.books.Messages[plan.FlowOf(m)].Lost.Add(1)
	b.stageOf(m).Message(plan.FlowOf(m), books.FateLost)
	b.books.GivenUp.Add(m.Fingerprint.Value(), now)
	b.books.Gap(m, reports.GapLost)
}

// strayACK looks at an ACK that the rules had no use for: it is a second
// one, or it is for a message that was given up.
func (b *messageBooks) strayACK(m *member, arrived wire.Message, effects []client.Effect) {
	if arrived.Type != wire.TypeReceived || b.books.GivenUp.Empty() {
		return
	}
	for i := range effects {
		if effects[i].Kind == client.Received {
			return
		}
	}
	fingerprint := arrived.DataContent.Value()
	id, ok := b.run.Nonce.ParseFingerprint(fingerprint)
	if !ok || id.Client != m.index {
		return
	}
	account := &b.books.Messages[id.Stream.Flow()]
	switch at, was := b.books.GivenUp.Take(fingerprint); {
	case !was:
	case b.path.lateACK(m.latest - at):
		account.Lost.Add(-1)
		account.Impaired.Unacked.Add(1)
	default:
		account.LateACKs.Add(1)
	}
}

var deliveryKinds = [plan.Flows]books.Kind{plan.ToClient: books.C2CDelivery, plan.FromServer: books.S2CDelivery}

// delivered counts the first copy of a message at its receiver. It returns how long that
// was on its way; ok is false for a message that is not of this run.
func (b *messageBooks) delivered(receiver *member, now time.Duration, m wire.Message) (took time.Duration, ok bool) {
	due, sent, ok := b.run.stamps(m)
	if !ok {
		return 0, false
	}
	b.books.Activity.Deliver(now - due)
	if b.run.Schedule.Counts(due) {
		kind := deliveryKinds[plan.FlowOf(m)]
		b.firstCopy(receiver, m, sent, now-sent)
		if b.run.Met(due, now) {
			return now - sent, true
		}
		b.books.Latencies.Record(kind, receiver.transport, now-due, now-sent)
		b.stage(due).Record(kind, now-due)
		b.books.Nodes.Record(kind, receiver.transport, receiver.node, now-due)
	}
	return now - sent, true
}

// firstCopy counts a message that the receiver's rules take for new.
func (b *messageBooks) firstCopy(receiver *member, m wire.Message, sent, sinceSend time.Duration) {
	account := &b.books.Messages[plan.FlowOf(m)]
	heard, number := b.roster.windowFor(receiver, m)
	if heard == nil {
		account.Unexpected.Add(1)
		return
	}
	ours := b.path != nil && b.path.delivered(m, sinceSend)
	switch sighting := heard.See(number, true); sighting {
	case books.SightedUnexpected:
		account.Unexpected.Add(1)
		return
	case books.SightedAgain: // the rules forget fingerprints after 10 minutes (§4)
		account.Duplicated.Add(1)
		return
	case books.SightedLate:
		b.late(account, ours)
		if !ours {
			b.books.Outage.Add(plan.FlowOf(m), sent, books.OutageTooLate, 1)
		}
		b.stageOf(m).Message(plan.FlowOf(m), books.FateDelivered)
		return
	case books.SightedReordered:
		account.Reordered.Add(1)
	}
	b.stageOf(m).Message(plan.FlowOf(m), books.FateDelivered)
	if sinceSend > lossAge {
		b.late(account, ours)
		if !ours {
			b.books.Outage.Add(plan.FlowOf(m), sent, books.OutageTooLate, 1)
		}
	} else {
		account.Delivered.Add(1)
		b.books.Outage.Add(plan.FlowOf(m), sent, books.OutageDelivered, 1)
	}
}

// late counts a first copy that came when it had been given up, unless the impairment of the
// path accounts for that.
func (b *messageBooks) late(account *books.Account, ours bool) {
	if ours {
		account.Delivered.Add(1)
	} else {
		account.TooLate.Add(1)
	}
}

// duplicate counts a further copy.
func (b *messageBooks) duplicate(receiver *member, now time.Duration, e *client.Effect) {
	m := e.Message
	if !b.run.counts(m) {
		return
	}
	account := &b.books.Messages[plan.FlowOf(m)]
	if heard, number := b.roster.windowFor(receiver, m); heard == nil || heard.See(number, false) != books.SightedAgain {
		account.Unexpected.Add(1)
		return
	}
	account.Duplicated.Add(1)
	b.stageOf(m).Message(plan.FlowOf(m), books.FateDuplicated)
	if b.isSpurious(receiver, now, e) {
		b.books.Spurious(plan.FlowOf(m), !receiver.transport.Connected(), e.Took)
	}
}

// isSpurious reports whether the server has sent a copy although it had been told in time,
// over the same connection, that the message had arrived. What a sender of another process
// has sent again is not known here: its messages do not count.
func (b *messageBooks) isSpurious(receiver *member, now time.Duration, copied *client.Effect) bool {
	if copied.Took < reports.SpuriousAfter+b.path.delay() || now-copied.Took < receiver.dialBegan || b.run.Outage.Meets(now-copied.Took, now) {
		return false
	}
	id, ok := b.run.Nonce.ParseFingerprint(copied.Message.Fingerprint.Value())
	return ok && b.run.share.Has(id.Client) && !b.run.resent.maybe(id)
}

// waiting counts, at the end, what still waits for its ACK.
func (b *messageBooks) waiting(m *member) {
	if !m.begun {
		return
	}
	for _, waits := range m.rules.Abandon() {
		if b.run.counts(waits) && !b.path.givenUp(waits) {
			b.books.Waiting[plan.FlowOf(waits)]++
			b.books.Gap(waits, reports.GapPending)
		}
	}
}
