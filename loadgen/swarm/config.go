package swarm

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/harness/transport/impair"
	"imcheck/harness/usage"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// Config describes a load: what is done, to which target, and by which part of a run.
type Config struct {
	options.Options
	Target     *target.Target
	Transports []wire.Transport // the clients take them in turn
	Shard      plan.Shard       // this process's part of it; the rest of Config is the whole run's
	// Start is the time at which the run begins; the zero time is at once. The shards of a run
	// have the same one.
	Start time.Time
	// Sources are the addresses of this machine that the clients use in turn, each to
	// addresses of its family; without any the system chooses one.
	Sources []netip.Addr
	// Thresholds are compared with what was measured, at the end or once a second.
	Thresholds []verdict.Threshold
	// Enough ends the part that counts early once it is closed, as if its time were up. May be
	// nil.
	Enough <-chan struct{}
	// Intervals gets the recorded figures, second by second. May be nil.
	Intervals books.IntervalLog
	// TargetUsage is read once a second, for what the target's process uses. May be nil.
	TargetUsage usage.Source
	// Progress gets the state of the run about once a second and at its end, on one goroutine;
	// it must return at once. May be nil.
	Progress func(Snapshot)

	// Checkpoint gets the report so far each CheckpointEvery, marked as Unfinished, on a
	// goroutine of its own and one at a time. May be nil.
	Checkpoint      func(*reports.Load)
	CheckpointEvery time.Duration

	portable bool // use a goroutine a connection, whatever the system has
}

// Check refuses what cannot be run. The error is an *options.Error.
func (c Config) Check() error {
	s, err := scenario.Of(&c.Options)
	if err != nil {
		return err
	}
	if err := c.checkTransports(); err != nil {
		return err
	}
	if err := c.Options.Check(s.Uses()); err != nil {
		return err
	}
	for _, check := range []func() error{c.checkImpairment, c.checkUsers, c.checkShard, func() error { return c.checkStart(time.Now()) }, c.checkSources, c.checkThresholds, c.checkNumbers} {
		if err := check(); err != nil {
			return err
		}
	}
	if err := s.Check(&c.Options, c.Target); err != nil {
		return err
	}
	if !scenario.UsesPayload(s) {
		return nil
	}
	return c.checkPayload()
}

// checkImpairment refuses what a load cannot do to its path.
func (c Config) checkImpairment() error {
	if len(c.impairment().Specs()) > 0 && c.scenario().Outage(&c.Options).Any() {
		return options.Refuse(options.Impair, "the storm takes the network away as well: leave one of the two out")
	}
	if err := impair.CheckUsed(c.Impair, c.Transports); err != nil {
		return &options.Error{Option: options.Impair, Reason: err.Error(), Err: err}
	}
	return nil
}

// impairment returns what is done to the path, of the transports that are used. Without a seed of its own it has that of the
// load.
func (c Config) impairment() impair.Policy {
	policy, _, err := impair.Parse(c.Impair)
	if err != nil {
		return impair.Policy{} // Check refuses it
	}
	if !policy.Seeded {
		policy.Seed = c.Seed
	}
	for _, t := range wire.Transports {
		if !slices.Contains(c.Transports, t) {
			policy.Paths[t] = [len(impair.Directions)]impair.Impairment{}
		}
	}
	return policy
}

// checkThresholds refuses thresholds on what the run does not measure.
func (c Config) checkThresholds() error {
	if err := c.measured().Check(c.Thresholds); err != nil {
		return &options.Error{Option: options.Thresholds, Reason: err.Error(), Err: err}
	}
	return nil
}

// measured describes what the run can have thresholds on.
func (c Config) measured() verdict.Measured {
	s := c.scenario()
	m := verdict.Measured{
		Unwatched: c.TargetUsage == nil, Stages: len(c.Options.Stages), Counted: c.Duration,
		Scenario: c.Scenario, Kinds: reports.KindNames(scenario.Latencies(s)), Recovery: s.Recovers(), Storm: c.reportedStorm(), Messages: []reports.MessageKind{},
	}
	for _, f := range s.Flows() {
		m.Messages = append(m.Messages, books.KindOf(f))
	}
	for _, t := range c.Transports {
		m.Transports = append(m.Transports, t.String())
	}
	return m
}

// scenario returns the scenario of a config that was checked; of another one that of
// idle clients.
func (c Config) scenario() scenario.Scenario {
	if s, err := scenario.Of(&c.Options); err == nil {
		return s
	}
	return scenario.Idle{}
}

// schedule computes what is due when.
func (c Config) schedule() plan.Schedule {
	return plan.NewSchedule(plan.Spec{
		Clients: c.Population(), First: c.Clients, Ramp: c.Ramp, Warmup: c.Warmup, Duration: c.Duration, Stages: c.Plan(), Seed: c.Seed,
		Pattern: c.scenario().Pattern(&c.Options),
	})
}

// messageRate returns how many messages a second the clients are sent or send; in a
// churn, how many clients leave.
func (c Config) messageRate() float64 {
	s := c.schedule()
	return s.Rate()
}

// remembered returns how many fingerprints a client remembers: those of all messages
// that it is sent until the last copy of one may come, with room for a client that
// is sent more than others.
func (c Config) remembered() int {
	const room = 4
	s := c.schedule()
	sent := s.RateEach() * lossAge.Seconds()
	return max(bounds.Remembered, int(room*sent))
}

// maxUnacked bounds the messages of a worker that wait for their ACK.
func (c Config) maxUnacked() int {
	return bounds.Unacknowledged / (bounds.MessageCost + c.overhead() + c.Payload)
}

func (c Config) checkTransports() error {
	if c.Target == nil {
		return options.Refuse(options.Target, "no target: name an address of the server")
	}
	if len(c.Transports) == 0 {
		return options.Refuse(options.Transports, "none is named: use a list such as udp,tcp,ws")
	}
	for i, t := range c.Transports {
		if !slices.Contains(wire.Transports[:], t) {
			return options.Refuse(options.Transports, "%s is unknown: use udp, tcp or ws", t)
		}
		if slices.Contains(c.Transports[:i], t) {
			return options.Refuse(options.Transports, "%s is named twice: name it once", t)
		}
		if c.Target.Addresses[t] == "" {
			return options.Refuse(options.Transports, "the target has no address for %s: give one, or leave %s out", t, t)
		}
		if mode := c.Target.Modes[t]; !mode.On(t) {
			return options.Refuse(options.SenseModes, "%s does not exist on %s: name another mode for it, such as %s=3S", mode, t, t)
		}
	}
	return nil
}

// checkPayload refuses a payload with which the longest message of the run is longer
// than the most limited of its transports takes: the target's own limit, else that of §2.
func (c Config) checkPayload() error {
	smallest := slices.MinFunc(c.Transports, func(a, b wire.Transport) int { return c.Target.MaxMessage(a) - c.Target.MaxMessage(b) })
	most := c.Target.MaxMessage(smallest)
	highest := most - c.overhead()
	lowest := plan.MinPayload(c.longest())
	if c.Payload < lowest || c.Payload > highest {
		return options.Refuse(options.Payload, "%d bytes is out of range: use %d to %d, as a whole message on %s has at most %d bytes (--largest-message and largestMessages in a profile say what the server takes)",
			c.Payload, lowest, highest, smallest, most)
	}
	return nil
}

// longest bounds how long after the start of the run a message may be sent.
func (c Config) longest() time.Duration {
	const held = time.Hour // more than a message waits for an in-flight limit
	return c.Planned() + held
}

// Planned returns how long the run is to take, without the settling.
func (c Config) Planned() time.Duration { return c.Ramp + c.Warmup + c.Duration + c.RampDown }

// SampleLength returns the length of a sample of the timeline, and of the intervals of the logs.
func (c Config) SampleLength() time.Duration { return books.SampleLength(c.Planned()) }

// checkNumbers refuses a run in which a client would send another one more messages than
// there are numbers for them.
func (c Config) checkNumbers() error {
	if c.scenario().ClosedLoop() {
		return nil // its messages have no window
	}
	s := c.schedule()
	if each := s.RateEach() * c.Duration.Seconds(); each > math.MaxUint32 {
		return options.Refuse(options.Duration, "%v are too long for %.0f messages a second of a client: it would send more than %d; use a shorter one, a lower rate or more clients",
			c.Duration, s.RateEach(), uint32(math.MaxUint32))
	}
	return nil
}

// workers returns the number of workers, which does not depend on that of the clients.
func (c Config) workers() int {
	engines := c.engines(time.Time{})
	return max(1, min(engines.Engines(), c.OwnClients()))
}

// engines describes the engines of the workers, for a run from a time on.
func (c Config) engines(start time.Time) *engine.Config {
	return &engine.Config{
		Target: c.Target, Transports: c.Transports, Sources: c.Sources, Longest: c.overhead() + c.Payload,
		Start: start, Portable: c.portable, Gather: c.gather(),
	}
}

// gather returns how long what is due, or arrives, may wait to be handled together with
// more.
func (c Config) gather() time.Duration {
	if c.keepsHeartbeatsOnly() {
		return gatherBeats
	}
	return gatherTime
}

// keepsHeartbeatsOnly reports whether the clients do nothing else, so that nobody waits for
// them to answer.
func (c Config) keepsHeartbeatsOnly() bool {
	s := c.scenario()
	return len(s.Latencies()) == 0 && !s.ClosedLoop()
}

// connectionsOn counts the connections that this process may have open at once, by transport: one
// for each client, and those that clients abandon.
func (c Config) connectionsOn() map[string]int {
	on := c.clientsOn()
	if c.reportedStorm() != options.StormSilent {
		return on
	}
	share, schedule := c.share(), c.schedule()
	for _, client := range c.scenario().Abandons(&c.Options, &schedule) {
		if share.Has(client) {
			on[plan.TransportOf(client, c.Transports).String()]++
		}
	}
	return on
}

// clientsOn counts this process's clients by transport.
func (c Config) clientsOn() map[string]int {
	on := map[string]int{}
	share := c.share()
	for own := range share.Count(c.Population()) {
		on[plan.TransportOf(share.Client(plan.Own(own)), c.Transports).String()]++
	}
	return on
}
