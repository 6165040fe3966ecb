package loadgen

import (
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports/verdict"
)

// Bounds of a Config. The times together have to fit the stamps that messages
// carry, see maxStamp.
const (
	maxClients  = 1_000_000
	minRate     = 0.001
	maxRate     = 1_000_000
	maxRamp     = time.Hour
	maxWarmup   = time.Hour
	minDuration = time.Second
	maxDuration = 24 * time.Hour
	maxRampDown = time.Hour
)

// Config is what a swarm does to which target.
type Config struct {
	Target     *target.Target
	Transports []wire.Transport // the clients take them in turn
	Clients    int
	// Ramp is the time in which the clients start, evenly spread. Messages are
	// sent from its end on, and counted after Warmup for Duration.
	Ramp, Warmup, Duration time.Duration
	// RampDown is the time in which the clients log out, evenly spread, once what
	// was under way at the end is over.
	RampDown time.Duration
	// Rate is how many messages a second the whole swarm sends or is sent; in a
	// churn, how many clients leave. Other scenarios do not look at it.
	Rate     float64
	Payload  int    // bytes of a message's dataContent
	Scenario string // one of Scenarios
	Workload
	Seed  int64      // of the order in which clients have their turns
	Shard plan.Shard // what this process does of it; the rest of Config is the whole run's
	// Start is when the run begins; the zero time is at once. The shards of a run
	// have the same one.
	Start time.Time
	// Intervals is told what was recorded, second by second. May be nil.
	Intervals IntervalLog
	// Sources are the IPv4 addresses of this machine that the clients use in
	// turn; without any the system chooses one.
	Sources []netip.Addr
	// Thresholds are compared with what was measured, at the end or once a second.
	Thresholds []verdict.Threshold
	// Progress is told about once a second how the run goes, on one goroutine;
	// it must return at once. May be nil.
	Progress func(Snapshot)

	portable bool // use a goroutine a connection, whatever the system has
}

// ConfigError says which flag of a load, or which key of a scenario file, has a
// value that cannot be used.
type ConfigError struct {
	Flag   string // with its dashes, or the key
	Reason string // and what to use instead
}

func (e *ConfigError) Error() string { return e.Flag + ": " + e.Reason }

// Check refuses what cannot be run. The error is a *ConfigError.
func (c Config) Check() error {
	if err := checkScenario(c.Scenario); err != nil {
		return err
	}
	if err := c.checkTransports(); err != nil {
		return err
	}
	if c.Clients < 1 || c.Clients > maxClients {
		return &ConfigError{"--clients", fmt.Sprintf("%d is out of range: use 1 to %d", c.Clients, maxClients)}
	}
	if err := c.checkShard(); err != nil {
		return err
	}
	if err := c.checkStart(time.Now()); err != nil {
		return err
	}
	if err := c.checkSources(); err != nil {
		return err
	}
	if err := checkTime("--ramp", c.Ramp, 0, maxRamp); err != nil {
		return err
	}
	if err := checkTime("--warmup", c.Warmup, 0, maxWarmup); err != nil {
		return err
	}
	if err := checkTime("--duration", c.Duration, minDuration, maxDuration); err != nil {
		return err
	}
	if err := checkTime("--ramp-down", c.RampDown, 0, maxRampDown); err != nil {
		return err
	}
	if usesRate(c.Scenario) && (math.IsNaN(c.Rate) || c.Rate < minRate || c.Rate > maxRate) {
		return &ConfigError{"--rate", fmt.Sprintf("%v a second is out of range: use %v to %v", c.Rate, minRate, maxRate)}
	}
	if err := c.checkThresholds(); err != nil {
		return err
	}
	if err := c.checkWorkload(); err != nil {
		return err
	}
	if !usesPayload(c.Scenario) {
		return nil
	}
	return c.checkPayload()
}

func checkTime(flag string, value, lowest, highest time.Duration) error {
	if value < lowest || value > highest {
		return &ConfigError{flag, fmt.Sprintf("%v is out of range: use %v to %v", value, lowest, highest)}
	}
	return nil
}

func (c Config) checkTransports() error {
	if c.Target == nil {
		return &ConfigError{"--udp, --tcp, --ws", "no target: name an address of the server"}
	}
	if len(c.Transports) == 0 {
		return &ConfigError{"--transport", "none is named: use a list such as udp,tcp,ws"}
	}
	for i, t := range c.Transports {
		if !slices.Contains(wire.Transports[:], t) {
			return &ConfigError{"--transport", fmt.Sprintf("%s is unknown: use udp, tcp or ws", t)}
		}
		if slices.Contains(c.Transports[:i], t) {
			return &ConfigError{"--transport", fmt.Sprintf("%s is named twice: name it once", t)}
		}
		if c.Target.Addresses[t] == "" {
			return &ConfigError{"--transport", fmt.Sprintf("the target has no address for %s: give one with --%s", t, t)}
		}
		if mode := c.Target.Modes[t]; !mode.On(t) {
			return &ConfigError{"--sense-mode", fmt.Sprintf("%s does not exist on %s: name another mode for it, such as %s=3S", mode, t, t)}
		}
	}
	return nil
}

// checkPayload holds the longest message of the run against what the most
// limited of its transports takes: the target's own limit, else that of §2.
func (c Config) checkPayload() error {
	smallest := slices.MinFunc(c.Transports, func(a, b wire.Transport) int { return c.Target.MaxMessage(a) - c.Target.MaxMessage(b) })
	most := c.Target.MaxMessage(smallest)
	highest := most - plan.MessageOverhead(c.Clients)
	if c.Payload < plan.MinPayload || c.Payload > highest {
		return &ConfigError{"--payload", fmt.Sprintf(
			"%d bytes is out of range: use %d to %d, as a whole message on %s has at most %d bytes",
			c.Payload, plan.MinPayload, highest, smallest, most)}
	}
	return nil
}

// workers is how many there are: a fixed number, whatever the clients.
func (c Config) workers() int {
	workers := runtime.GOMAXPROCS(0)
	if c.usesEventLoops() {
		workers = eventLoops()
	}
	return max(1, min(workers, c.OwnClients()))
}

// eventLoops is how many a swarm has. One does little but system calls, in which
// the system does the peer's part as well, and the busier it is the less each
// message costs: half of the processors is enough, and the peer may need the rest.
func eventLoops() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// clientsOn is how many of this process's clients use each transport.
func (c Config) clientsOn() map[string]int {
	on := map[string]int{}
	share := c.share()
	for own := range share.Count(c.Clients) {
		on[c.transport(share.Client(plan.Own(own))).String()]++
	}
	return on
}

// transport is what a client uses. Partners are neighbours, so with more than
// one transport every C → C message crosses from one to another.
func (c Config) transport(client plan.Client) wire.Transport {
	return c.Transports[int(client)%len(c.Transports)]
}
