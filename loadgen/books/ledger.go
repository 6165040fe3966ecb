package books

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

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
	}
	total.Pending = total.Sent - total.Acknowledged - total.Lost
	if f.Arrives() { // other arrivals no client can see
		total.Missing = total.Sent - total.Delivered - total.TooLate
	}
	return total
}

// Activity counts what a worker has done so far, warm-up included, for the
// timeline.
type Activity struct {
	Sent      atomic.Int64
	Delivered atomic.Int64
	Errors    atomic.Int64
	LoggedIn  atomic.Int64
	LastLogin atomic.Int64 // nanoseconds since the start
	Lost      atomic.Int64 // sessions

	mu       sync.Mutex
	Delivery *hdrhistogram.Histogram // C → C, since it was due, since the last exchange
}

// Exchange takes the histogram away and leaves an empty one in its place.
func (a *Activity) Exchange(empty *hdrhistogram.Histogram) *hdrhistogram.Histogram {
	a.mu.Lock()
	defer a.mu.Unlock()
	full := a.Delivery
	a.Delivery = empty
	return full
}

// Deliver counts an arrival.
func (a *Activity) Deliver(sinceDue time.Duration) {
	a.Delivered.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	reports.Record(a.Delivery, sinceDue)
}
