package books

import (
	"sync/atomic"

	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Account counts what became of the messages of one flow. Only those count that
// were due in the steady part, whenever the rest of their story happened.
// A worker writes to it, the supervisor reads it meanwhile.
type Account struct {
	Sent         atomic.Int64 // first copies
	Acknowledged atomic.Int64
	Delivered    atomic.Int64 // first copies, at the receiver, in time
	Duplicated   atomic.Int64 // further copies, at the receiver
	Reordered    atomic.Int64 // delivered, and a later one of the same sender came before
	TooLate      atomic.Int64 // first copies that came when they had been given up
	Unexpected   atomic.Int64 // copies of what nobody sent, at the receiver
	Retransmits  atomic.Int64
	Lost         atomic.Int64 // given up
	LateACKs     atomic.Int64 // for what had been given up
	Spurious     atomic.Int64 // of Duplicated, see reports.Ledger
	SpuriousUDP  atomic.Int64 // of Spurious, those on UDP
	CalledLost   atomic.Int64 // see reports.Ledger
	Impaired     ImpairedAccount
}

// ImpairedAccount counts what the run's own impairment of the path did to the messages of one
// flow, see reports.ImpairedMessages.
type ImpairedAccount struct {
	Dropped, Doubled, Delayed atomic.Int64 // copies and ACKs
	Unacked                   atomic.Int64 // messages
}

// Count counts a copy, or an ACK.
func (a *ImpairedAccount) Count(dropped, doubled, delayed bool) {
	if dropped {
		a.Dropped.Add(1)
	}
	if doubled {
		a.Doubled.Add(1)
	}
	if delayed && !dropped {
		a.Delayed.Add(1)
	}
}

// KindOf returns what reports call the messages of a flow.
func KindOf(f plan.Flow) reports.MessageKind { return reports.MessageKind(f.String()) }

// Ledger has the accounts of one worker.
type Ledger [plan.Flows]Account

// Sum adds the accounts of a flow up.
func Sum(ledgers []*Ledger, f plan.Flow) reports.Ledger {
	total := reports.Ledger{Kind: KindOf(f)}
	for _, l := range ledgers {
		a := &l[f]
		total.Sent += a.Sent.Load()
		total.Acknowledged += a.Acknowledged.Load()
		total.Delivered += a.Delivered.Load()
		total.Duplicated += a.Duplicated.Load()
		total.Retransmits += a.Retransmits.Load()
		total.Lost += a.Lost.Load()
		total.Reordered += a.Reordered.Load()
		total.TooLate += a.TooLate.Load()
		total.Unexpected += a.Unexpected.Load()
		total.LateACKs += a.LateACKs.Load()
		total.Spurious += a.Spurious.Load()
		total.SpuriousUDP += a.SpuriousUDP.Load()
		total.CalledLost += a.CalledLost.Load()
		total.Impaired.Dropped += a.Impaired.Dropped.Load()
		total.Impaired.Doubled += a.Impaired.Doubled.Load()
		total.Impaired.Delayed += a.Impaired.Delayed.Load()
		total.Impaired.Unacked += a.Impaired.Unacked.Load()
	}
	total.Pending = total.Sent - total.Acknowledged - total.Lost - total.Impaired.Unacked
	if f.Arrives() { // other arrivals no client can see
		total.Missing = total.Sent - total.Delivered - total.TooLate
	}
	return total
}
