package server_test

import (
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// C → S (§4): every copy of a QoS message is acknowledged, the application
// sees the first; without QoS it sees every copy.
func TestClientToServer(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	v := b.login(wire.UDP, "v")
	m := wire.NewQoSData("u", wire.ServerID, "x", "fp")
	ack := ackOf(m)
	b.expect("first copy", b.receive(u, m), sent("u", ack), about(server.EventC2S, "u", 0, m))
	b.expect("second copy", b.receive(u, m), sent("u", ack))
	b.expect("the same fingerprint from another", b.receive(v, m), sent("v", ack))
	plain := wire.NewData("u", wire.ServerID, "x")
	for range 2 {
		b.expect("without QoS", b.receive(u, plain), about(server.EventC2S, "u", 0, plain))
	}
}

func TestClientToServerOnTheWire(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	got := b.raw(u, `{"bridge":true,"type":2,"dataContent":"x","from":"someone","to":"0","fp":"f-1","QoS":true,"typeu":3,"sm":9}`)
	b.expect("ACK", got[:1], `u gets {"bridge":false,"type":4,"dataContent":"f-1","from":"0","to":"someone","QoS":false,"typeu":-1,"sm":-1}`)
}

// §4: QoS without a fingerprint ends the session, unless the application vetoes it (§5).
func TestClientToServerWithoutFingerprint(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newBench(t, nil)
		u := b.login(kind, "u")
		m := wire.NewData("u", wire.ServerID, "x")
		m.QoS = true
		b.application.veto = true
		b.expect("vetoed on "+kind.String(), b.receive(u, m))
		b.application.veto = false
		b.expect(kind.String(), b.receive(u, m), closed("u"), loggedOut("u", server.NoKick))
	}
}

// A vetoed message is neither delivered nor acknowledged nor remembered (§5).
func TestVeto(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	b.login(wire.TCP, "v")
	b.application.veto = true
	toServer, toClient := wire.NewQoSData("u", wire.ServerID, "x", "f-1"), wire.NewQoSData("u", "v", "x", "f-2")
	b.expect("C2S", b.receive(u, toServer))
	b.expect("C2C", b.receive(u, toClient))
	b.expect("C2C to nobody", b.receive(u, wire.NewQoSData("u", "w", "x", "f-3")))
	b.application.veto = false
	b.expect("C2S later", b.receive(u, toServer), sent("u", ackOf(toServer)), about(server.EventC2S, "u", 0, toServer))
	b.expect("later", b.advance(6*time.Second))
}

// C → C (§4): delivered unchanged to the session that is registered for the receiver,
// and acknowledged if it is QoS.
func TestClientToClient(t *testing.T) {
	for _, kind := range wire.Transports {
		for _, other := range wire.Transports {
			b := newBench(t, nil)
			u, v := b.login(kind, "u"), b.login(other, "v")
			m := wire.Message{Bridge: true, Type: wire.TypeData, DataContent: wire.Some("<&'>"), From: wire.Some("not u"), To: wire.Some("v"), Fingerprint: wire.Some("fp"), QoS: true, UserType: 9, ServerTime: 5}
			for range 2 { // copies are passed on and acknowledged like the first
				b.expect("QoS", b.receive(u, m), sent("v", m), sent("u", ackOf(m)), about(server.EventC2C, "v", 0, m))
			}
			plain := m
			plain.QoS = false
			b.expect("without QoS", b.receive(u, plain), sent("v", plain), about(server.EventC2C, "v", 0, plain))
			// The receiver's ACK is the application's to know, not the sender's.
			b.expect("ACK", b.receive(v, wire.NewReceived(m)), acknowledged("v", "fp"))
		}
	}
}

func TestMessageToOneself(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.WS, "u")
	m := wire.NewQoSData("u", "u", "x", "fp")
	b.expect("it", b.receive(u, m), sent("u", m), sent("u", ackOf(m)), about(server.EventC2C, "u", 0, m))
}

// A QoS message without a fingerprint has nothing that an ACK could name (§7).
func TestClientToClientWithoutFingerprint(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	b.login(wire.UDP, "v")
	m := wire.NewData("u", "v", "x")
	m.QoS = true
	b.expect("it", b.receive(u, m), sent("v", m))
	b.expect("copies", b.advance(6*time.Second))
	b.expect("to nobody", b.receive(u, wire.Message{Type: wire.TypeData, From: wire.Some("u"), To: wire.Some("w"), QoS: true}),
		about(server.EventOffline, "w", server.NotStored, wire.Message{Type: wire.TypeData, From: wire.Some("u"), To: wire.Some("w"), QoS: true}))
}

// Data that names no receiver ends the session, is dropped or is offered to the
// application (§7), unless that vetoes it.
func TestReceiverless(t *testing.T) {
	m := wire.Message{Type: wire.TypeData, From: wire.Some("u"), DataContent: wire.Some("x")}
	for how, want := range map[server.Receiverless][]string{
		server.ReceiverlessEnds: {closed("u"), loggedOut("u", server.NoKick)}, server.ReceiverlessIgnored: nil,
		server.ReceiverlessOffline: {about(server.EventOffline, "", server.NotStored, m)},
	} {
		b := newBench(t, func(c *server.Config) { c.Quirks.Receiverless = how })
		u := b.login(wire.TCP, "u")
		b.application.veto = true
		b.expect("vetoed", b.receive(u, m))
		b.application.veto = false
		b.expect("passed", b.receive(u, m), want...)
	}
}

// Receiver not online (§4): acknowledged only when it is stored.
func TestOffline(t *testing.T) {
	qos, plain := wire.NewQoSData("u", "v", "x", "fp"), wire.NewData("u", "v", "x")
	tests := []struct {
		name  string
		store bool
		m     wire.Message
		want  []string
	}{
		{"stored", true, qos, []string{sent("u", ackOf(qos)), about(server.EventOffline, "v", server.Stored, qos)}},
		{"not stored", false, qos, []string{about(server.EventOffline, "v", server.NotStored, qos)}},
		{"stored without QoS", true, plain, []string{about(server.EventOffline, "v", server.Stored, plain)}},
		{"not stored without QoS", false, plain, []string{about(server.EventOffline, "v", server.NotStored, plain)}},
	}
	for _, test := range tests {
		b := newBench(t, nil)
		b.application.store = test.store
		u := b.login(wire.TCP, "u")
		b.receive(b.login(wire.TCP, "v"), wire.NewLogout("v"))
		b.expect(test.name, b.receive(u, test.m), test.want...)
		b.expect(test.name+": later", b.advance(6*time.Second)) // what was not sent is not repeated
	}
}

// §4: a fingerprint is remembered for 10 min after its last copy and goes at
// the next sweep, every 5 min after the start.
func TestDedupMemory(t *testing.T) {
	tests := []struct {
		name          string
		copies        []time.Duration
		known, unseen time.Duration
	}{
		{"at a sweep", []time.Duration{5 * time.Minute}, 15*time.Minute - time.Millisecond, 15 * time.Minute},
		{"just after a sweep", []time.Duration{5*time.Minute + time.Millisecond}, 15*time.Minute + 1, 20 * time.Minute},
		{"10 min later", []time.Duration{time.Minute}, 10*time.Minute + 59*time.Second + 999*time.Millisecond, 15 * time.Minute},
		{"9:59.999 after the last of several", []time.Duration{time.Minute, 4 * time.Minute}, 13*time.Minute + 59*time.Second + 999*time.Millisecond, 15 * time.Minute},
	}
	m := wire.NewQoSData("u", wire.ServerID, "x", "fp")
	for _, test := range tests {
		for _, when := range []time.Duration{test.known, test.unseen} {
			b := newBench(t, nil)
			for _, copied := range test.copies {
				b.advance(copied)
				b.receive(b.login(wire.UDP, "u"), m)
			}
			b.advance(when)
			want := []string{sent("u", ackOf(m))}
			if when == test.unseen {
				want = append(want, about(server.EventC2S, "u", 0, m))
			}
			b.expect(test.name+" after "+when.String(), b.receive(b.login(wire.UDP, "u"), m), want...)
		}
	}
}

// An administrator's kick (§5): a stream ends with the code, a UDP session
// stays what it was.
func TestKick(t *testing.T) {
	kick := wire.Kickout{Code: wire.KickAdministrator, Reason: wire.Some("enough")}
	for _, kind := range wire.Transports {
		b := newBench(t, nil)
		u := b.login(kind, "u")
		effects, online := b.Kick(b.now, "u", kick)
		if !online {
			t.Errorf("%s: not online", kind)
		}
		want := onStreams(kind, []string{sent("u", wire.NewKickout("u", kick))}, closed("u"), loggedOut("u", kick.Code))
		b.expect(kind.String(), show(effects), want...)
		if u.Ended() != kind.Connected() {
			t.Errorf("%s: ended %v", kind, u.Ended())
		}
		if kind.Connected() {
			continue
		}
		b.advance(time.Second)
		b.expect("keep-alive after the kick", b.receive(u, wire.NewKeepAlive("u")), sent("u", wire.NewKeepAliveResponse("u")))
		b.expect("expiry after the kick", b.advance(time.Minute), at(11*time.Second, closed("u")), at(11*time.Second, loggedOut("u", server.NoKick)))
	}
}

// What names a user who is not online changes nothing.
func TestNotOnline(t *testing.T) {
	b := newBench(t, nil)
	b.login(wire.TCP, "u")
	effects, online := b.Kick(b.now, "v", wire.Kickout{Code: 7})
	b.expect("kick", show(effects))
	if online {
		t.Error("kick: v is online")
	}
	effects, online = b.Push(b.now, wire.NewQoSData(wire.ServerID, "v", "x", "fp"))
	b.expect("push", show(effects))
	if online {
		t.Error("push: v is online")
	}
	b.expect("later", b.advance(6*time.Second))
}

// One logout for a session, however many ways it ends at once (§5).
func TestOneLogout(t *testing.T) {
	ends := map[string]func(b *bench, u *server.Session) []string{
		"logout":     func(b *bench, u *server.Session) []string { return b.receive(u, wire.NewLogout("u")) },
		"bad":        func(b *bench, u *server.Session) []string { return b.raw(u, "x") },
		"connection": func(b *bench, u *server.Session) []string { return show(b.Closed(b.now, u)) },
	}
	for name, end := range ends {
		for _, kind := range streams {
			b := newBench(t, nil)
			u := b.login(kind, "u")
			b.expect(name, end(b, u), closed("u"), loggedOut("u", server.NoKick))
			for again, end := range ends {
				b.expect(name+", then "+again, end(b, u))
			}
			b.expect(name+", then expiry", b.advance(time.Minute))
			if len(b.Online()) != 0 {
				t.Errorf("%s: %q are online", name, b.Online())
			}
		}
	}
}
