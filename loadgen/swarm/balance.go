package swarm

import (
	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

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
		for i := range w.roster.members {
			sender := &w.roster.members[i]
			peers := w.roster.peersOf(sender)
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
		window := &w.roster.peersOf(w.roster.of(client))[plan.ServerPlace].heard
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
	return &w.roster.peersOf(w.roster.of(receiver))[at].heard
}

func (s *swarm) missingGap(sender plan.Client, place plan.Place, n uint32) reports.Gap {
	receiver := s.Schedule.PeerAt(sender, place)
	return reports.Gap{
		Kind:        plan.ToClient.String(),
		Fingerprint: string(s.Nonce.AppendFingerprint(nil, plan.MessageID{Client: sender, Stream: plan.CountedC2C, To: place, Number: n})),
		From:        s.Nonce.User(sender), To: s.Nonce.User(receiver), What: reports.GapMissing,
	}
}
