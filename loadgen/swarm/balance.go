package swarm

import (
	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// balance compares the accounts of all workers, which have ended, with what else is known
// of the messages.
type balance struct{ *swarm }

// of notes in the accounts how far they are off from the messages that the rules still
// waited for and from the windows of each pair, and names messages that did not get
// through.
func (b balance) of(messages []reports.Ledger) (gaps []reports.Gap) {
	var waiting [plan.Flows]int64
	for _, w := range b.swarm.books {
		gaps = append(gaps, w.Gaps...)
		for f, n := range w.Waiting {
			waiting[f] += n
		}
	}
	undelivered, all := b.undelivered()
	divided := b.config.Shard.Divided()
	var heard [plan.Flows]int64
	var missing []reports.Gap
	if !divided { // else the other end of a pair may be in another process
		heard, missing = b.compare()
	}
	for i := range messages {
		m := &messages[i]
		f, _ := plan.ParseFlow(string(m.Kind))
		m.Unbalanced = distance(m.Pending, waiting[f])
		m.Impaired.Undelivered = undelivered[f]
		if all && !divided {
			m.Impaired.Undelivered = max(0, m.Missing)
		}
		m.Missing -= m.Impaired.Undelivered
		if f.Arrives() && !divided {
			m.Unbalanced += distance(m.Delivered+m.TooLate, heard[f])
		}
	}
	gaps = append(gaps, missing...)
	return gaps[:min(len(gaps), books.MaxGaps)]
}

// undelivered counts the messages of each flow that have not arrived and for which the
// impairment of the path accounts. Of those from and to clients that it kept out for a while it
// does for all. full is whether it may account for any others.
func (b balance) undelivered() (n [plan.Flows]int64, full bool) {
	if b.path == nil {
		return n, false
	}
	n, full = b.fates.CountUndelivered(b.absent)
	for _, client := range b.fates.AllAbsent() {
		for place := range plan.Place(b.Schedule.Places()) {
			if place == plan.ServerPlace {
				n[plan.FromServer] += b.missingOf(plan.MessageID{Client: client, Stream: plan.CountedS2C})
				continue
			}
			peer := b.Schedule.PeerAt(client, place)
			if peer < 0 {
				continue
			}
			n[plan.ToClient] += b.missingOf(plan.MessageID{Client: client, Stream: plan.CountedC2C, To: place})
			if back, ok := b.Schedule.PlaceOf(peer, client); ok && !b.fates.Absent(peer) { // else that one's turn counts it
				n[plan.ToClient] += b.missingOf(plan.MessageID{Client: peer, Stream: plan.CountedC2C, To: back})
			}
		}
	}
	return n, full
}

// missingOf returns how many messages of a stream have not arrived, whatever the number of id;
// 0 when an end of it is in another process.
func (b balance) missingOf(id plan.MessageID) int64 {
	sender := b.workerOf(id.Client)
	if sender == nil {
		return 0
	}
	if id.Stream == plan.CountedS2C {
		if b.feed == nil {
			return 0
		}
		r := sender.roster
		return max(0, int64(b.feed.Sent(id.Client))-int64(r.peersOf(r.of(id.Client))[plan.ServerPlace].heard.Came()))
	}
	window, r := b.windowBetween(id.Client, id.To), sender.roster
	if window == nil {
		return 0
	}
	return max(0, int64(r.peersOf(r.of(id.Client))[id.To].sent)-int64(window.Came()))
}

// isOurs reports whether the impairment of the path accounts for a message that has not
// arrived.
func (b balance) isOurs(id plan.MessageID) bool {
	return b.path != nil && (b.fates.Undelivered(id) || b.absent(id))
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// compare goes through the windows of all pairs: how many messages came, and
// which did not.
func (b balance) compare() (heard [plan.Flows]int64, missing []reports.Gap) {
	if b.feed != nil {
		heard[plan.FromServer], missing = b.compareFed()
	}
	for _, w := range b.workers {
		for i := range w.roster.members {
			sender := &w.roster.members[i]
			peers := w.roster.peersOf(sender)
			for place := plan.Place(1); int(place) < len(peers); place++ {
				window := b.windowBetween(sender.index, place)
				if window == nil {
					continue
				}
				heard[plan.ToClient] += int64(window.Came())
				for _, n := range window.Missing(peers[place].sent, books.MaxGaps-len(missing)) {
					if !b.isOurs(plan.MessageID{Client: sender.index, Stream: plan.CountedC2C, To: place, Number: n}) {
						missing = append(missing, b.missingGap(sender.index, place, n))
					}
				}
			}
		}
	}
	return heard, missing
}

func (b balance) compareFed() (heard int64, missing []reports.Gap) {
	for i := range b.config.Population() {
		client := plan.Client(i)
		w := b.workerOf(client)
		if w == nil {
			continue
		}
		window := &w.roster.peersOf(w.roster.of(client))[plan.ServerPlace].heard
		heard += int64(window.Came())
		for _, n := range window.Missing(b.feed.Sent(client), books.MaxGaps-len(missing)) {
			id := plan.MessageID{Client: client, Stream: plan.CountedS2C, To: plan.ServerPlace, Number: n}
			if b.isOurs(id) {
				continue
			}
			missing = append(missing, reports.Gap{
				Kind:        books.KindOf(plan.FromServer),
				Fingerprint: string(b.Nonce.AppendFingerprint(nil, id)),
				From:        wire.ServerID, To: b.Users(client), What: reports.GapMissing,
			})
		}
	}
	return heard, missing
}

// windowBetween is the window of the receiver that a sender has at a place.
func (b balance) windowBetween(sender plan.Client, place plan.Place) *books.Window {
	receiver := b.Schedule.PeerAt(sender, place)
	if receiver < 0 {
		return nil
	}
	at, ok := b.Schedule.PlaceOf(receiver, sender)
	if !ok {
		return nil
	}
	w := b.workerOf(receiver)
	if w == nil {
		return nil
	}
	return &w.roster.peersOf(w.roster.of(receiver))[at].heard
}

func (b balance) missingGap(sender plan.Client, place plan.Place, n uint32) reports.Gap {
	receiver := b.Schedule.PeerAt(sender, place)
	return reports.Gap{
		Kind:        books.KindOf(plan.ToClient),
		Fingerprint: string(b.Nonce.AppendFingerprint(nil, plan.MessageID{Client: sender, Stream: plan.CountedC2C, To: place, Number: n})),
		From:        b.Users(sender), To: b.Users(receiver), What: reports.GapMissing,
	}
}
