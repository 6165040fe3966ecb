package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// account is what became of the messages of one flow. Only those count that
// were due in the steady part, whenever the rest of their story happened.
// A worker writes to it, the supervisor reads it meanwhile.
type account struct {
	sent         atomic.Int64 // first copies
	acknowledged atomic.Int64
	delivered    atomic.Int64 // first copies, at the receiver, in time
	duplicated   atomic.Int64 // further copies, at the receiver
	reordered    atomic.Int64 // delivered, and a later one of the same sender came before
	tooLate      atomic.Int64 // first copies that came when they had been given up
	stray        atomic.Int64 // copies of what nobody sent, at the receiver
	retransmits  atomic.Int64
	lost         atomic.Int64 // given up
	lateACKs     atomic.Int64 // for what had been given up
}

// ledger is the accounts of one worker.
type ledger [plan.Flows]account

// sum adds the accounts of a flow up.
func sum(ledgers []*ledger, f plan.Flow) reports.Ledger {
	total := reports.Ledger{Kind: f.String()}
	for _, l := range ledgers {
		a := &l[f]
		total.Sent += a.sent.Load()
		total.Acknowledged += a.acknowledged.Load()
		total.Delivered += a.delivered.Load()
		total.Duplicated += a.duplicated.Load()
		total.Retransmits += a.retransmits.Load()
		total.Lost += a.lost.Load()
		total.Reordered += a.reordered.Load()
		total.TooLate += a.tooLate.Load()
		total.Stray += a.stray.Load()
		total.LateACKs += a.lateACKs.Load()
	}
	total.Pending = total.Sent - total.Acknowledged - total.Lost
	if f.Arrives() { // other arrivals no client can see
		total.Missing = total.Sent - total.Delivered - total.TooLate
	}
	return total
}

// activity is what a worker has done so far, warm-up included, for the
// timeline.
type activity struct {
	sent      atomic.Int64
	delivered atomic.Int64
	errors    atomic.Int64
	loggedIn  atomic.Int64
	lastLogin atomic.Int64 // nanoseconds since the start
	lost      atomic.Int64 // sessions

	mu       sync.Mutex
	delivery *hdrhistogram.Histogram // C → C, since it was due, since the last exchange
}

// exchange takes the histogram away and leaves an empty one in its place.
func (a *activity) exchange(empty *hdrhistogram.Histogram) *hdrhistogram.Histogram {
	a.mu.Lock()
	defer a.mu.Unlock()
	full := a.delivery
	a.delivery = empty
	return full
}

// deliver counts an arrival.
func (a *activity) deliver(sinceDue time.Duration) {
	a.delivered.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	reports.Record(a.delivery, sinceDue)
}
