package content

import (
	"fmt"
	"slices"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Balance accounts for the messages of one kind that were sent.
type Balance struct {
	Kind  string
	Sent  int64
	Parts []BalancePart
	Sum   int64
	Off   string // reason that it does not balance, "" when it does
}

// BalancePart is a number of messages with the same outcome.
type BalancePart struct {
	Name  string
	Count int64
	Bad   bool // better there were none
}

// IsShard reports whether other shards have the rest of the run.
func IsShard(l *reports.Load) bool { return l.Shard.Of > 0 && len(l.Shards) == 0 }

// Balances returns the balances of one kind of message: by acknowledgement and, as far as
// clients see that and this report has it, by arrival.
func Balances(l *reports.Load, m reports.Ledger) []Balance {
	acknowledged := newBalance(m, BalancePart{"Acknowledged", m.Acknowledged, false}, BalancePart{"Lost", m.Lost, true}, BalancePart{"Pending", m.Pending, l.Unfinished == nil})
	acknowledged.impaired(l, m.Impaired.Unacked)
	if !m.SeenArriving() || IsShard(l) {
		return withUnbalanced([]Balance{acknowledged}, m)
	}
	arrived := newBalance(m, BalancePart{"Delivered", m.Delivered, false}, BalancePart{"Too late", m.TooLate, true}, BalancePart{"Missing", m.Missing, l.Unfinished == nil})
	arrived.impaired(l, m.Impaired.Undelivered)
	return withUnbalanced([]Balance{acknowledged, arrived}, m)
}

// impaired adds the messages for which a run's own impairment of the path accounts, if it was
// impaired.
func (b *Balance) impaired(l *reports.Load, n int64) {
	if l.Impairment != nil {
		*b = newBalance(reports.Ledger{Kind: reports.MessageKind(b.Kind), Sent: b.Sent}, append(b.Parts, BalancePart{"By our impairment", n, false})...)
	}
}

func newBalance(m reports.Ledger, parts ...BalancePart) Balance {
	b := Balance{Kind: string(m.Kind), Sent: m.Sent, Parts: parts}
	for _, p := range parts {
		b.Sum += p.Count
		if p.Count < 0 && b.Off == "" {
			b.Off = fmt.Sprintf("%s more than were sent", words.Grouped(-p.Count))
		}
	}
	switch off := b.Sent - b.Sum; {
	case off > 0:
		b.Off = fmt.Sprintf("of %s nothing is known", words.Grouped(off))
	case off < 0:
		b.Off = fmt.Sprintf("%s more than were sent", words.Grouped(-off))
	}
	return b
}

// withUnbalanced says in the last balance that the windows of the pairs have
// other figures, which the sums do not show.
func withUnbalanced(list []Balance, m reports.Ledger) []Balance {
	if last := &list[len(list)-1]; m.Unbalanced != 0 && last.Off == "" {
		last.Off = fmt.Sprintf("what each pair of clients has counted differs by %s", words.Grouped(m.Unbalanced))
	}
	return list
}

// Imbalances describes each balance of one kind of message that does not add up: its
// figures cannot be relied on.
func Imbalances(l *reports.Load, m reports.Ledger) (texts []string) {
	for _, b := range Balances(l, m) {
		if b.Off != "" {
			texts = append(texts, fmt.Sprintf("the account of %s messages does not balance: %s", m.Kind, b.Off))
		}
	}
	return texts
}

// LedgerFaults describes what went wrong with messages of one kind, each in a sentence.
func LedgerFaults(l *reports.Load, m reports.Ledger) (texts []string) {
	messages := func(n int64, what string) {
		if n > 0 {
			texts = append(texts, words.Counted(n, string(m.Kind)+" message was", string(m.Kind)+" messages were")+" "+what)
		}
	}
	m = l.Blamed(m)
	messages(m.Lost, "given up: not acknowledged in time")
	if l.Unfinished == nil {
		messages(m.Pending, "still not acknowledged at the end")
	}
	messages(m.TooLate, "delivered only after the sender had given up")
	messages(m.Unexpected, "received that nobody had sent")
	if !IsShard(l) && l.Unfinished == nil {
		messages(m.Missing, "sent and did not arrive")
	}
	return texts
}

// LostWords describes the sessions that were lost, those aside that the run's own impairment of
// the path has cost. It returns text such as "300 sessions were lost, 199 of them: closed by the
// server"; "" when none was.
func LostWords(s reports.Sessions) string {
	causes, total := LostByCause(s)
	causes = slices.DeleteFunc(causes, func(c LossCause) bool { return c.Cause == reports.CauseImpaired })
	total -= s.LostByCause[reports.CauseImpaired]
	if total == 0 {
		return ""
	}
	lost := words.Counted(total, "session was lost", "sessions were lost")
	if len(causes) == 1 {
		return lost + ": " + causes[0].Cause
	}
	return fmt.Sprintf("%s, %s of them: %s", lost, words.Grouped(causes[0].Count), causes[0].Cause)
}
