package books

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Outage has the messages of one worker that an outage of our own may have met: those that were
// first sent from reports.TooLateAfter before it until reports.AwayAftermath after it. Any
// goroutine may call its methods, which do nothing without an outage, when it is nil.
type Outage struct {
	when     plan.Outage
	messages [plan.Flows][outageFates]atomic.Int64
	notMade  [Obstacles]atomic.Int64
}

// NewOutage returns the empty account of an outage, nil of none.
func NewOutage(when plan.Outage) *Outage {
	if !when.Any() {
		return nil
	}
	return &Outage{when: when}
}

// OutageFate is what becomes of a message that an outage may have met.
type OutageFate uint8

// Fates.
const (
	OutageSent OutageFate = iota
	OutageAcknowledged
	OutageRescued // of the acknowledged, those that had been sent again
	OutageDelivered
	OutageTooLate
	OutageLost
	outageFates = 6
)

// meets reports whether the outage may have met a message that was first sent at a time.
func (o *Outage) meets(sent time.Duration) bool {
	return o != nil && sent >= o.when.From-reports.TooLateAfter && sent < o.when.To+reports.AwayAftermath
}

// Add counts what became of a message of a flow, first sent at a time; n is -1 to take it back.
func (o *Outage) Add(f plan.Flow, sent time.Duration, fate OutageFate, n int64) {
	if o.meets(sent) {
		o.messages[f][fate].Add(n)
	}
}

// Fail counts a send that was due at a time and could not be made, where the outage explains
// that.
func (o *Outage) Fail(obstacle Obstacle, due time.Duration) {
	if o.meets(due) && (obstacle == Blocked || obstacle == NotOnline && due >= o.when.From) {
		o.notMade[obstacle].Add(1)
	}
}

// Enter adds what was counted to a report, of the messages of flows.
func (o *Outage) Enter(into *reports.Away, flows []plan.Flow) {
	into.Offline += o.notMade[NotOnline].Load()
	into.Blocked += o.notMade[Blocked].Load()
	for i, f := range flows {
		if i == len(into.Messages) {
			into.Messages = append(into.Messages, reports.AwayMessages{Kind: KindOf(f)})
		}
		m, counted := &into.Messages[i], &o.messages[f]
		m.Sent += counted[OutageSent].Load()
		m.Acknowledged += counted[OutageAcknowledged].Load()
		m.Rescued += counted[OutageRescued].Load()
		m.Delivered += counted[OutageDelivered].Load()
		m.TooLate += counted[OutageTooLate].Load()
		m.Lost += counted[OutageLost].Load()
		m.Pending = m.Sent - m.Acknowledged - m.Lost
		if f.Arrives() {
			m.Missing = m.Sent - m.Delivered - m.TooLate
		}
	}
}
