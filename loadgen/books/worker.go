package books

import (
	"slices"
	"sync/atomic"
	"time"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Worker has the books of one worker, which writes to them. Others may read Activity,
// Messages and NotMade meanwhile, and the latencies as Recorder says.
type Worker struct {
	Latencies *Recorder
	Messages  Ledger
	Activity  Activity
	Sessions  Sessions
	Nodes     Nodes
	NotMade   [Obstacles]atomic.Int64 // sends of the steady part
	Excused   atomic.Int64            // sends of it that were due while the impairment of the path kept their client out
	Stages    Stages                  // of a run that has any
	Outage    *Outage                 // nil without one of our own

	// What went wrong, as far as more than its number is of interest.
	GivenUp GivenUp
	Delays  Delays            // of spurious copies
	Gaps    []reports.Gap     // examples of messages that did not get through
	Unasked int64             // messages that nobody asked for
	Waiting [plan.Flows]int64 // messages that waited for their ACK at the end
}

// NewWorker returns the empty books of a worker with clients on these transports.
func NewWorker(transports []wire.Transport) *Worker {
	return &Worker{
		Latencies: NewRecorder(transports), Sessions: NewSessions(),
		Activity: Activity{Delivery: reports.NewHistogram()},
	}
}

// Noted returns books with copies of what only the worker's own goroutine may read, which has
// to call it: sessions, nodes, delays, and what went wrong. The others are empty.
func (w *Worker) Noted() *Worker {
	noted := &Worker{Sessions: NewSessions(), Gaps: slices.Clone(w.Gaps), Unasked: w.Unasked}
	noted.Sessions.Merge(&w.Sessions)
	noted.Nodes.Merge(&w.Nodes)
	for f, h := range w.Delays {
		if h != nil {
			noted.Delays[f] = h.Clone()
		}
	}
	return noted
}

// Obstacle is the reason for which a send was not made.
type Obstacle uint8

// Obstacles.
const (
	TooLate   Obstacle = iota // the worker was late by plan.DropAfter
	NotOnline                 // the client was not logged in
	Blocked                   // too many waited for their ACKs, or the client did for too long
	Obstacles = 3
)

// Fail counts a send that was not made; counts is whether it is one of the steady part.
// Any goroutine may call it.
func (w *Worker) Fail(o Obstacle, counts bool) {
	w.Activity.Fail(SendTooLate + ErrorCause(o))
	if counts {
		w.NotMade[o].Add(1)
	}
}

// Excuse counts a send that was not made as the run's own impairment of the path kept its
// client from logging in. Any goroutine may call it.
func (w *Worker) Excuse(counts bool) {
	if counts {
		w.Excused.Add(1)
	}
}

// MaxGaps bounds the messages that did not get through and are named.
const MaxGaps = 20

// Gap names a message that did not get through, as long as there is room.
func (w *Worker) Gap(m wire.Message, what string) {
	if len(w.Gaps) < MaxGaps {
		w.Gaps = append(w.Gaps, reports.Gap{
			Kind: KindOf(plan.FlowOf(m)), Fingerprint: m.Fingerprint.Value(),
			From: m.From.Value(), To: m.To.Value(), What: what,
		})
	}
}

// Workers are the books of all workers of a run.
type Workers []*Worker

// Ledgers adds up the accounts of flows.
func (all Workers) Ledgers(flows []plan.Flow) (totals []reports.Ledger) {
	for _, f := range flows {
		totals = append(totals, all.ledger(f))
	}
	return totals
}

func (all Workers) ledger(f plan.Flow) reports.Ledger {
	ledgers := make([]*Ledger, len(all))
	for i, w := range all {
		ledgers[i] = &w.Messages
	}
	return Sum(ledgers, f)
}

// NotMade returns how many sends of the steady part met an obstacle.
func (all Workers) NotMade(o Obstacle) (n int64) {
	for _, w := range all {
		n += w.NotMade[o].Load()
	}
	return n
}

// Excused returns how many sends of the steady part the impairment of the path prevented.
func (all Workers) Excused() (n int64) {
	for _, w := range all {
		n += w.Excused.Load()
	}
	return n
}

// Sessions adds up what became of the sessions. The workers have ended by then.
func (all Workers) Sessions() Sessions {
	total := NewSessions()
	for _, w := range all {
		total.Merge(&w.Sessions)
	}
	return total
}

// Nodes adds up what was measured by address. The workers have ended by then.
func (all Workers) Nodes() *Nodes {
	total := &Nodes{}
	for _, w := range all {
		total.Merge(&w.Nodes)
	}
	return total
}

// LastLogin returns when the last login was, since the start.
func (all Workers) LastLogin() (at time.Duration) {
	for _, w := range all {
		at = max(at, time.Duration(w.Activity.LastLogin.Load()))
	}
	return at
}

// recorders are those of all workers.
func (all Workers) recorders() (list []*Recorder) {
	for _, w := range all {
		list = append(list, w.Latencies)
	}
	return list
}
