package page

import (
	"fmt"

	"imcheck/reports"
	"imcheck/reports/words"
)

// ledgerView has the accounts of every kind of message: each balance is one line, whose
// parts add up to the messages that were sent.
type ledgerView struct {
	Acknowledged, Arrived []balance
	Besides               []reports.Ledger // ledgers outside every balance
	Part                  bool             // other shards know the rest of what arrived
}

// balance accounts for the messages that were sent.
type balance struct {
	Kind  string
	Sent  int64
	Parts []part
	Sum   int64
	Off   string // reason that it does not balance, "" when it does
}

// part is a number of messages with the same outcome.
type part struct {
	Name  string
	Count int64
	Bad   bool // better there were none
}

func newLedgerView(l *reports.Load) ledgerView {
	view := ledgerView{Part: isShard(l)}
	for _, m := range l.Messages {
		if m == (reports.Ledger{Kind: m.Kind}) {
			continue
		}
		for _, b := range balances(l, m) {
			if len(b.Parts) > 0 && b.Parts[0].Name == "Delivered" {
				view.Arrived = append(view.Arrived, b)
			} else {
				view.Acknowledged = append(view.Acknowledged, b)
			}
		}
		view.Besides = append(view.Besides, m)
	}
	return view
}

// balances returns the balances of one kind of message: by acknowledgement and, as far as
// clients see that and this report has it, by arrival.
func balances(l *reports.Load, m reports.Ledger) []balance {
	acknowledged := newBalance(m, part{"Acknowledged", m.Acknowledged, false}, part{"Lost", m.Lost, true}, part{"Pending", m.Pending, true})
	if !m.SeenArriving() || isShard(l) {
		return withUnbalanced([]balance{acknowledged}, m)
	}
	arrived := newBalance(m, part{"Delivered", m.Delivered, false}, part{"Too late", m.TooLate, true}, part{"Missing", m.Missing, true})
	return withUnbalanced([]balance{acknowledged, arrived}, m)
}

func newBalance(m reports.Ledger, parts ...part) balance {
	b := balance{Kind: string(m.Kind), Sent: m.Sent, Parts: parts}
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
func withUnbalanced(list []balance, m reports.Ledger) []balance {
	if last := &list[len(list)-1]; m.Unbalanced != 0 && last.Off == "" {
		last.Off = fmt.Sprintf("what each pair of clients has counted differs by %s", words.Grouped(m.Unbalanced))
	}
	return list
}
