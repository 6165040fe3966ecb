package swarm

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/machine"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

const (
	// settleStream is the longest wait at the end for what is under way.
	settleStream = 3 * time.Second
	// settlePacket is the same where datagrams may get lost: a client sends a
	// message again up to 8 s after the first copy (§4).
	settlePacket = 9 * time.Second
	// settlePoll is the time between two looks at whether anything still is.
	settlePoll = 10 * time.Millisecond
	// copiesFor is the time after the end of the steady part in which the server may send
	// messages again that are acknowledged, if it does that: up to 7 s after it sent them (§4).
	copiesFor = 7*time.Second + onTheWay
	// lossesFor is the same until the server calls them lost, 5 s after that.
	lossesFor = copiesFor + 5*time.Second
	// goneAfter is the time without anybody online from the start after which the target is
	// given up. One that goes away later may come back.
	goneAfter = 10 * time.Second
)

// manner distinguishes the ways in which a run comes to its end.
type manner uint8

const (
	completed    manner = iota + 1
	interrupted         // by the context
	nobodyOnline        // nobody ever was online
	aborted             // by a threshold
)

// ending is the end of a run.
type ending struct {
	how       manner
	at        time.Duration // since the start, the settling included unless it was cut short
	settled   time.Duration // since the start: nothing was under way any more, or it was given up; 0 for never
	openFiles int64         // at the same time
	total     time.Duration // with everything
	outages   []reports.Outage
	resident  int64              // bytes, at the end of the steady part; 0 when unknown
	crossed   *reports.Threshold // threshold that ended the run; nil for none
}

// supervisor watches over the workers, and over the time.
type supervisor struct {
	swarm       *swarm
	timeline    *books.Timeline
	last        reports.Sample // the second that has ended last
	sampled     reports.Sample // totals so far
	usedCPU     float64        // seconds of this process, up to there
	spare       *hdrhistogram.Histogram
	second      *hdrhistogram.Histogram
	late        *hdrhistogram.Histogram
	checkpoints *checkpoints
	outages     []reports.Outage
	out         bool // nobody is online
	rampingDown bool
}

func newSupervisor(s *swarm, before host.Usage) *supervisor {
	return &supervisor{
		swarm: s, timeline: books.NewTimeline(s.config.SampleLength()), usedCPU: machine.CPUSeconds(),
		checkpoints: newCheckpoints(s, before),
		spare:       reports.NewHistogram(), second: reports.NewHistogram(), late: reports.NewHistogram(),
	}
}

// supervise returns when the run is over; the workers still work then.
func (v *supervisor) supervise(ctx context.Context) (e ending) {
	_, steadyEnd := v.swarm.Schedule.Steady()
	steady := time.NewTimer(steadyEnd - v.now())
	defer steady.Stop()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	poll := time.NewTicker(settlePoll) // it starts with the end of the steady part
	defer poll.Stop()
	poll.Stop()
	bound := steadyEnd + v.settleBound()
	interrupts, enough := ctx.Done(), v.swarm.config.Enough
	cut := func(how manner) {
		e.how, e.at = how, v.now()
		v.swarm.cutShort(e.at)
		v.swarm.wakeAll()
		interrupts, enough, bound = nil, nil, e.at+v.settleBound()
		steady.Stop()
		poll.Reset(settlePoll)
	}
	for over := false; !over; {
		select {
		case <-interrupts:
			cut(interrupted)
		case <-enough:
			cut(completed)
		case <-every.C:
			v.tellProgress(v.sample())
			v.watchOnline()
			if v.nobodyOnline() {
				e.how, over = nobodyOnline, true
			}
			if e.how != 0 {
				continue
			}
			v.checkpoints.look(v)
			if e.crossed = v.swarm.crossed(v.now()); e.crossed != nil {
				cut(aborted)
			}
		case <-steady.C:
			e.resident, e.openFiles = machine.ResidentBytes(), machine.OpenFiles()
			poll.Reset(settlePoll)
		case <-poll.C:
			settled := v.swarm.settled() || v.now() >= bound
			if settled && e.settled == 0 {
				e.settled = v.now()
			}
			over = settled && !(e.how == 0 && v.swarm.copiesDue())
		}
	}
	e.how, e.at = cmp.Or(e.how, completed), cmp.Or(e.at, v.now())
	v.sample()
	v.watchOnline()
	e.outages, e.total = v.outages, v.now()
	if e.resident == 0 {
		e.resident, e.openFiles = machine.ResidentBytes(), machine.OpenFiles()
	}
	return e
}

// settleBound bounds the wait for what is under way at the end.
func (v *supervisor) settleBound() time.Duration {
	if v.swarm.path != nil && slices.ContainsFunc(v.swarm.config.Transports, v.swarm.path.Loses) {
		return settlePacket + copiesFor + v.swarm.addedDelay() // both ends may have to send again
	}
	return v.settleUnimpaired() + v.swarm.addedDelay()
}

// settleUnimpaired is the same on a path that loses nothing by itself.
func (v *supervisor) settleUnimpaired() time.Duration {
	if slices.Contains(v.swarm.config.Transports, wire.UDP) {
		return settlePacket
	}
	return settleStream
}

func (v *supervisor) now() time.Duration { return v.swarm.Now() }

// nobodyOnline reports whether nobody has come online for too long since the start.
func (v *supervisor) nobodyOnline() bool {
	return v.swarm.online.Peak.Load() == 0 && v.now() >= goneAfter
}

// maxOutages bounds the outages that are listed.
const maxOutages = 20

// watchOnline notes when nobody is online any more, and when somebody is again.
// Looked at once a second that is exact enough.
func (v *supervisor) watchOnline() {
	nobody := v.swarm.online.Now.Load() == 0 && v.swarm.online.Peak.Load() > 0 && !v.swarm.nobodyFor(v.now())
	if nobody && !v.out && len(v.outages) < maxOutages {
		v.outages = append(v.outages, reports.Outage{FromMs: v.now().Milliseconds()})
	}
	if last := len(v.outages) - 1; last >= 0 && v.out {
		v.outages[last].ToMs = v.now().Milliseconds()
	}
	v.out = nobody
}

// attend waits for the workers to end, which takes as long as the ramp down.
func (v *supervisor) attend(working *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		working.Wait()
		close(done)
	}()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-done:
			return
		case <-every.C:
			v.rampingDown = true
			v.tellProgress(v.sample())
		}
	}
}
