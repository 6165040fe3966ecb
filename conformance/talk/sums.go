package talk

import "imcheck/reports"

// Ways returns the ledger of each sender. What was strange is entered for who showed it.
func (l *Ledger) Ways() []reports.TalkWay {
	ways := make([]reports.TalkWay, len(l.users))
	for i, user := range l.users {
		ways[i].From, ways[i].Strange = user, l.strangeN[i]
	}
	for _, m := range l.messages {
		count(&ways[m.from].TalkLedger, m)
	}
	return ways
}

// Sum adds up the ledgers of all senders.
func Sum(ways []reports.TalkWay) (sum reports.TalkLedger) {
	for _, w := range ways {
		sum.Add(w.TalkLedger)
	}
	return sum
}

// count enters a message into the sums of its sender.
func count(into *reports.TalkLedger, m *message) {
	fate := m.fate()
	if fate == fateRefused {
		into.Refused++
		return
	}
	into.Sent++
	if m.serverLost && len(m.shown) > 0 {
		into.ServerLostThoughShown++
	}
	counter := map[string]*int{
		fateDelivered: &into.Delivered, fateShownUnreported: &into.ShownUnreported, fateLostThoughShown: &into.LostThoughShown,
		fateLostReported: &into.LostReported, fateLostAtServer: &into.LostAtServer, fateShownTwice: &into.ShownTwice, fateMissing: &into.Missing,
	}[fate]
	*counter++
}

// Odd lists the messages that did not simply get through, and those that did though the
// server says that they are lost, up to reports.MaxOdd of them: those first that keep the
// ledger from balancing.
func (l *Ledger) Odd() []reports.TalkEntry {
	worst, rest := l.strange, []reports.TalkEntry(nil)
	for _, m := range l.messages {
		switch fate := m.fate(); {
		case fate == fateMissing || fate == fateShownTwice:
			worst = append(worst, l.entry(m, fate))
		case fate != fateDelivered || m.serverLost:
			rest = append(rest, l.entry(m, fate))
		}
	}
	all := append(worst, rest...)
	return all[:min(len(all), reports.MaxOdd)]
}

func (l *Ledger) entry(m *message, fate string) reports.TalkEntry {
	e := reports.TalkEntry{
		Fate: fate, Fingerprint: m.fingerprint, From: l.users[m.from], To: l.users[m.to], Content: m.content,
		SentMs: l.ms(m.sent), AckedMs: l.ms(m.acked), LostMs: l.ms(m.lost),
		Reached: !m.reached.IsZero(), ServerPassedOn: m.passedOn, ServerReceived: m.received, ServerLost: m.serverLost, ServerOffline: m.offline,
	}
	for _, at := range m.shown {
		e.ShownMs = append(e.ShownMs, l.ms(at))
	}
	return e
}
