package server_test

import (
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// The table of §3 in seconds, written out again: 19 modes and transports.
var expiries = []struct {
	mode      timing.SenseMode
	transport wire.Transport
	seconds   int
}{
	{timing.Mode3S, wire.UDP, 10}, {timing.Mode3S, wire.TCP, 7}, {timing.Mode3S, wire.WS, 7},
	{timing.Mode5S, wire.TCP, 11}, {timing.Mode5S, wire.WS, 11},
	{timing.Mode10S, wire.UDP, 21}, {timing.Mode10S, wire.TCP, 15}, {timing.Mode10S, wire.WS, 15},
	{timing.Mode15S, wire.TCP, 20}, {timing.Mode15S, wire.WS, 20},
	{timing.Mode30S, wire.UDP, 62}, {timing.Mode30S, wire.TCP, 35}, {timing.Mode30S, wire.WS, 35},
	{timing.Mode60S, wire.UDP, 122}, {timing.Mode60S, wire.TCP, 65}, {timing.Mode60S, wire.WS, 65},
	{timing.Mode120S, wire.UDP, 242}, {timing.Mode120S, wire.TCP, 125}, {timing.Mode120S, wire.WS, 125},
}

// inMode puts one transport into a mode; the others keep theirs.
func inMode(t wire.Transport, mode timing.SenseMode) func(*server.Config) {
	return func(c *server.Config) {
		modes := timing.DefaultModes()
		modes[t] = mode
		c.Policy = server.DefaultPolicy(modes)
	}
}

// A session is there until a millisecond before its time and gone at its time,
// counted from the last message.
func TestExpiryOfUsers(t *testing.T) {
	for _, test := range expiries {
		t.Run(test.mode.String()+"/"+test.transport.String(), func(t *testing.T) {
			b := newBench(t, inMode(test.transport, test.mode))
			b.advance(1234 * time.Millisecond)
			user := b.login(test.transport, "u")
			const last = 2345 * time.Millisecond
			b.advance(last)
			b.receive(user, wire.NewKeepAlive("u"))
			gone := last + time.Duration(test.seconds)*time.Second
			b.expect("a millisecond before", b.advance(gone-time.Millisecond))
			if !user.LoggedIn() || user.Ended() {
				t.Error("the session ended early")
			}
			b.expect("at its time", b.advance(gone), at(gone, closed("u")), at(gone, loggedOut("u", server.NoKick)))
			if user.LoggedIn() || !user.Ended() {
				t.Error("the session has not ended")
			}
			b.expect("afterwards", b.advance(gone+time.Hour))
		})
	}
}

// A stream on which nobody logs in expires just the same, and nobody hears of it.
func TestExpiryOfStrangers(t *testing.T) {
	for _, test := range expiries {
		if !test.transport.Connected() {
			continue
		}
		t.Run(test.mode.String()+"/"+test.transport.String(), func(t *testing.T) {
			b := newBench(t, inMode(test.transport, test.mode))
			b.advance(1234 * time.Millisecond)
			b.open(test.transport, "stranger")
			gone := 1234*time.Millisecond + time.Duration(test.seconds)*time.Second
			b.expect("a millisecond before", b.advance(gone-time.Millisecond))
			b.expect("at its time", b.advance(gone), at(gone, closed("stranger")))
		})
	}
}

// What counts as activity (§3): every message that comes in, whatever it is,
// and nothing else.
func TestActivity(t *testing.T) {
	type act func(b *bench, u *server.Session)
	receive := func(m wire.Message) act {
		return func(b *bench, u *server.Session) { b.receive(u, m) }
	}
	tests := []struct {
		name   string
		do     act
		counts bool
	}{
		{"keep-alive", receive(wire.NewKeepAlive("u")), true},
		{"echo", receive(wire.NewEcho("u", "x")), true},
		{"data for the server", receive(wire.NewData("u", wire.ServerID, "x")), true},
		{"data for nobody", receive(wire.NewData("u", "v", "x")), true},
		{"ACK of nothing", receive(wire.NewReceived(wire.NewQoSData(wire.ServerID, "u", "x", "fp"))), true},
		{"login again", receive(login("u", 0)), true},
		{"unknown type", receive(wire.New(99, "u", wire.ServerID)), true},
		{"a server's message from a client", receive(wire.NewKeepAliveResponse("u")), true},
		{"a message from the server", func(b *bench, _ *server.Session) {
			b.Push(b.now, wire.NewData(wire.ServerID, "u", "x"))
		}, false},
	}
	for _, test := range tests {
		for _, kind := range wire.Transports {
			b := newBench(t, nil)
			u := b.login(kind, "u")
			const moment = 3 * time.Second
			b.advance(moment)
			test.do(b, u)
			gone := timing.Mode3S.Expiry(kind)
			if test.counts {
				gone += moment
			}
			b.advance(gone - time.Millisecond)
			if u.Ended() {
				t.Errorf("%s on %s: the session ended early", test.name, kind)
			}
			b.advance(gone)
			if !u.Ended() {
				t.Errorf("%s on %s: the session is still there", test.name, kind)
			}
		}
	}
}

// An empty datagram ends a session only with the quirk (§3). Where it does not it
// does not count as activity either.
func TestEmptyDatagram(t *testing.T) {
	b := newBench(t, nil)
	b.expect("of a stranger", b.raw(b.open(wire.UDP, "stranger"), ""))
	b.expect("of a user", b.raw(b.login(wire.UDP, "v"), ""), closed("v"), loggedOut("v", server.NoKick))
	b = newSafeBench(t)
	u := b.login(wire.UDP, "u")
	b.advance(3 * time.Second)
	b.expect("an empty datagram", b.raw(u, ""))
	b.advance(10*time.Second - time.Millisecond)
	if u.Ended() {
		t.Error("it ended the session")
	}
	b.advance(10 * time.Second)
	if !u.Ended() {
		t.Error("it counted as activity")
	}
}

// A session that was replaced without a kick lives on its own activity: the
// answers to its keep-alives go elsewhere (§3).
func TestReplacedSessionHasItsOwnExpiry(t *testing.T) {
	b := newBench(t, nil)
	old := b.open(wire.TCP, "old")
	b.receive(old, login("u", 1000))
	b.advance(3 * time.Second)
	young := b.open(wire.TCP, "young")
	b.receive(young, login("u", 1000))
	b.advance(6 * time.Second)
	b.expect("keep-alive of the old", b.receive(old, wire.NewKeepAlive("u")), sent("young", wire.NewKeepAliveResponse("u")))
	b.expect("expiries", b.advance(time.Minute),
		at(10*time.Second, closed("young")), at(10*time.Second, loggedOut("u", server.NoKick)),
		at(13*time.Second, closed("old")))
}

// A late tick ends everything that is overdue, the longest silent first.
func TestLateTick(t *testing.T) {
	b := newBench(t, nil)
	b.open(wire.TCP, "a")
	b.now = start.Add(time.Second)
	b.open(wire.TCP, "b")
	c := b.open(wire.TCP, "c")
	b.now = start.Add(2 * time.Second)
	b.raw(c, wire.NewEcho("c", "x").String())
	b.expect("at 8 s", show(b.Tick(start.Add(8*time.Second))), closed("a"), closed("b"))
	b.expect("at 9 s", show(b.Tick(start.Add(9*time.Second))), closed("c"))
}

// What arrives on a session that has ended, late as it may be, has no effect.
func TestEndedSessionIsSilent(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newBench(t, nil)
		u := b.login(kind, "u")
		b.advance(time.Minute)
		for _, m := range []wire.Message{wire.NewKeepAlive("u"), login("u", 0), wire.NewEcho("u", "x"), wire.NewLogout("u")} {
			b.expect(kind.String()+": "+m.Type.String(), b.receive(u, m))
		}
		b.expect(kind.String()+": bad", b.raw(u, "x"))
		b.expect(kind.String()+": closed", show(b.Closed(b.now, u)))
		// The same address on UDP is a stranger from then on.
		again := b.open(kind, "u")
		b.expect(kind.String()+": a new session", b.receive(again, wire.NewKeepAlive("u"))[:1],
			sent("u", wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u"))))
	}
}
