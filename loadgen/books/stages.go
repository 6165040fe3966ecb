package books

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Stages have what a worker notes of each stage of a run, apart from the others: what is
// of a message counts in the stage in which it was due, whenever it happens. Empty for a
// run without stages.
type Stages []*Stage

// NewStages returns the empty books of so many stages.
func NewStages(stages int) Stages {
	list := make(Stages, stages)
	for i := range list {
		list[i] = &Stage{}
	}
	return list
}

// At returns the books of the stage in which something was due, by a schedule; nil, whose
// methods note nothing, for what was due in none.
func (s Stages) At(schedule *plan.Schedule, due time.Duration) *Stage {
	if len(s) == 0 {
		return nil
	}
	if i, ok := schedule.StageAt(due); ok {
		return s[i]
	}
	return nil
}

// Stage has what is noted of one stage. Any goroutine may call its methods.
type Stage struct {
	messages [plan.Flows]stageAccount
	notMade  [Obstacles]atomic.Int64
	lost     atomic.Int64 // sessions
	errors   atomic.Int64

	mu       sync.Mutex
	latency  [Kinds]*hdrhistogram.Histogram // since due, nil for what has not been measured
	lateness *hdrhistogram.Histogram        // nil likewise
}

// stageAccount counts what became of the messages of one flow.
type stageAccount [messageFates]atomic.Int64

// Fate is what becomes of a message.
type Fate uint8

// Fates.
const (
	FateSent Fate = iota
	FateAcknowledged
	FateDelivered // in time, or too late
	FateDuplicated
	FateRetransmitted
	FateLost
	messageFates = 6
)

// Message counts what became of a message. An error counts as such too.
func (s *Stage) Message(f plan.Flow, fate Fate) {
	if s == nil {
		return
	}
	s.messages[f][fate].Add(1)
	if fate == FateLost {
		s.errors.Add(1)
	}
}

// Unsend takes back that a message was sent.
func (s *Stage) Unsend(f plan.Flow) {
	if s != nil {
		s.messages[f][FateSent].Add(-1)
	}
}

// Miss counts a send that was not made.
func (s *Stage) Miss(o Obstacle) {
	if s != nil {
		s.notMade[o].Add(1)
		s.errors.Add(1)
	}
}

// LoseSession counts a session that ended too soon.
func (s *Stage) LoseSession() {
	if s != nil {
		s.lost.Add(1)
		s.errors.Add(1)
	}
}

// Err counts an error of another sort.
func (s *Stage) Err() {
	if s != nil {
		s.errors.Add(1)
	}
}

// Record counts a latency, since due.
func (s *Stage) Record(k Kind, sinceDue time.Duration) {
	if s != nil {
		s.record(&s.latency[k], sinceDue)
	}
}

// RecordLateness counts how late one of the generator's own sends was.
func (s *Stage) RecordLateness(late time.Duration) {
	if s != nil {
		s.record(&s.lateness, late)
	}
}

func (s *Stage) record(into **hdrhistogram.Histogram, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *into == nil {
		*into = reports.NewCoarseHistogram()
	}
	reports.Record(*into, d)
}

// merge adds what another worker has noted, which may go on.
func (s *Stage) merge(other *Stage) {
	other.mu.Lock()
	defer other.mu.Unlock()
	for f := range other.messages {
		for fate := range other.messages[f] {
			s.messages[f][fate].Add(other.messages[f][fate].Load())
		}
	}
	for o := range other.notMade {
		s.notMade[o].Add(other.notMade[o].Load())
	}
	s.lost.Add(other.lost.Load())
	s.errors.Add(other.errors.Load())
	for k := range other.latency {
		mergeInto(&s.latency[k], other.latency[k])
	}
	mergeInto(&s.lateness, other.lateness)
}

func mergeInto(sum **hdrhistogram.Histogram, h *hdrhistogram.Histogram) {
	switch {
	case h == nil:
	case *sum == nil:
		*sum = h.Clone()
	default:
		(*sum).Merge(h)
	}
}

// Complete adds to the row of a stage what was noted there, of the messages of flows.
func (s *Stage) Complete(row *reports.Stage, flows []plan.Flow) error {
	for _, f := range flows {
		account := &s.messages[f]
		m := reports.StageMessages{
			Kind: KindOf(f), Sent: account[FateSent].Load(), Acknowledged: account[FateAcknowledged].Load(), Delivered: account[FateDelivered].Load(),
			Duplicated: account[FateDuplicated].Load(), Retransmits: account[FateRetransmitted].Load(), Lost: account[FateLost].Load(),
		}
		if f.Arrives() {
			m.Missing = m.Sent - m.Delivered
		}
		row.Messages = append(row.Messages, m)
	}
	row.DroppedArrivals, row.OfflineArrivals, row.BlockedArrivals = s.notMade[TooLate].Load(), s.notMade[NotOnline].Load(), s.notMade[Blocked].Load()
	row.SessionsLost, row.Errors = s.lost.Load(), s.errors.Load()
	for k, h := range s.latency {
		if h == nil {
			continue
		}
		latency, err := reports.NewLatency(reports.Series{Kind: KindNames[k], Transport: reports.AllTransports, From: Origins[0]}, h)
		if err != nil {
			return err
		}
		row.Latencies = append(row.Latencies, latency)
	}
	if s.lateness == nil {
		return nil
	}
	encoded, err := reports.EncodeHistogram(s.lateness)
	if err != nil {
		return fmt.Errorf("encode the lateness of a stage: %w", err)
	}
	row.LatenessHistogram, row.LatenessP99Us = encoded, s.lateness.ValueAtPercentile(99)
	return nil
}

// Stages adds up what was noted of so many stages.
func (all Workers) Stages(stages int) Stages {
	total := NewStages(stages)
	for _, w := range all {
		for i, s := range w.Stages {
			total[i].merge(s)
		}
	}
	return total
}
