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

// noteLost counts a message that its sender has given up.
func (w *worker) noteLost(m *member, lost wire.Message) {
	w.books.Activity.Errors.Add(1)
	if !w.counts(lost) {
		return
	}
	w.books.Messages[plan.FlowOf(lost)].Lost.Add(1)
	w.books.GivenUp.Add(lost.Fingerprint.Value())
	w.books.Gap(lost, reports.GapLost)
}

// noteStrayACK looks at an ACK that the rules had no use for: it is a second
// one, or it is for a message that was given up.
func (w *worker) noteStrayACK(m *member, arrived wire.Message, effects []client.Effect) {
	if arrived.Type != wire.TypeReceived || w.books.GivenUp.Empty() {
		return
	}
	for i := range effects {
		if effects[i].Kind == client.Received {
			return
		}
	}
	fingerprint := arrived.DataContent.Value()
	id, ok := w.swarm.Nonce.ParseFingerprint(fingerprint)
	if ok && id.Client == m.index && w.books.GivenUp.Take(fingerprint) {
		w.books.Messages[id.Stream.Flow()].LateACKs.Add(1)
	}
}

// windowFor returns the window in which its receiver counts a message; nil
// when the fingerprint names nobody that writes to it.
func (w *worker) windowFor(receiver *member, m wire.Message) (heard *books.Window, number uint32) {
	id, ok := w.swarm.Nonce.ParseFingerprint(m.Fingerprint.Value())
	if !ok || id.Stream != plan.StreamOf[plan.FlowOf(m)] {
		return nil, 0
	}
	place, ok := plan.ServerPlace, id.Client == receiver.index
	if id.Stream != plan.CountedS2C {
		place, ok = w.swarm.Schedule.PlaceOf(receiver.index, id.Client)
	}
	if !ok || int(place) >= w.swarm.Schedule.Places() {
		return nil, 0
	}
	return &w.peersOf(receiver)[place].heard, id.Number
}

// noteFirstCopy counts a message that the receiver's rules take for new.
func (w *worker) noteFirstCopy(receiver *member, m wire.Message, sinceSend time.Duration) {
	account := &w.books.Messages[plan.FlowOf(m)]
	heard, number := w.windowFor(receiver, m)
	if heard == nil {
		account.Unexpected.Add(1)
		return
	}
	switch heard.See(number, true) {
	case books.SightedUnexpected:
		account.Unexpected.Add(1)
		return
	case books.SightedAgain: // the rules forget fingerprints after 10 minutes (§4)
		account.Duplicated.Add(1)
		return
	case books.SightedLate:
		account.TooLate.Add(1)
		return
	case books.SightedReordered:
		account.Reordered.Add(1)
	}
	if sinceSend > lossAge {
		account.TooLate.Add(1)
	} else {
		account.Delivered.Add(1)
	}
}

// noteDuplicate counts a further copy.
func (w *worker) noteDuplicate(receiver *member, m wire.Message) {
	if !w.counts(m) {
		return
	}
	account := &w.books.Messages[plan.FlowOf(m)]
	if heard, number := w.windowFor(receiver, m); heard == nil || heard.See(number, false) != books.SightedAgain {
		account.Unexpected.Add(1)
		return
	}
	account.Duplicated.Add(1)
}

// noteWaiting counts, at the end, what still waits for its ACK.
func (w *worker) noteWaiting(m *member) {
	if !m.begun {
		return
	}
	for _, waits := range m.rules.Abandon() {
		if w.counts(waits) {
			w.books.Waiting[plan.FlowOf(waits)]++
			w.books.Gap(waits, reports.GapPending)
		}
	}
}

// balance compares the accounts with the messages that the rules still waited for and
// with the windows of each pair, and names messages that did not get through.
// The workers have ended by now.
func (s *swarm) balance(messages []reports.Ledger) (gaps []reports.Gap) {
	var waiting [plan.Flows]int64
	for _, w := range s.workers {
		gaps = append(gaps, w.books.Gaps...)
		for f, n := range w.books.Waiting {
			waiting[f] += n
		}
	}
	divided := s.config.Shard.Divided()
	var heard int64
	var missing []reports.Gap
	if !divided { // else the other end of a pair may be in another process
		heard, missing = s.compare()
	}
	for i := range messages {
		m := &messages[i]
		f, _ := plan.ParseFlow(m.Kind)
		m.Unbalanced = distance(m.Pending, waiting[f])
		if f.Arrives() && !divided {
			m.Unbalanced += distance(m.Delivered+m.TooLate, heard)
		}
	}
	gaps = append(gaps, missing...)
	return gaps[:min(len(gaps), books.MaxGaps)]
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// compare goes through the windows of all pairs: how many messages came, and
// which did not. One scenario has messages of clients or of the server to
// clients, not both.
func (s *swarm) compare() (heard int64, missing []reports.Gap) {
	if s.feed != nil {
		return s.compareFed()
	}
	for _, w := range s.workers {
		for i := range w.members {
			sender := &w.members[i]
			peers := w.peersOf(sender)
			for place := plan.Place(1); int(place) < len(peers); place++ {
				window := s.windowBetween(sender.index, place)
				if window == nil {
					continue
				}
				heard += int64(window.Came())
				for _, n := range window.Missing(peers[place].sent, books.MaxGaps-len(missing)) {
					missing = append(missing, s.missingGap(sender.index, place, n))
				}
			}
		}
	}
	return heard, missing
}

func (s *swarm) compareFed() (heard int64, missing []reports.Gap) {
	for i := range s.config.Clients {
		client := plan.Client(i)
		w := s.workerOf(client)
		if w == nil {
			continue
		}
		window := &w.peersOf(&w.members[s.slotOf(client)])[plan.ServerPlace].heard
		heard += int64(window.Came())
		for _, n := range window.Missing(s.feed.Sent(client), books.MaxGaps-len(missing)) {
			missing = append(missing, reports.Gap{
				Kind:        plan.FromServer.String(),
				Fingerprint: string(s.Nonce.AppendFingerprint(nil, plan.MessageID{Client: client, Stream: plan.CountedS2C, To: plan.ServerPlace, Number: n})),
				From:        wire.ServerID, To: s.Nonce.User(client), What: reports.GapMissing,
			})
		}
	}
	return heard, missing
}

// windowBetween is the window of the receiver that a sender has at a place.
func (s *swarm) windowBetween(sender plan.Client, place plan.Place) *books.Window {
	receiver := s.Schedule.PeerAt(sender, place)
	if receiver < 0 {
		return nil
	}
	at, ok := s.Schedule.PlaceOf(receiver, sender)
	if !ok {
		return nil
	}
	w := s.workerOf(receiver)
	if w == nil {
		return nil
	}
	return &w.peersOf(&w.members[s.slotOf(receiver)])[at].heard
}

func (s *swarm) missingGap(sender plan.Client, place plan.Place, n uint32) reports.Gap {
	receiver := s.Schedule.PeerAt(sender, place)
	return reports.Gap{
		Kind:        plan.ToClient.String(),
		Fingerprint: string(s.Nonce.AppendFingerprint(nil, plan.MessageID{Client: sender, Stream: plan.CountedC2C, To: place, Number: n})),
		From:        s.Nonce.User(sender), To: s.Nonce.User(receiver), What: reports.GapMissing,
	}
}
