package capacity

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// Names of what a search is given, in the errors of Check.
const (
	OptionFind     = "find"
	OptionFrom     = "find.from"
	OptionTo       = "find.to"
	OptionWithin   = "find.within"
	OptionRecovery = "find.recovery"
)

// Plan describes a search. Make one with its fields set, then call Complete.
type Plan struct {
	Search string // reports.SearchRate or reports.SearchClients
	Bounds
	// Recovery is the least time between two steps.
	Recovery time.Duration
	// Load is what every step does, but for the load that the search varies.
	Load swarm.Config
	// RampGrows has more clients log in for longer, so that no more than LoginRate of them
	// do so in a second.
	RampGrows bool
	// Possible refuses a load that cannot be run here, beside what Config.Check does; nil for
	// nothing.
	Possible func(swarm.Config) error

	toReason string // reason that the generator cannot have more than To; "" when To was given
	defaults bool   // the thresholds are those of DefaultThreshold
}

const (
	// LoginRate is the most clients that log in within a second when the ramp grows.
	LoginRate = 1000
	// DefaultP99 is the bound on the 99th percentile of a search without thresholds.
	DefaultP99 = 100 * time.Millisecond

	leastWithin, mostWithin = 0.01, 0.5
	maxRecovery             = time.Hour
	// leaving bounds the time of a step after its measured time: what is under way is waited
	// for, and the clients log out.
	leaving = 10 * time.Second
)

// noticed are the kinds of latency, those that users notice most first.
var noticed = []reports.LatencyKind{
	reports.KindC2CDelivery, reports.KindS2CDelivery, reports.KindC2CAck, reports.KindC2SAck,
	reports.KindRelogin, reports.KindHeartbeat, reports.KindLogin,
}

// mainLatency returns the kind that users of a scenario notice most.
func mainLatency(s scenario.Scenario) reports.LatencyKind {
	return slices.MinFunc(scenario.Latencies(s), func(a, b reports.LatencyKind) int {
		return cmp.Compare(reports.Rank(noticed, a), reports.Rank(noticed, b))
	})
}

// DefaultThreshold returns the threshold of a search for which none was named.
func DefaultThreshold(s scenario.Scenario) verdict.Threshold {
	t, err := verdict.ParseThreshold(fmt.Sprintf("%s.p99<%dms", mainLatency(s), DefaultP99.Milliseconds()))
	if err != nil {
		panic(err) // it is made of constants
	}
	return t
}

// Complete fills in what was not asked for, and refuses what cannot be searched. To is the
// highest load that can be made here when it is 0. The error is an *options.Error.
func (p *Plan) Complete() error {
	if err := p.Refuse(); err != nil {
		return err
	}
	s, err := scenario.Of(&p.Load.Options)
	if err != nil {
		return err
	}
	if p.defaults = len(p.Load.Thresholds) == 0; p.defaults {
		p.Load.Thresholds = []verdict.Threshold{DefaultThreshold(s)}
	}
	p.Whole = p.Search == reports.SearchClients
	if err := p.checkBounds(); err != nil {
		return err
	}
	if err := p.possible(p.From); err != nil {
		return p.named(err, OptionFrom)
	}
	if p.To > 0 {
		return p.named(p.possible(p.To), OptionTo)
	}
	p.To, p.toReason = p.highest()
	return nil
}

// Refuse refuses scenarios and runs whose capacity a search cannot find, whatever the
// target. The error is an *options.Error.
func (p *Plan) Refuse() error {
	s, err := scenario.Of(&p.Load.Options)
	switch {
	case err != nil:
		return err
	case p.Search != reports.SearchRate && p.Search != reports.SearchClients:
		return options.Refuse(OptionFind, "%q is unknown: use %s or %s", p.Search, reports.SearchRate, reports.SearchClients)
	case s.ClosedLoop():
		return options.Refuse(OptionFind, "the clients of %s wait for each answer, so that a slow server is asked less and its capacity does not show: use another scenario", s.Name())
	case s.Recovers():
		return options.Refuse(OptionFind, "a %s is one event in a run and no load that could be raised: use another scenario", s.Name())
	case p.Search == reports.SearchRate && !slices.Contains(s.Uses(), options.Rate):
		return options.Refuse(OptionFind, "the scenario %s has no rate: use --find %s", s.Name(), reports.SearchClients)
	case len(p.Load.Stages) > 0:
		return options.Refuse(OptionFind, "stages have loads of their own, and the search varies one: leave the stages out")
	case p.Load.Shard.Of > 0:
		return options.Refuse(OptionFind, "the shards of a load do not know what the others came to, so that they cannot search together: leave --shard out")
	case !p.Load.Start.IsZero():
		return options.Refuse(OptionFind, "only its first step could begin at a given time: leave --start-at out")
	}
	return nil
}

func (p *Plan) checkBounds() error {
	switch {
	case !(p.From > 0) || math.IsInf(p.From, 0):
		return options.Refuse(OptionFrom, "%v is out of range: use more than 0", p.From)
	case p.To != 0 && !(p.To >= p.From):
		return options.Refuse(OptionTo, "%v is below the %v where the search begins: use more, or a lower --find-from", p.To, p.From)
	case p.Whole && p.From != math.Trunc(p.From):
		return options.Refuse(OptionFrom, "%v clients cannot be had: use a whole number", p.From)
	case p.Whole && p.To != math.Trunc(p.To):
		return options.Refuse(OptionTo, "%v clients cannot be had: use a whole number", p.To)
	case !(p.Within >= leastWithin && p.Within <= mostWithin):
		return options.Refuse(OptionWithin, "%v%% is out of range: use %v%% to %v%%", 100*p.Within, 100*leastWithin, 100*mostWithin)
	case p.Recovery < 0 || p.Recovery > maxRecovery:
		return options.Refuse(OptionRecovery, "%v is out of range: use 0s to %v", p.Recovery, maxRecovery)
	}
	return nil
}

// Config returns what a step at a load does.
func (p *Plan) Config(load float64) swarm.Config {
	c := p.Load
	if p.Search == reports.SearchRate {
		c.Rate = load
		return c
	}
	c.Clients = int(min(load, math.MaxInt32))
	if p.RampGrows {
		c.Ramp = max(c.Ramp, time.Duration(c.Clients)*time.Second/LoginRate)
	}
	return c
}

// possible refuses a load that cannot be made here.
func (p *Plan) possible(load float64) error {
	c := p.Config(load)
	if err := c.Check(); err != nil {
		return err
	}
	if p.Possible != nil {
		return p.Possible(c)
	}
	return nil
}

// named has an error about what the search varies name the bound that it came from.
func (p *Plan) named(err error, bound string) error {
	refused, ok := errors.AsType[*options.Error](err)
	if !ok || refused.Option != p.Search {
		return err
	}
	return &options.Error{Option: bound, Reason: refused.Reason, Err: refused.Err}
}

// highest returns the highest load that can be made here, and the reason that more cannot.
func (p *Plan) highest() (load float64, reason string) {
	const near = 1.01
	low, high := p.From, max(p.From, map[string]float64{reports.SearchRate: options.MaxRate, reports.SearchClients: options.MaxClients}[p.Search])
	err := p.possible(high)
	if err == nil {
		return high, "it is the most that a run may have"
	}
	for high > low*near {
		middle := math.Sqrt(low * high)
		if p.Whole {
			if middle = math.Floor(middle); middle <= low {
				break
			}
		}
		if refusal := p.possible(middle); refusal != nil {
			high, err = middle, refusal
		} else {
			low = middle
		}
	}
	low = max(p.From, roundedDown(low))
	if refused, ok := errors.AsType[*options.Error](err); ok {
		return low, refused.Reason
	}
	return low, err.Error()
}

// roundedDown leaves three digits.
func roundedDown(load float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(load))-2)
	return clean(math.Floor(load/unit) * unit)
}

// Thresholds lists the thresholds of every step.
func (p *Plan) Thresholds() []string {
	texts := make([]string, len(p.Load.Thresholds))
	for i, t := range p.Load.Thresholds {
		texts[i] = t.String()
	}
	return texts
}

// Defaulted reports whether the thresholds are those of DefaultThreshold.
func (p *Plan) Defaulted() bool { return p.defaults }

// Unit returns the unit of a load.
func (p *Plan) Unit() string {
	switch {
	case p.Search == reports.SearchClients:
		return "clients"
	case p.Load.Scenario == scenario.Churn{}.Name():
		return "departures a second"
	}
	return "messages a second"
}

// MaxDuration bounds the whole search.
func (p *Plan) MaxDuration() time.Duration {
	most := p.MaxSteps()
	c := p.Config(p.To)
	step := c.Ramp + c.Warmup + c.Duration + c.RampDown + leaving + p.Recovery
	return time.Duration(most)*step + time.Duration(most-p.doublings())*(p.maxProbed()+probeTime+leaving)
}

// maxProbed bounds the time of the probes after a step that did not hold.
func (p *Plan) maxProbed() time.Duration { return probedFor * (p.Load.Warmup + p.Load.Duration) }
