package explore

import (
	"context"
	"flag"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reference-server/variants"
)

var thorough = flag.Bool("thorough", false, "play many more conversations; it takes minutes")

// conversations is how many are played to a server that has nothing wrong.
func conversations() uint64 {
	if *thorough {
		return 200
	}
	return 5
}

const length = 30

// The pace of a conversation in virtual time: a variant may be late by a second.
var (
	prompt  = Pace{Quiet: 20 * time.Millisecond, Patience: 300 * time.Millisecond}
	patient = Pace{Quiet: 1500 * time.Millisecond, Patience: 3 * time.Second}
)

// onServer calls test with a reference server in virtual time.
func onServer(t *testing.T, change func(*reference.Config), test func(t *testing.T, under *target.Target)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const anyPort = "127.0.0.1:0"
		config := reference.Config{
			Network: memory.New(), Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Limits: server.DefaultLimits,
			Control: anyPort, Addresses: [...]string{anyPort, anyPort, anyPort},
		}
		change(&config)
		s, err := reference.Start(config)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		under := &target.Target{Network: config.Network, Control: s.ControlAddress(), Modes: config.Modes, Tolerance: 10 * time.Millisecond}
		for _, kind := range wire.Transports {
			under.Addresses[kind] = s.Address(kind)
		}
		if err := under.Discover(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		test(t, under)
	})
}

// explored explores a reference server, one conversation at a time.
func explored(t *testing.T, change func(*reference.Config), o Options) (outcome Outcome) {
	t.Helper()
	o.Length, o.Parallel, o.Weights = length, 1, DefaultWeights()
	onServer(t, change, func(t *testing.T, under *target.Target) {
		var err error
		if outcome, err = Run(t.Context(), under, o); err != nil {
			t.Error(err)
		}
	})
	return outcome
}

// expectNothing plays conversations and expects no difference.
func expectNothing(t *testing.T, change func(*reference.Config), pace Pace) {
	t.Helper()
	o := explored(t, change, Options{Steps: int(conversations()) * length, Pace: pace})
	for _, f := range o.Findings {
		t.Errorf("seed %d: expected %s, got %s\n%s", f.Seed, f.Difference.Expected, f.Difference.Actual, transcript(f.History))
	}
	// A call of the control API may meet the end of an idle connection.
	if o.Steps < int(conversations())*length/2 || o.Broken > 1 {
		t.Errorf("%d steps were played, %d conversations broke off: %v", o.Steps, o.Broken, o.BrokenBy)
	}
}

func transcript(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("  " + l.String() + "\n")
	}
	return b.String()
}

// What a server does that keeps the protocol is explained by a choice that §7 leaves open.
func TestHealthyServersShowNoDifference(t *testing.T) {
	t.Run("reference", func(t *testing.T) { expectNothing(t, func(*reference.Config) {}, prompt) })
	t.Run("as observed", func(t *testing.T) {
		expectNothing(t, func(c *reference.Config) { c.AsObserved = true }, prompt)
	})
	for name, lost := range map[string]bool{"reported": false, "lost": true} {
		t.Run("as observed, with some takeovers "+name, func(t *testing.T) {
			expectNothing(t, func(c *reference.Config) {
				c.AsObserved = true
				c.Variants = []variants.Variant{{Policy: func(c *server.Config) {
					c.Quirks.Takeover = func(_ string, now time.Time) (bool, bool) {
						some := now.UnixMilli()%3 == 0
						return some, some && lost
					}
				}}}
			}, prompt)
		})
	}
	t.Run("stamping", func(t *testing.T) { expectNothing(t, func(c *reference.Config) { c.Stamp = true }, prompt) })
	for _, v := range variants.All() {
		if v.Loses {
			continue // exploring needs a path that loses nothing
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			expectNothing(t, func(c *reference.Config) { c.Variants = []variants.Variant{v} }, patient)
		})
	}
}

// unseen are the faults that exploring does not show, and why.
var unseen = map[string]string{
	"other-paths-mute":  leftOpen,
	"fragments-refused": leftOpen, "bad-datagram-ends": leftOpen, "kicked-stays": leftOpen, "from-unchecked": leftOpen,
	"ws-fragments-as-messages": leftOpen, "reserved-bits-ignored": leftOpen,
	"dedup-memory-short": minutes, "dedup-memory-long": minutes,
}

// ofObserved are the faults of servers that take data in another's name.
var ofObserved = map[string]bool{"c2s-ack-to-login": true, "c2c-ack-by-from": true}

const (
	leftOpen = "the law leaves it open, or it shows only where a server took another choice"
	minutes  = "it takes minutes of silence"
)

// soonFound bounds the conversations within which each fault shows.
const soonFound = 600

// Every other fault that the catalogue notices shows in a conversation that nobody wrote.
// Without -thorough a part of the faults is tried.
func TestFaultsAreFound(t *testing.T) {
	for i, f := range faults.All() {
		if unseen[f.Name] != "" || strings.HasPrefix(f.Name, "bridge-") || // conversations have no other end of a bridge
			!*thorough && i%16 != 0 {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			on := func(c *reference.Config) {
				c.Faults, c.Stamp, c.AsObserved = []faults.Fault{f}, strings.HasPrefix(f.Name, "stamp-"), ofObserved[f.Name]
			}
			onServer(t, on, func(t *testing.T, under *target.Target) {
				n, found := firstDifference(t.Context(), under)
				if !found {
					t.Errorf("%s: no difference in %d conversations", f.Does, n)
				}
				t.Logf("conversation %d of at most %d differs", n, soonFound)
			})
		})
	}
}

// firstDifference returns how many conversations were played until one differed.
func firstDifference(ctx context.Context, under *target.Target) (n int, found bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	control := target.NewControl(under.Network, under.Control)
	defer control.Close()
	notified := Follow(ctx, control, true)
	var favourites []choice
	for seed := range uint64(soonFound) {
		h, err := play(ctx, under, control, notified, Generate(seed, length, abilitiesOf(under), DefaultWeights()), nonce(), prompt)
		if err != nil || h.judge(&favourites) != nil {
			return int(seed) + 1, true
		}
	}
	return soonFound, false
}

// A difference is shortened to what shows it.
func TestDifferencesAreShortened(t *testing.T) {
	long := Conversation{
		{Do: Open, On: "udp"}, {Do: Login}, {Do: Echo, Text: "x"}, {Do: Open, Conn: 1, On: "tcp"}, {Do: Login, Conn: 1, User: 1},
		{Do: Wait, For: time.Second}, {Do: Data, Conn: 1, User: 1, Text: "hi"}, {Do: Kick, Code: 7, Text: "go away"}, {Do: KeepAlive, Conn: 1, User: 1},
	}
	found, err := faults.Find([]string{"kick-reason-lost"})
	if err != nil {
		t.Fatal(err)
	}
	o := explored(t, func(c *reference.Config) { c.Faults = found }, Options{Replay: long, Pace: prompt})
	if len(o.Findings) != 1 {
		t.Fatalf("%d differences, want 1", len(o.Findings))
	}
	f := o.Findings[0]
	want := Conversation{long[0], long[1], {Do: Kick, Code: 2, Text: "go away"}} // code 2 is simpler than 7
	if !slices.Equal(f.Conversation, want) || !strings.Contains(f.Difference.Expected, "go away") || !strings.Contains(f.Difference.Actual, `"type":54`) {
		t.Errorf("%v, expected %s, got %s", f.Conversation, f.Difference.Expected, f.Difference.Actual)
	}
}

// The same seed draws the same conversation, and another one another.
func TestGenerateIsRepeatable(t *testing.T) {
	all := Abilities{Transports: wire.Transports[:], Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Control: true, Verdicts: true, Veto: true, Store: true}
	draw := func(seed uint64) Conversation { return Generate(seed, length, all, DefaultWeights()) }
	if !slices.Equal(draw(1), draw(1)) || slices.Equal(draw(1), draw(2)) {
		t.Error("seeds do not decide what is drawn")
	}
	for seed := range uint64(100) {
		for _, s := range Generate(seed, length, Abilities{Transports: wire.Transports[:1], Modes: all.Modes}, DefaultWeights()) {
			if s.Do == Kick || s.Do == Push || s.Do == Open && s.On != "udp" || s.Code != 0 || strings.HasPrefix(s.Text, "veto") && s.Do == Data {
				t.Fatalf("seed %d: %s is not possible", seed, s)
			}
		}
	}
}
