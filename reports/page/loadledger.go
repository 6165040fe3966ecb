package page

import (
	"imcheck/reports"
	"imcheck/reports/content"
)

// ledgerView has the accounts of every kind of message: each balance is one line, whose
// parts add up to the messages that were sent.
type ledgerView struct {
	Acknowledged, Arrived []content.Balance
	Besides               []reports.Ledger // ledgers outside every balance
	Spurious              bool             // some came again although they had been acknowledged
	Impaired              bool             // the run has dropped, doubled or delayed some itself
	Part                  bool             // other shards know the rest of what arrived
}

func newLedgerView(l *reports.Load) ledgerView {
	view := ledgerView{Part: content.IsShard(l), Spurious: content.HasSpurious(l.Messages), Impaired: content.HasImpaired(l.Messages)}
	for _, m := range l.Messages {
		if m == (reports.Ledger{Kind: m.Kind}) {
			continue
		}
		for _, b := range content.Balances(l, m) {
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
