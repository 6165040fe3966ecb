package capacity

import (
	"context"
	"time"

	"imcheck/harness/machine"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
)

// Probes after a step that did not hold: short loads that show whether the target has
// worked off what it had in its queue.
const (
	probeClients = 4
	probeRate    = 10
	probeTime    = time.Second
	// probedFor bounds the time of all probes, in lengths of a step. A step is made at up to
	// twice the load that the target keeps up with, and a message without an ACK is sent
	// three times (docs/protocol.md §4): it may have six times as much to do as it has time
	// for meanwhile.
	probedFor = 5
)

// recovery is the time that a target is given between two steps.
type recovery struct {
	needed bool          // there was a step before
	probed bool          // it did not hold
	took   time.Duration // the pause, with its probes
	probes int
}

// await waits until the target has recovered, or for as long as it may; false reports that
// ctx has ended.
func (r *recovery) await(ctx context.Context, p *Plan) bool {
	if !r.needed {
		return ctx.Err() == nil
	}
	begun := time.Now()
	defer func() { r.took = time.Since(begun) }()
	if !machine.Sleep(ctx, p.Recovery) {
		return false
	}
	for r.probed && time.Since(begun) < p.Recovery+p.maxProbed() {
		l, err := swarm.Run(ctx, p.probe())
		r.probes++
		if err != nil || recovered(l) || !machine.Sleep(ctx, probeTime) {
			break // an error is about this machine, as the next step finds out
		}
	}
	return ctx.Err() == nil
}

// probe is a load that no target has trouble with: a few clients that write to the server
// and to each other.
func (p *Plan) probe() swarm.Config {
	c := p.Load
	c.Options = scenario.Defaults(scenario.Steady{})
	c.Clients, c.Rate = max(probeClients, len(c.Transports)), probeRate
	if p.Load.Target.Users != nil {
		c.Clients = min(c.Clients, p.Load.Target.Users.Count())
	}
	c.Ramp, c.Warmup, c.Duration, c.Seed = 0, 0, probeTime, p.Load.Seed
	c.Thresholds, c.Intervals, c.Progress = nil, nil, nil
	return c
}

// recovered reports whether everything in a probe was answered at once.
func recovered(l *reports.Load) bool {
	if l.Outcome != reports.OutcomePass && l.Outcome != reports.OutcomeInconclusive {
		return false
	}
	for _, row := range l.Latencies {
		if row.Transport == reports.AllTransports && row.From == reports.FromDue && row.P50Us > DefaultP99.Microseconds() {
			return false
		}
	}
	return answered(l) > 0
}
