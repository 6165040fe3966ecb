package server_test

import (
	"slices"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// patient lets sessions outlive any retransmission.
func patient(c *server.Config) {
	c.Policy = server.DefaultPolicy(timing.Modes{timing.Mode120S, timing.Mode120S, timing.Mode120S})
}

// The sweeps of §4 are every 5 s after the start: a message of more than 2 s
// goes out again at the next one, and is lost at the one after that.
var phases = []struct{ sent, again, lost time.Duration }{
	{0, 5 * time.Second, 10 * time.Second},
	{time.Millisecond, 5 * time.Second, 10 * time.Second},
	{2*time.Second + 999*time.Millisecond, 5 * time.Second, 10 * time.Second},
	{3 * time.Second, 10 * time.Second, 15 * time.Second}, // at 5 s it is 2 s old, not older
	{4*time.Second + 999*time.Millisecond, 10 * time.Second, 15 * time.Second},
	{5 * time.Second, 10 * time.Second, 15 * time.Second},
	{7*time.Second + 999*time.Millisecond, 10 * time.Second, 15 * time.Second},
	{8 * time.Second, 15 * time.Second, 20 * time.Second},
}

func TestRetransmissionOfPushes(t *testing.T) {
	for _, test := range phases {
		for _, kind := range wire.Transports {
			b := newBench(t, patient)
			b.login(kind, "u")
			b.advance(test.sent)
			m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
			effects, _ := b.Push(b.now, m)
			b.expect("first copy", show(effects), sent("u", m))
			b.expect("sent after "+test.sent.String(), b.advance(time.Minute),
				at(test.again, sent("u", m)), at(test.lost, about(server.EventLost, "u", 0, m)))
		}
	}
}

func TestRetransmissionOfClientMessages(t *testing.T) {
	for _, test := range phases {
		b := newBench(t, patient)
		u := b.login(wire.TCP, "u")
		b.login(wire.UDP, "v")
		b.advance(test.sent)
		m := wire.NewQoSData("u", "v", "x", "fp")
		b.receive(u, m)
		b.expect("sent after "+test.sent.String(), b.advance(time.Minute),
			at(test.again, sent("v", m)), at(test.lost, about(server.EventLost, "v", 0, m)))
	}
}

func TestNoRetransmissionWithoutQoS(t *testing.T) {
	b := newBench(t, patient)
	u := b.login(wire.TCP, "u")
	b.receive(u, wire.NewData("u", "u", "x"))
	b.Push(b.now, wire.NewData(wire.ServerID, "u", "x"))
	b.expect("later", b.advance(time.Minute))
}

// An ACK from any session that is logged in stops it (§4), until the message
// is lost.
func TestACKStopsRetransmission(t *testing.T) {
	m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
	const again, lost = 5 * time.Second, 10 * time.Second
	tests := []struct {
		name string
		ack  time.Duration
		from string
		want []string
	}{
		{"at once", 0, "u", nil},
		{"before the second copy", 5*time.Second - 1, "u", nil},
		{"from another user", 0, "v", nil},
		{"after the second copy", 5 * time.Second, "u", []string{at(again, sent("u", m))}},
		{"before it is lost", 10*time.Second - 1, "v", []string{at(again, sent("u", m))}},
		{"when it is lost", 10 * time.Second, "u", []string{at(again, sent("u", m)), at(lost, about(server.EventLost, "u", 0, m))}},
	}
	for _, test := range tests {
		b := newBench(t, patient)
		sessions := map[string]*server.Session{"u": b.login(wire.TCP, "u"), "v": b.login(wire.UDP, "v")}
		b.Push(b.now, m)
		happened := b.advance(test.ack)
		ack := wire.NewReceived(m)
		b.expect(test.name+": ACK", b.receive(sessions[test.from], ack), acknowledged(test.from, "fp"))
		b.expect(test.name, append(happened, b.advance(time.Minute)...), test.want...)
	}
}

// A stranger's ACK is refused and stops nothing.
func TestStrangersACK(t *testing.T) {
	b := newBench(t, patient)
	b.login(wire.TCP, "u")
	m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
	b.Push(b.now, m)
	ack := wire.NewReceived(m)
	b.expect("ACK", b.receive(b.open(wire.UDP, "stranger"), ack), sent("stranger", wire.NewErrorResponse(wire.CodeServerNotLoggedIn, ack)))
	b.expect("later", b.advance(5*time.Second), at(5*time.Second, sent("u", m)))
}

// An ACK that names nothing is ignored, one of something unknown is reported.
func TestOddACKs(t *testing.T) {
	b := newBench(t, patient)
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
	b.Push(b.now, m)
	b.expect("without content", b.receive(u, wire.New(wire.TypeReceived, "u", wire.ServerID)))
	b.expect("unknown", b.receive(u, wire.NewReceived(wire.NewQoSData(wire.ServerID, "u", "x", "other"))), acknowledged("u", "other"))
	b.expect("later", b.advance(5*time.Second), at(5*time.Second, sent("u", m)))
}

// The second copy goes to the session that is registered for the user by then (§4), and to
// nobody when the user has left; it is lost at its time all the same.
func TestRetransmissionFollowsTheUser(t *testing.T) {
	m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
	lost := at(10*time.Second, about(server.EventLost, "u", 0, m))
	again := func(label string) string { return at(5*time.Second, sent(label, m)) }
	tests := []struct {
		name string
		do   func(b *bench, u *server.Session)
		want []string
	}{
		{"kicked by a login", func(b *bench, _ *server.Session) { b.receive(b.open(wire.UDP, "young"), login("u", 0)) }, []string{again("young"), lost}},
		{"replaced", func(b *bench, _ *server.Session) { b.receive(b.open(wire.WS, "young"), login("u", 1000)) }, []string{again("young"), lost}},
		{"gone", func(b *bench, u *server.Session) { b.Closed(b.now, u) }, []string{lost}},
		{"back", func(b *bench, u *server.Session) {
			b.Closed(b.now, u)
			b.receive(b.open(wire.TCP, "back"), login("u", 1000))
		}, []string{again("back"), lost}},
		{"another user now", func(b *bench, u *server.Session) { b.receive(u, login("w", 0)) }, []string{again("old"), lost}},
	}
	for _, test := range tests {
		b := newBench(t, patient)
		u := b.open(wire.TCP, "old")
		b.receive(u, login("u", 1000))
		b.Push(b.now, m)
		test.do(b, u)
		b.expect(test.name, b.advance(11*time.Second), test.want...)
	}
}

// A copy that a client sends itself is passed on, but neither puts the
// server's own copy off nor adds one.
func TestClientCopiesDoNotPutTheLossOff(t *testing.T) {
	b := newBench(t, patient)
	u := b.login(wire.TCP, "u")
	b.login(wire.UDP, "v")
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.receive(u, m)
	b.advance(4 * time.Second)
	b.expect("copy", b.receive(u, m), sent("v", m), sent("u", ackOf(m)), about(server.EventC2C, "v", 0, m))
	b.expect("later", b.advance(time.Minute), at(5*time.Second, sent("v", m)), at(10*time.Second, about(server.EventLost, "v", 0, m)))
}

// §4: a server that stamps does so on everything that it sends, with the clock
// of that moment; the application sees the message as it came.
func TestStamp(t *testing.T) {
	b := newBench(t, func(c *server.Config) { patient(c); c.Stamp = true })
	stamped := func(m wire.Message, after time.Duration) wire.Message {
		m.ServerTime = clock(after)
		return m
	}
	b.advance(time.Second)
	u, v := b.open(wire.TCP, "u"), b.open(wire.UDP, "v")
	response := stamped(wire.NewLoginResponse("u", wire.CodeOK, clock(time.Second)), time.Second)
	b.expect("login", b.receive(u, login("u", 0)), verified("u", 0), sent("u", response), loggedIn("u"))
	b.expect("error", b.receive(v, wire.NewKeepAlive("v")), sent("v", stamped(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("v")), time.Second)))
	b.receive(v, login("v", 0))
	b.expect("keep-alive", b.receive(u, wire.NewKeepAlive("u")), sent("u", stamped(wire.NewKeepAliveResponse("u"), time.Second)))
	b.expect("echo", b.receive(u, wire.NewEcho("u", "x")), sent("u", stamped(wire.NewEchoResponse(wire.NewEcho("u", "x")), time.Second)))
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.expect("C2C", b.receive(u, m), sent("v", stamped(m, time.Second)), sent("u", stamped(ackOf(m), time.Second)), about(server.EventC2C, "v", 0, m))
	b.expect("second copy and loss", b.advance(12*time.Second),
		at(5*time.Second, sent("v", stamped(m, 5*time.Second))), at(10*time.Second, about(server.EventLost, "v", 0, m)))
	kick := wire.Kickout{Code: 5}
	effects, _ := b.Kick(b.now, "u", kick)
	b.expect("kick", show(effects)[:1], sent("u", stamped(wire.NewKickout("u", kick), 12*time.Second)))
}

// Without stamps a message keeps the stamp that it came with.
func TestNoStamp(t *testing.T) {
	b := newBench(t, patient)
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData("u", "u", "x", "fp")
	m.ServerTime = 42
	if got := b.receive(u, m); !slices.Contains(got, sent("u", m)) {
		t.Errorf("got %q, want the message with its stamp", got)
	}
}
