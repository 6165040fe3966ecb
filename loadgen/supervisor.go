package loadgen

import (
	"context"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/wire"
	"imcheck/reports"
)

const (
	// settleStream is how long what is under way at the end is waited for.
	settleStream = 3 * time.Second
	// settlePacket is the same where datagrams may get lost: a client sends a
	// message again up to 8 s after the first copy (§4).
	settlePacket = 9 * time.Second
	// settlePoll is how often it is looked at whether anything still is.
	settlePoll = 10 * time.Millisecond
	// goneAfter is how long nobody has to be online for the target to be given up.
	goneAfter = 10 * time.Second
)

// Phase is how far a run has come.
type Phase string

// Phases, in their order.
const (
	PhaseRamp   Phase = "ramp"
	PhaseWarmup Phase = "warm-up"
	PhaseSteady Phase = "steady"
	PhaseSettle Phase = "settle" // waiting for what is under way
)

// Snapshot is how a run goes.
type Snapshot struct {
	Phase   Phase
	Elapsed time.Duration
	Planned time.Duration // of the whole run but for the settling
	Clients int
	Second  reports.Sample // the second that has just ended
}

// manner is how a run came to its end.
type manner uint8

const (
	completed   manner = iota + 1
	interrupted        // by the context
	deserted           // nobody was online for goneAfter
	aborted            // by a threshold
)

// ending is the end of a run.
type ending struct {
	how      manner
	at       time.Duration      // since the start
	resident int64              // bytes, at the end of the steady part; 0 when unknown
	crossed  *reports.Threshold // that ended the run; nil for none
}

// supervisor watches over the workers, and over the time.
type supervisor struct {
	swarm      *swarm
	samples    []reports.Sample
	sampled    reports.Sample // totals so far
	spare      *hdrhistogram.Histogram
	second     *hdrhistogram.Histogram
	lastOnline time.Duration
}

func newSupervisor(s *swarm) *supervisor {
	return &supervisor{swarm: s, spare: newHistogram(), second: newHistogram()}
}

// supervise returns when the run is over; the workers still work then.
func (v *supervisor) supervise(ctx context.Context) (e ending) {
	_, steadyEnd := v.swarm.schedule.steady()
	steady := time.NewTimer(steadyEnd - v.now())
	defer steady.Stop()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	poll := time.NewTicker(settlePoll) // it starts with the end of the steady part
	defer poll.Stop()
	poll.Stop()
	for e.how == 0 {
		select {
		case <-ctx.Done():
			e.how = interrupted
		case <-every.C:
			v.tellProgress(v.sample())
			if v.deserted() {
				e.how = deserted
			}
			if e.crossed = v.swarm.crossed(v.now()); e.crossed != nil {
				e.how = aborted
			}
		case <-steady.C:
			e.resident = residentBytes()
			poll.Reset(settlePoll)
		case <-poll.C:
			if v.swarm.settled() || v.now() >= steadyEnd+v.settleBound() {
				e.how = completed
			}
		}
	}
	e.at = v.now()
	v.sample()
	if e.resident == 0 {
		e.resident = residentBytes()
	}
	return e
}

// settleBound is how long what is under way at the end is waited for at most.
func (v *supervisor) settleBound() time.Duration {
	if slices.Contains(v.swarm.config.Transports, wire.UDP) {
		return settlePacket
	}
	return settleStream
}

func (v *supervisor) now() time.Duration { return time.Since(v.swarm.start) }

// deserted reports whether nobody has been online for too long, from the start
// on. Looked at once a second that is exact enough.
func (v *supervisor) deserted() bool {
	if v.swarm.online.now.Load() > 0 {
		v.lastOnline = v.now()
	}
	return v.now()-v.lastOnline >= goneAfter
}

// sample adds what happened since the last sample to the timeline.
func (v *supervisor) sample() reports.Sample {
	total := reports.Sample{AtMs: v.now().Milliseconds(), Online: v.swarm.online.now.Load()}
	v.second.Reset()
	for _, w := range v.swarm.workers {
		total.Sent += w.activity.sent.Load()
		total.Delivered += w.activity.delivered.Load()
		total.Errors += w.activity.errors.Load()
		full := w.activity.exchange(v.spare)
		v.second.Merge(full)
		full.Reset()
		v.spare = full
	}
	s := total
	s.Sent -= v.sampled.Sent
	s.Delivered -= v.sampled.Delivered
	s.Errors -= v.sampled.Errors
	s.P50Us, s.P99Us = v.second.ValueAtPercentile(50), v.second.ValueAtPercentile(99)
	v.sampled = total
	v.samples = append(v.samples, s)
	return s
}

func (v *supervisor) tellProgress(s reports.Sample) {
	if v.swarm.config.Progress == nil {
		return
	}
	elapsed := v.now()
	from, to := v.swarm.schedule.steady()
	phase := PhaseSteady
	switch {
	case elapsed < v.swarm.schedule.ramp:
		phase = PhaseRamp
	case elapsed < from:
		phase = PhaseWarmup
	case elapsed >= to:
		phase = PhaseSettle
	}
	v.swarm.config.Progress(Snapshot{Phase: phase, Elapsed: elapsed, Planned: to, Clients: v.swarm.config.Clients, Second: s})
}
