package capacity

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// handled is how many messages a second the server of these tests handles.
const handled = 100

// following notes the steps of a search, and may do something after each.
type following struct {
	loads []*reports.Load
	after func(step reports.CapacityStep)
	fails error
}

func (f *following) Begin(reports.CapacityStep, *swarm.Config) {}

func (f *following) Done(step reports.CapacityStep, l *reports.Load) error {
	f.loads = append(f.loads, l)
	if f.after != nil {
		f.after(step)
	}
	return f.fails
}

// searched is an ordinary search for a rate.
func searched(seed int64) *Plan {
	o := scenario.Defaults(scenario.Steady{})
	o.Clients, o.Ramp, o.Warmup, o.Duration, o.Seed = 20, time.Second, 2*time.Second, 10*time.Second, seed
	return &Plan{
		Search: reports.SearchRate, Bounds: Bounds{From: 20, To: 1000, Within: 0.05}, Recovery: 3 * time.Second,
		Load: swarm.Config{Options: o, Transports: []wire.Transport{wire.TCP}},
	}
}

// search runs a search in virtual time against a server in memory that handles so many
// messages a second.
func search(t *testing.T, p *Plan, f *following, perSecond int) (r *reports.Capacity, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		modes, parseErr := timing.ParseModes("3S", wire.Transports[:])
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		config := reference.Config{Network: network, Modes: modes, MessagesPerSecond: perSecond}
		config.Addresses[wire.TCP], config.Addresses[wire.UDP] = "127.0.0.1:0", "127.0.0.1:0"
		s, startErr := reference.Start(config)
		if startErr != nil {
			t.Fatal(startErr)
		}
		defer s.Close()
		p.Load.Target = &target.Target{Network: network, Modes: modes, Addresses: s.Addresses()}
		if completeErr := p.Complete(); completeErr != nil {
			t.Fatal(completeErr)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if after := f.after; after != nil {
			f.after = func(step reports.CapacityStep) {
				if after(step); step.Number == 3 {
					cancel()
				}
			}
		}
		r, err = Run(ctx, p, f)
	})
	return r, err
}

// A server that handles a known number of messages a second is found within 5 %, each time,
// whatever the transports and the seed.
func TestFindsKnownRate(t *testing.T) {
	for i, transports := range [][]wire.Transport{{wire.TCP}, {wire.UDP}, {wire.UDP, wire.TCP}} {
		seed := int64(i + 1)
		p := searched(seed)
		p.Load.Transports = transports
		f := &following{}
		r, err := search(t, p, f, handled)
		if err != nil {
			t.Fatal(err)
		}
		if r.Outcome != reports.OutcomePass || r.Ending != reports.EndingFound || !r.Confirmed {
			t.Fatalf("%s: %s", r.Outcome, r.Reason)
		}
		for _, bound := range []float64{r.Lower, r.Upper} {
			if bound < 0.95*handled || bound > 1.05*handled {
				t.Errorf("seed %d: from %v to %v, want %d within 5 %%", seed, r.Lower, r.Upper, handled)
			}
		}
		if g := r.GaveWay; g == nil || g.Expression != "c2c_delivery.p99<100ms" || g.Actual < 100 || !strings.Contains(r.Reason, g.Expression) {
			t.Errorf("gave way: %+v, reason %q", g, r.Reason)
		}
		if len(r.Steps) != len(f.loads) || len(r.Steps) > r.MaxSteps || r.DurationMs > r.MaxDurationMs {
			t.Errorf("%d steps with %d reports in %d ms, announced %d in %d ms", len(r.Steps), len(f.loads), r.DurationMs, r.MaxSteps, r.MaxDurationMs)
		}
		checkSteps(t, r, f.loads)
	}
}

// checkSteps holds that the figures of a step are those of its run alone.
func checkSteps(t *testing.T, r *reports.Capacity, loads []*reports.Load) {
	t.Helper()
	for i, s := range r.Steps {
		l := loads[i]
		if l.RatePerSecond != s.Load || l.SentCount() != int64(10*s.Load+0.5) {
			t.Errorf("step %d at %v has a run at %v with %d messages, want those of 10 s", s.Number, s.Load, l.RatePerSecond, l.SentCount())
		}
		for _, m := range l.Messages {
			if m.Unexpected != 0 || m.Unbalanced != 0 {
				t.Errorf("step %d saw messages of others: %+v", s.Number, m)
			}
		}
		if l.Sessions.LoggedIn != 20 || l.Sessions.AtEnd != 20 {
			t.Errorf("step %d had %d logins and %d clients at its end, want 20", s.Number, l.Sessions.LoggedIn, l.Sessions.AtEnd)
		}
		if s.Came == reports.CameHeld && (s.Achieved < 0.95*s.Load || s.P99Us >= 100_000) {
			t.Errorf("step %d held: %+v", s.Number, s)
		}
		if s.Load > 1.3*handled && (s.Achieved < 0.75*handled || s.Achieved > 1.05*handled) {
			t.Errorf("step %d at %v achieved %v of a server that handles %d", s.Number, s.Load, s.Achieved, handled)
		}
		least := int64(3000)
		if i > 0 && r.Steps[i-1].Load > 1.5*handled {
			least = 5000 // what the server has in its queue is worked off
		}
		if i > 0 && s.PauseMs < least {
			t.Errorf("step %d comes %d ms after the one before, want %d at least", s.Number, s.PauseMs, least)
		}
	}
}

func TestSearchEndsEarly(t *testing.T) {
	t.Run("interrupted", func(t *testing.T) {
		r, err := search(t, searched(1), &following{after: func(reports.CapacityStep) {}}, handled)
		if err != nil || r.Ending != reports.EndingInterrupted || r.Lower != 80 || len(r.Steps) != 3 || r.ExitCode != 3 || r.Reason != "interrupted after 3 steps: at least 80 messages a second" {
			t.Errorf("got %v, %+v", err, r)
		}
	})
	t.Run("nothing can be saved", func(t *testing.T) {
		full := errors.New("the disk is full")
		r, err := search(t, searched(1), &following{fails: full}, handled)
		if !errors.Is(err, full) || len(r.Steps) != 1 {
			t.Errorf("got %v, %+v", err, r)
		}
	})
	t.Run("the highest load holds", func(t *testing.T) {
		p := searched(1)
		p.To = 50
		r, err := search(t, p, &following{}, handled)
		if err != nil || r.Ending != reports.EndingReached || r.ExitCode != 0 || !strings.HasPrefix(r.Reason, "at least 50 messages a second: ") {
			t.Errorf("got %v, %+v", err, r)
		}
	})
	t.Run("the lowest load does not hold", func(t *testing.T) {
		p := searched(1)
		p.From = 400
		r, err := search(t, p, &following{}, handled)
		if err != nil || r.Ending != reports.EndingBelow || r.ExitCode != 1 || !strings.HasPrefix(r.Reason, "less than 400 messages a second: ") {
			t.Errorf("got %v, %+v", err, r)
		}
	})
}

// The number of clients is found where each of them sends as many messages as it likes.
func TestFindsClients(t *testing.T) {
	p := searched(1)
	p.Search, p.Bounds = reports.SearchClients, Bounds{From: 10, To: 200, Within: 0.05}
	p.Load.Scenario, p.Load.ThinkTime, p.Load.Groups = scenario.Chat{}.Name(), time.Second, []int{2}
	r, err := search(t, p, &following{}, 40)
	if err != nil || r.Outcome != reports.OutcomePass || r.Unit != "clients" {
		t.Fatalf("got %v, %+v", err, r)
	}
	if r.Lower < 38 || r.Upper > 42 {
		t.Errorf("from %v to %v, want 40 clients that send a message a second each", r.Lower, r.Upper)
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change       func(*Plan)
		option, want string
	}{
		"unknown":             {func(p *Plan) { p.Search = "speed" }, OptionFind, `"speed" is unknown: use rate or clients`},
		"closed loop":         {func(p *Plan) { p.Load.Options = scenario.Defaults(scenario.Echo{}) }, OptionFind, "wait for each answer"},
		"storm":               {func(p *Plan) { p.Load.Options = scenario.Defaults(scenario.Storm{}) }, OptionFind, "a storm is one event"},
		"no rate":             {func(p *Plan) { p.Load.Options = scenario.Defaults(scenario.Idle{}) }, OptionFind, "use --find clients"},
		"shard":               {func(p *Plan) { p.Load.Shard.Of = 2 }, OptionFind, "leave --shard out"},
		"start":               {func(p *Plan) { p.Load.Start = time.Now() }, OptionFind, "leave --start-at out"},
		"from below 0":        {func(p *Plan) { p.From = -1 }, OptionFrom, "use more than 0"},
		"from above to":       {func(p *Plan) { p.From = 3000 }, OptionTo, "1000 is below the 3000 where the search begins"},
		"half a client":       {func(p *Plan) { p.Search, p.From = reports.SearchClients, 1.5 }, OptionFrom, "1.5 clients cannot be had"},
		"half a client above": {func(p *Plan) { p.Search, p.To = reports.SearchClients, 99.5 }, OptionTo, "99.5 clients cannot be had"},
		"too close":           {func(p *Plan) { p.Within = 0.001 }, OptionWithin, "0.1% is out of range: use 1% to 50%"},
		"pause":               {func(p *Plan) { p.Recovery = -1 }, OptionRecovery, "use 0s to 1h"},
		"rate too high":       {func(p *Plan) { p.To = 1e9 }, OptionTo, "1e+09 a second is out of range"},
		"rate too low":        {func(p *Plan) { p.From = 1e-9 }, OptionFrom, "1e-09 a second is out of range"},
		"too many clients":    {func(p *Plan) { p.Search, p.To = reports.SearchClients, 1e8 }, OptionTo, "100000000 is out of range"},
	} {
		t.Run(name, func(t *testing.T) {
			p := searched(1)
			p.Load.Target = &target.Target{Modes: timing.DefaultModes()}
			p.Load.Target.Addresses[wire.TCP] = "127.0.0.1:1"
			test.change(p)
			var refused *options.Error
			if err := p.Complete(); !errors.As(err, &refused) || refused.Option != test.option || !strings.Contains(refused.Reason, test.want) {
				t.Errorf("got %v, want %s: …%s…", err, test.option, test.want)
			}
		})
	}
}

// Without a highest load it is the highest that can be made here, and the report says why.
func TestHighestLoad(t *testing.T) {
	p := searched(1)
	p.Load.Target = &target.Target{Modes: timing.DefaultModes()}
	p.Load.Target.Addresses[wire.TCP] = "127.0.0.1:1"
	p.Search, p.From, p.To = reports.SearchClients, 10, 0
	p.Possible = func(c swarm.Config) error {
		if c.Clients > 1234 {
			return errors.New("1234 open files are all")
		}
		return nil
	}
	if err := p.Complete(); err != nil || p.To > 1234 || p.To < 1200 || p.To != 10*math.Trunc(p.To/10) || p.toReason != "1234 open files are all" {
		t.Errorf("got %v: %v, %q", err, p.To, p.toReason)
	}
	p.RampGrows = true
	if got := p.Config(10_000).Ramp; got != 10*time.Second {
		t.Errorf("10,000 clients log in within %v, want 10 s", got)
	}
	if got := p.Config(10).Ramp; got != time.Second {
		t.Errorf("10 clients log in within %v, want 1 s", got)
	}
}
