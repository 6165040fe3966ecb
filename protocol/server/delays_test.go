package server_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// newLateBench has a server that registers 400 ms after the login response, and
// deregisters 300 ms after the end of a session.
func newLateBench(t *testing.T) *bench {
	return newBench(t, func(c *server.Config) {
		c.Policy.RegistrationDelay, c.Policy.DeregistrationDelay = 400*time.Millisecond, 300*time.Millisecond
	})
}

func (b *bench) expectOnline(what string, want ...string) {
	b.Helper()
	if got := b.Online(); !slices.Equal(got, want) {
		b.Errorf("%s: online %q, want %q", what, got, want)
	}
}

// The login response comes before its effects (§3): until then the user is
// offline, and what the session sends is held, in order.
func TestRegistrationDelay(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newLateBench(t)
		v := b.open(wire.TCP, "v")
		b.receive(v, login("v", 0))
		b.advance(400 * time.Millisecond)
		u := b.open(kind, "u")
		b.expect("login", b.receive(u, login("u", 0)), verified("u", 0), welcome("u", "u", clock(400*time.Millisecond)))
		b.expectOnline("before the registration", "v")
		m, beat := wire.NewData("v", "u", "x"), wire.NewKeepAlive("u")
		b.expect("a message for the user", b.receive(v, m), about(server.EventOffline, "u", server.NotStored, m))
		b.expect("a keep-alive", b.receive(u, beat))
		b.expect("an echo", b.receive(u, wire.NewEcho("u", "x")))
		const due = 800 * time.Millisecond
		b.expect("nothing happens before", b.advance(due-1))
		b.expect("the registration on "+kind.String(), b.advance(due),
			at(due, loggedIn("u")),
			at(due, sent("u", wire.NewKeepAliveResponse("u"))),
			at(due, sent("u", wire.NewEchoResponse(wire.NewEcho("u", "x")))))
		b.expectOnline("after the registration", "u", "v")
		b.expect("a message for the user", b.receive(v, m), sent("u", m), about(server.EventC2C, "u", 0, m))
	}
}

// What is held counts as activity from when it came (§3, expiry).
func TestHeldMessagesCountFromWhenTheyCame(t *testing.T) {
	b := newLateBench(t)
	u := b.open(wire.TCP, "u")
	b.receive(u, login("u", 0))
	b.advance(100 * time.Millisecond)
	b.receive(u, wire.NewKeepAlive("u"))
	b.advance(7100*time.Millisecond - 1)
	if u.Ended() {
		t.Error("it expired early")
	}
	b.advance(7100 * time.Millisecond)
	if !u.Ended() {
		t.Error("it did not expire in time")
	}
}

// A session that ends before its user is registered is registered all the same,
// and then ends: one thread does both.
func TestEndBeforeTheRegistration(t *testing.T) {
	const due = 400 * time.Millisecond
	registered := at(due, loggedIn("u"))
	for name, test := range map[string]struct {
		end  func(b *bench, u *server.Session) []string
		want []string
	}{
		"closed by the peer": {func(b *bench, u *server.Session) []string { return show(b.Closed(b.now, u)) }, []string{registered, at(due, closed("u"))}},
		"logout":             {func(b *bench, u *server.Session) []string { return b.receive(u, wire.NewLogout("u")) }, []string{registered, at(due, closed("u"))}},
		"bad message":        {func(b *bench, u *server.Session) []string { return b.raw(u, "bad") }, []string{registered, at(due, closed("u"))}},
	} {
		b := newLateBench(t)
		u := b.open(wire.TCP, "u")
		b.receive(u, login("u", 0))
		b.expect(name, test.end(b, u))
		b.expect(name+", an echo after it", b.receive(u, wire.NewEcho("u", "x")))
		b.expect(name+", the registration", b.advance(due), test.want...)
		b.expectOnline(name+", listed for a while", "u")
		b.expect(name+", the logout", b.advance(time.Second), at(700*time.Millisecond, loggedOut("u", server.NoKick)))
		b.expectOnline(name)
	}
}

// Two logins of a user take effect in their order, each after its delay.
func TestTakeoverWithDelay(t *testing.T) {
	b := newLateBench(t)
	old, young := b.open(wire.TCP, "old"), b.open(wire.WS, "young")
	b.receive(old, login("u", 0))
	b.advance(100 * time.Millisecond)
	b.receive(young, login("u", 0))
	b.expect("the first registration", b.advance(450*time.Millisecond), at(400*time.Millisecond, loggedIn("u")))
	b.expect("the second", b.advance(time.Second),
		at(500*time.Millisecond, kickout("old", "u")), at(500*time.Millisecond, closed("old")), at(500*time.Millisecond, loggedIn("u")))
	b.expectOnline("at last", "u")
}

// A further login among what was held has its own delay, and holds what follows.
func TestLoginAgainWhileHeld(t *testing.T) {
	b := newLateBench(t)
	u := b.open(wire.TCP, "u")
	b.receive(u, login("u", 0))
	b.receive(u, login("v", 0))
	b.receive(u, wire.NewKeepAlive("v"))
	const first, second = 400 * time.Millisecond, 800 * time.Millisecond
	b.expect("both", b.advance(time.Second),
		at(first, loggedIn("u")), at(first, welcome("u", "v", clock(first))),
		at(second, loggedIn("v")), at(second, sent("u", wire.NewKeepAliveResponse("v"))))
	b.expectOnline("at last", "u", "v")
}

// A session cannot make the server hold any number of messages: with too many it
// is registered at once.
func TestHeldMessagesAreBounded(t *testing.T) {
	b := newLateBench(t)
	u := b.open(wire.TCP, "u")
	b.receive(u, login("u", 0))
	for i := range 256 {
		b.expect("held", b.receive(u, wire.NewEcho("u", fmt.Sprint(i))))
	}
	got := b.receive(u, wire.NewEcho("u", "last"))
	if len(got) != 258 || got[0] != loggedIn("u") || got[257] != sent("u", wire.NewEchoResponse(wire.NewEcho("u", "last"))) {
		t.Errorf("%d effects, from %s to %s; want the login and all echoes", len(got), got[0], got[len(got)-1])
	}
	b.expect("nothing is left", b.advance(time.Second))
}

// After the end of a session its user is listed and sent to, into nothing, until
// the logout (§7).
func TestDeregistrationDelay(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newBench(t, func(c *server.Config) { c.Policy.DeregistrationDelay = 300 * time.Millisecond })
		u, v := b.login(kind, "u"), b.login(wire.TCP, "v")
		b.expect("the logout on "+kind.String(), b.receive(u, wire.NewLogout("u")), closed("u"))
		b.expectOnline("right after it", "u", "v")
		m := wire.NewQoSData("v", "u", "x", "fp")
		b.expect("a message", b.receive(v, m), sent("v", ackOf(m)), about(server.EventC2C, "u", 0, m))
		if effects, online := b.Push(b.now, wire.NewData(wire.ServerID, "u", "x")); len(effects) > 0 || !online {
			t.Errorf("a push: %q, online %v; want it lost", show(effects), online)
		}
		if effects, online := b.Kick(b.now, "u", wire.Kickout{Code: 2}); len(effects) > 0 || !online {
			t.Errorf("a kick: %q, online %v; want no effect", show(effects), online)
		}
		b.expect("the report", b.advance(300*time.Millisecond), at(300*time.Millisecond, loggedOut("u", server.NoKick)))
		b.expectOnline("after it", "v")
		b.expect("what was sent meanwhile", b.advance(6*time.Second))
		b.receive(v, wire.NewKeepAlive("v"))
		b.expect("is lost", b.advance(12*time.Second), at(10*time.Second, about(server.EventLost, "u", 0, m)))
	}
}

// A user who is back before the logout was not away: nobody is kicked, and no
// logout is reported (§5).
func TestBackBeforeTheDeregistration(t *testing.T) {
	for _, claimed := range []int64{0, 1, clock(0), clock(time.Hour)} {
		b := newBench(t, func(c *server.Config) { c.Policy.DeregistrationDelay = 300 * time.Millisecond })
		b.receive(b.login(wire.TCP, "u"), wire.NewLogout("u"))
		given := claimed
		if given == 0 {
			given = clock(0)
		}
		young := b.open(wire.UDP, "young")
		b.expect("the login", b.receive(young, login("u", claimed)), verified("u", 0), welcome("young", "u", given), loggedIn("u"))
		b.expect("no logout", b.advance(5*time.Second))
		b.expectOnline("at last", "u")
	}
}

// The observed server has delays, none of them as long as any tester waits.
func TestObservedPolicy(t *testing.T) {
	p := server.ObservedPolicy(timingOf3S)
	for name, d := range map[string]time.Duration{
		"registration": p.RegistrationDelay, "deregistration": p.DeregistrationDelay, "deaf": p.DeafTime,
	} {
		if d <= 0 || d > 10*time.Millisecond {
			t.Errorf("%s: %v", name, d)
		}
	}
}
