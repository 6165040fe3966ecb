package swarm

import (
	"time"

	"imcheck/harness/machine"
	"imcheck/loadgen/books"
	"imcheck/reports"
)

// Phase is a stage of a run.
type Phase string

// Phases, in their order.
const (
	PhaseRamp     Phase = "ramp"
	PhaseWarmup   Phase = "warm-up"
	PhaseSteady   Phase = "steady"
	PhaseSettle   Phase = "settle" // waiting for what is under way
	PhaseRampDown Phase = "ramp down"
	PhaseOver     Phase = "over" // everybody has logged out, and the books are closed
)

// Phases are all of them.
var Phases = []Phase{PhaseRamp, PhaseWarmup, PhaseSteady, PhaseSettle, PhaseRampDown, PhaseOver}

// Snapshot describes the progress of a run.
type Snapshot struct {
	Phase   Phase
	Stage   int // number of the stage that is under way, from 1; 0 for none
	Stages  int // number of stages of the run; 0 for one that was not divided
	Elapsed time.Duration
	Planned time.Duration // length of the whole run without the settling
	Clients int
	Second  reports.Sample // the second that has just ended
	Total   reports.Sample // everything so far, warm-up included; without percentiles
	Errors  [books.ErrorCauses]int64
	Lost    map[string]int64 // sessions lost, by each of LossCauses
}

// totals adds up what has happened so far.
func (v *supervisor) totals(now time.Duration) reports.Sample {
	total := reports.Sample{AtMs: now.Milliseconds(), Online: v.swarm.online.Now.Load()}
	for _, w := range v.swarm.books {
		total.Sent += w.Activity.Sent.Load()
		total.Delivered += w.Activity.Delivered.Load()
		total.Errors += w.Activity.AllErrors()
		total.Lost += w.Activity.Errors(books.MessageLost)
		total.LoggedIn += w.Activity.LoggedIn.Load()
	}
	return total
}

// sample adds what happened since the last sample to the timeline.
func (v *supervisor) sample() reports.Sample {
	now := v.now()
	total := v.totals(now)
	v.exchangeDeliveries()
	s := total
	s.Sent -= v.sampled.Sent
	s.Delivered -= v.sampled.Delivered
	s.Errors -= v.sampled.Errors
	s.LoggedIn -= v.sampled.LoggedIn
	s.Lost -= v.sampled.Lost
	if v.second.TotalCount() > 0 { // else it would be gone through for nothing
		s.P50Us, s.P99Us = v.second.ValueAtPercentile(50), v.second.ValueAtPercentile(99)
	}
	if v.late.TotalCount() > 0 {
		v.late.Reset()
	}
	v.swarm.intervals.Tick(now, v.second, v.late)
	if v.late.TotalCount() > 0 {
		s.LateP99Us = v.late.ValueAtPercentile(99)
	}
	s.Target = v.swarm.watched.sample()
	used := machine.CPUSeconds()
	if took := time.Duration(total.AtMs-v.sampled.AtMs) * time.Millisecond; took > 0 {
		s.GeneratorCPU = (used - v.usedCPU) / took.Seconds()
	}
	v.usedCPU = used
	v.sampled = total
	v.last = s
	v.timeline.Add(s, v.second, v.late)
	return s
}

// exchangeDeliveries takes the deliveries of the second away from the workers.
func (v *supervisor) exchangeDeliveries() {
	if v.second.TotalCount() > 0 {
		v.second.Reset()
	}
	for _, w := range v.swarm.books {
		full := w.Activity.Exchange(v.spare)
		if full.TotalCount() > 0 {
			v.second.Merge(full)
			full.Reset()
		}
		v.spare = full
	}
}

// phase returns the stage of the run that is under way.
func (v *supervisor) phase(elapsed time.Duration) Phase {
	from, to := v.swarm.Schedule.Steady()
	switch {
	case elapsed < v.swarm.Schedule.Ramp():
		return PhaseRamp
	case elapsed < from:
		return PhaseWarmup
	case v.rampingDown:
		return PhaseRampDown
	case elapsed >= to || v.swarm.cutAt() > 0:
		return PhaseSettle
	}
	return PhaseSteady
}

func (v *supervisor) tellProgress(s reports.Sample) {
	elapsed := v.now()
	v.tell(Snapshot{Phase: v.phase(elapsed), Elapsed: elapsed, Second: s, Total: v.sampled})
}

// tellEnd tells what the run has come to, when its workers have ended.
func (v *supervisor) tellEnd() {
	now := v.now()
	v.tell(Snapshot{Phase: PhaseOver, Elapsed: now, Total: v.totals(now), Second: v.last})
}

// tell completes a snapshot and tells it.
func (v *supervisor) tell(s Snapshot) {
	if v.swarm.config.Progress == nil {
		return
	}
	_, s.Planned = v.swarm.Schedule.Steady()
	s.Stages = len(v.swarm.config.Options.Stages)
	if i, ok := v.swarm.Schedule.StageAt(s.Elapsed); ok && s.Phase == PhaseSteady {
		s.Stage = i + 1
	}
	s.Clients, s.Lost = v.swarm.config.OwnClients(), map[string]int64{}
	for _, cause := range LossCauses {
		s.Lost[cause] = 0
	}
	for _, w := range v.swarm.books {
		for cause := range s.Errors {
			s.Errors[cause] += w.Activity.Errors(books.ErrorCause(cause))
		}
		for cause, n := range w.Activity.Losses() {
			s.Lost[lossClass(cause)] += n
		}
	}
	v.swarm.config.Progress(s)
}
