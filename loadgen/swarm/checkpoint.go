package swarm

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/machine"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/reports"
)

// checkpoints hand over the report of a run while it goes on, so that it is there if the run
// does not live to its end. The supervisor takes down what it has come to, each worker copies
// what only it may read, and the rest is done beside the run. One is nil of a run without.
type checkpoints struct {
	swarm  *swarm
	before host.Usage // of this process before the run

	next    time.Duration // when the next one is due, since the start
	writing atomic.Bool
	group   sync.WaitGroup
	over    chan struct{} // closed when workers may not answer any more
}

// newCheckpoints returns those that the config of a run asks for; nil for none.
func newCheckpoints(s *swarm, before host.Usage) *checkpoints {
	if s.config.Checkpoint == nil || s.config.CheckpointEvery <= 0 {
		return nil
	}
	return &checkpoints{swarm: s, before: before, next: s.config.CheckpointEvery, over: make(chan struct{})}
}

// look begins one if it is due. While the last one is still under way it waits.
func (c *checkpoints) look(v *supervisor) {
	if c == nil || v.now() < c.next || !c.writing.CompareAndSwap(false, true) {
		return
	}
	now := v.now()
	for c.next <= now {
		c.next += c.swarm.config.CheckpointEvery
	}
	answers := make([]chan *books.Worker, len(c.swarm.workers))
	for i, w := range c.swarm.workers {
		answers[i] = make(chan *books.Worker, 1)
		w.asked <- answers[i]
	}
	c.swarm.wakeAll()
	r := reporter{swarm: c.swarm, before: c.before, ending: ending{at: now, total: now, outages: slices.Clone(v.outages), resident: machine.ResidentBytes()}}
	recorded, timeline := c.swarm.intervals.SoFar(), v.timeline.Samples()
	c.group.Go(func() {
		defer c.writing.Store(false)
		if r.noted = c.collect(answers); r.noted != nil {
			c.hand(r, recorded, timeline)
		}
	})
}

// collect waits for what the workers have noted; nil when the run is over before.
func (c *checkpoints) collect(answers []chan *books.Worker) (noted books.Workers) {
	for _, answer := range answers {
		select {
		case w := <-answer:
			noted = append(noted, w)
		case <-c.over:
			return nil
		}
	}
	return noted
}

// hand hands over a report. One that cannot be made is left out: the run is not worse for it,
// and its own report says what is wrong.
func (c *checkpoints) hand(r reporter, recorded *books.Recorder, timeline []reports.Sample) {
	if load, err := r.soFar(recorded, timeline); err == nil {
		c.swarm.config.Checkpoint(load)
	}
}

// stop has no further one begin, nor wait for workers.
func (c *checkpoints) stop() {
	if c != nil {
		close(c.over)
	}
}

// wait returns when the last one is handed over.
func (c *checkpoints) wait() {
	if c != nil {
		c.group.Wait()
	}
}
