package server_test

import (
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Data is delivered after its delay, to whoever its user is by then; its ACK and
// its event do not wait (§7).
func TestDelayedDeliveries(t *testing.T) {
	b := newBench(t, func(c *server.Config) { c.Policy.Deliveries = server.Delay{Min: 500 * time.Millisecond} })
	u, v := b.login(wire.TCP, "u"), b.login(wire.TCP, "v")
	m, plain, pushed := wire.NewQoSData("u", "v", "x", "fp"), wire.NewData("u", "v", "y"), wire.NewData(wire.ServerID, "v", "z")
	b.expect("QoS", b.receive(u, m), sent("u", ackOf(m)), about(server.EventC2C, "v", 0, m))
	b.expect("plain", b.receive(u, plain), about(server.EventC2C, "v", 0, plain))
	if effects, online := b.Push(b.now, pushed); len(effects) > 0 || !online {
		t.Errorf("a push: %q, online %v", show(effects), online)
	}
	const due = 500 * time.Millisecond
	b.expect("before", b.advance(due-1))
	b.expect("at its time", b.advance(due), at(due, sent("v", m)), at(due, sent("v", plain)), at(due, sent("v", pushed)))
	b.expect("to a user who has gone by then", b.receive(u, plain), about(server.EventC2C, "v", 0, plain))
	b.receive(v, wire.NewLogout("v"))
	b.expect("nothing", b.advance(time.Second))
	b.receive(u, wire.NewKeepAlive("u"))
	b.login(wire.TCP, "v")
	b.expect("the second copy counts from the delayed first", b.advance(5*time.Second), at(5*time.Second, sent("v", m)))
}

// A message to oneself comes back before its ACK, whatever the delay (§4, C → C).
func TestMessageToOneselfIsNotDelayed(t *testing.T) {
	b := newBench(t, func(c *server.Config) { c.Policy.Deliveries = server.Delay{Min: 500 * time.Millisecond} })
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData("u", "u", "x", "fp")
	b.expect("it", b.receive(u, m), sent("u", m), sent("u", ackOf(m)), about(server.EventC2C, "u", 0, m))
}

// Random delays keep the order of one receiver, and differ for another seed.
func TestUnevenDeliveriesKeepTheirOrder(t *testing.T) {
	times := func(seed uint64) (happened []string) {
		b := newBench(t, func(c *server.Config) {
			c.Policy.Deliveries, c.Seed = server.Delay{Min: 100 * time.Millisecond, Max: 800 * time.Millisecond}, seed
		})
		u := b.login(wire.TCP, "u")
		b.login(wire.TCP, "v")
		var want []string
		for _, content := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			m := wire.NewData("u", "v", content)
			b.receive(u, m)
			want = append(want, sent("v", m))
		}
		b.expect("too early", b.advance(100*time.Millisecond-1))
		happened = b.advance(800 * time.Millisecond)
		for i := range want {
			if i >= len(happened) || happened[i][len(happened[i])-len(want[i]):] != want[i] {
				t.Fatalf("seed %d: %q, want %q in this order", seed, happened, want)
			}
		}
		return happened
	}
	if one, two := times(1), times(2); one[0] == two[0] && one[7] == two[7] {
		t.Errorf("two seeds gave %q and %q", one, two)
	}
}

// The second copy comes where its phase has it in the window, the loss 5 s after
// the last copy, and an ACK ends it all (§4).
func TestPhases(t *testing.T) {
	const s = time.Second
	for name, test := range map[string]struct {
		phase   server.Phase
		retries int
		want    []time.Duration // times of the retransmissions and of the loss
	}{
		"earliest":      {server.Earliest, 1, []time.Duration{2 * s, 7 * s}},
		"latest":        {server.Latest, 1, []time.Duration{7 * s, 12 * s}},
		"no retry":      {server.Earliest, 0, []time.Duration{2 * s}},
		"two retries":   {server.Latest, 2, []time.Duration{7 * s, 12 * s, 17 * s}},
		"three retries": {server.Earliest, 3, []time.Duration{2 * s, 7 * s, 12 * s, 17 * s}},
	} {
		b := newBench(t, func(c *server.Config) {
			c.Policy.Phase, c.Policy.Retransmission.Retries = test.phase, test.retries
			c.Policy.Expiry[wire.UDP] = time.Hour
		})
		u := b.login(wire.UDP, "u")
		b.advance(300 * time.Millisecond) // no sweep is at such a time
		m, other := wire.NewQoSData(wire.ServerID, "u", "x", "fp"), wire.NewQoSData(wire.ServerID, "u", "y", "other")
		b.Push(b.now, m)
		b.Push(b.now, m) // the same again does not count
		b.Push(b.now, other)
		b.Push(b.now, wire.NewData(wire.ServerID, "u", "z"))
		b.receive(u, wire.NewReceived(other))
		var want []string
		for i, after := range test.want {
			what := sent("u", m)
			if i == len(test.want)-1 {
				what = about(server.EventLost, "u", 0, m)
			}
			want = append(want, at(300*time.Millisecond+after, what))
		}
		b.expect(name, b.advance(time.Minute), want...)
	}
}

func TestUnevenPhase(t *testing.T) {
	b := newBench(t, func(c *server.Config) {
		c.Policy.Phase, c.Policy.Expiry[wire.UDP] = server.Uneven, time.Hour
	})
	b.login(wire.UDP, "u")
	for _, fp := range []string{"1", "2", "3", "4"} {
		b.Push(b.now, wire.NewQoSData(wire.ServerID, "u", fp, fp))
	}
	b.expect("before the window", b.advance(2*time.Second-1))
	early := b.advance(4500 * time.Millisecond)
	late := b.advance(7 * time.Second)
	if len(early) == 0 || len(late) == 0 || len(early)+len(late) < 4 {
		t.Errorf("second copies %q and %q: want some in either half of the window", early, late)
	}
	if all := b.advance(12 * time.Second); len(early)+len(late)+len(all) != 8 {
		t.Errorf("%d copies and losses, want 8", len(early)+len(late)+len(all))
	}
}

// An ACK that is too fast is reported and does not stop the second copy; one
// after it does stop the loss (§7).
func TestFastACKsMissed(t *testing.T) {
	for _, phase := range []server.Phase{server.AtSweeps, server.Latest} {
		for _, test := range []struct {
			after  time.Duration
			missed bool
		}{{0, true}, {100*time.Millisecond - 1, true}, {100 * time.Millisecond, false}} {
			b := newBench(t, func(c *server.Config) {
				c.Policy.FastACKMissed, c.Policy.Phase = 100*time.Millisecond, phase
				c.Policy.Expiry[wire.UDP] = time.Hour
			})
			u := b.login(wire.UDP, "u")
			m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
			b.Push(b.now, m)
			b.advance(test.after)
			b.expect("the ACK", b.receive(u, wire.NewReceived(m)), acknowledged("u", "fp"))
			copies := b.advance(8 * time.Second)
			if (len(copies) == 1) != test.missed {
				t.Errorf("phase %d, ACK after %v: then %q", phase, test.after, copies)
			}
			b.receive(u, wire.NewReceived(m))
			b.expect("the end", b.advance(time.Minute))
		}
	}
}

func TestFastACKMissedTwice(t *testing.T) {
	b := newBench(t, func(c *server.Config) {
		c.Policy.FastACKMissed, c.Policy.Expiry[wire.UDP] = 100*time.Millisecond, time.Hour
	})
	u := b.login(wire.UDP, "u")
	m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
	b.Push(b.now, m)
	b.receive(u, wire.NewReceived(m))
	b.expect("a message that is not acknowledged again is lost", b.advance(time.Minute),
		at(5*time.Second, sent("u", m)), at(10*time.Second, about(server.EventLost, "u", 0, m)))
}

// Data in another's name can be refused in more ways than one (§4, C → C).
func TestWaysToRefuseAForgedFrom(t *testing.T) {
	for how, want := range map[server.ForgedFrom][]string{
		server.ForgedIgnored: nil,
		server.ForgedEnds:    {closed("u"), loggedOut("u", server.NoKick)},
	} {
		b := newBench(t, func(c *server.Config) { c.Quirks.ForgedFrom = how })
		u := b.login(wire.TCP, "u")
		b.login(wire.TCP, "v")
		b.expect("own", b.receive(u, wire.NewData("u", "v", "x")), sent("v", wire.NewData("u", "v", "x")), about(server.EventC2C, "v", 0, wire.NewData("u", "v", "x")))
		b.expect("forged", b.receive(u, wire.NewQoSData("w", "v", "x", "fp")), want...)
	}
}

// Of a QoS message between clients that no ACK could name nothing was observed.
func TestWaysToTreatANamelessMessage(t *testing.T) {
	m := wire.NewData("u", "v", "x")
	m.QoS = true
	for how, want := range map[server.NamelessC2C][]string{
		server.NamelessPassedOn: {sent("v", m), about(server.EventC2C, "v", 0, m)},
		server.NamelessIgnored:  nil,
		server.NamelessEnds:     {closed("u"), loggedOut("u", server.NoKick)},
	} {
		b := newBench(t, func(c *server.Config) { c.Quirks.NamelessC2C = how })
		u := b.login(wire.UDP, "u")
		b.login(wire.TCP, "v")
		b.expect("nameless", b.receive(u, m), want...)
		if plain := wire.NewData("u", "v", "y"); how != server.NamelessEnds {
			b.expect("without QoS", b.receive(u, plain), sent("v", plain), about(server.EventC2C, "v", 0, plain))
		}
	}
}

// A logout before the login may leave a stream open.
func TestEarlyLogoutIgnored(t *testing.T) {
	b := newBench(t, func(c *server.Config) { c.Quirks.EarlyLogoutIgnored = true })
	for _, kind := range wire.Transports {
		u := b.open(kind, "u")
		b.expect("before the login", b.receive(u, wire.NewLogout("u")))
		b.receive(u, login("u", 0))
		b.expect("after it", b.receive(u, wire.NewLogout("u")), closed("u"), loggedOut("u", server.NoKick))
	}
}
