package client_test

import (
	"fmt"
	"testing"
	"time"

	"imcheck/internal/clienttest"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// say sends a message, which has to go out at once.
func (b *bench) say(m wire.Message) {
	b.Helper()
	effects, err := b.Send(b.now, m, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.expect("Send", clienttest.Show(effects), clienttest.Sends(m))
}

// Client retransmission (§4): swept every 5 s after the login, a message older
// than 3 s is sent again, twice, and lost at the sweep after that: first copy
// again after 3 to 8 s, second 5 s later, lost 5 s after that.
func TestRetransmission(t *testing.T) {
	tests := []struct{ sent, again time.Duration }{
		{0, 5 * time.Second},
		{1999 * time.Millisecond, 5 * time.Second},
		{2 * time.Second, 10 * time.Second}, // at 5 s it is 3 s old, not older
		{4999 * time.Millisecond, 10 * time.Second},
		{5 * time.Second, 10 * time.Second},
		{6999 * time.Millisecond, 10 * time.Second},
		{7 * time.Second, 15 * time.Second},
		{333 * time.Second, 340 * time.Second}, // long after the login, in its phase
	}
	for _, test := range tests {
		for _, kind := range wire.Transports {
			b := newBench(t, kind, timing.Mode120S)
			b.comeOnline()
			b.answering(test.sent, 0)
			m := wire.NewQoSData("u", "v", "x", "fp")
			b.say(m)
			if wait := test.again - test.sent; wait <= 3*time.Second || wait > 8*time.Second {
				t.Errorf("the test itself is wrong: %v", wait)
			}
			b.expect("sent after "+test.sent.String(), clienttest.WithoutHeartbeat(b.advance(test.again+20*time.Second)),
				clienttest.At(test.again, clienttest.Sends(m)), clienttest.At(test.again+5*time.Second, clienttest.Sends(m)), clienttest.At(test.again+10*time.Second, clienttest.Told(client.Lost, 0, m)))
			if b.Unacknowledged() != 0 {
				t.Errorf("%d messages still wait", b.Unacknowledged())
			}
		}
	}
}

// The sweeps keep their phase while nothing waits.
func TestRetransmissionKeepsItsPhase(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode120S)
	b.comeOnline()
	b.advance(time.Second)
	first, second := wire.NewQoSData("u", "v", "x", "fp-1"), wire.NewQoSData("u", "v", "x", "fp-2")
	b.say(first)
	b.receive(wire.NewReceived(first))
	b.advance(63 * time.Second)
	b.say(second)
	b.expect("the copy", b.advance(70*time.Second), clienttest.At(70*time.Second, clienttest.Sends(second)))
}

func TestACKStopsRetransmission(t *testing.T) {
	m := wire.NewQoSData("u", "v", "x", "fp")
	tests := []struct {
		ack  time.Duration
		want []string
	}{
		{100 * time.Millisecond, nil},
		{5*time.Second - 1, nil},
		{5 * time.Second, []string{clienttest.At(5*time.Second, clienttest.Sends(m))}},
		{15*time.Second - 1, []string{clienttest.At(5*time.Second, clienttest.Sends(m)), clienttest.At(10*time.Second, clienttest.Sends(m))}},
	}
	for _, test := range tests {
		b := newBench(t, wire.TCP, timing.Mode120S)
		b.comeOnline()
		b.say(m)
		happened := b.advance(test.ack)
		b.expect("ACK", b.receive(wire.NewReceived(m)), clienttest.Told(client.Received, 0, m))
		b.expect("second ACK", b.receive(wire.NewReceived(m)))
		b.expect("ACK after "+test.ack.String(), append(happened, b.advance(time.Minute)...), test.want...)
	}
}

// What is not QoS is neither kept nor repeated.
func TestNoRetransmissionWithoutQoS(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode120S)
	b.comeOnline()
	b.say(wire.NewData("u", "v", "x"))
	b.expect("later", b.advance(time.Minute))
	b.expect("ACK of nothing", b.receive(wire.New(wire.TypeReceived, wire.ServerID, "u")))
}

// While the client is not logged in its messages grow old, but no copy is sent.
func TestRetransmissionWhileOffline(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode120S)
	b.comeOnline()
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.say(m)
	b.advance(time.Second)
	b.Disconnected(b.now, nil)
	b.expect("offline", b.advance(9*time.Second))
	b.Connected(b.now, nil)
	b.receive(clienttest.Welcome(clienttest.Given))
	b.expect("online again", b.advance(20*time.Second), clienttest.At(10*time.Second, clienttest.Sends(m)), clienttest.At(15*time.Second, clienttest.Told(client.Lost, 0, m)))
}

// Client dedup (§4): every copy is acknowledged, the first is shown.
func TestDedup(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		fromServer, fromClient := wire.NewQoSData(wire.ServerID, "u", "x", "fp-1"), wire.NewQoSData("v", "u", "x", "fp-2")
		for _, m := range []wire.Message{fromServer, fromClient} {
			ack := clienttest.Sends(wire.NewReceived(m))
			b.expect("first copy", b.receive(m), ack, clienttest.Told(client.Delivered, 0, m))
			b.expect("second copy", b.receive(m), ack, clienttest.Told(client.Duplicate, 0, m))
			b.expect("third copy", b.receive(m), ack, clienttest.Told(client.Duplicate, 0, m))
		}
		plain := wire.NewData("v", "u", "x")
		for range 2 {
			b.expect("without QoS", b.receive(plain), clienttest.Told(client.Delivered, 0, plain))
		}
		nameless := plain
		nameless.QoS = true
		b.expect("QoS without a fingerprint", b.receive(nameless), clienttest.Told(client.Delivered, 0, nameless))
	})
}

func TestACKOnTheWire(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.comeOnline()
	m := wire.NewQoSData(wire.ServerID, "u", "x", "fp")
	m.Bridge = true
	b.expect("copy", b.receive(m)[:1], `send {"bridge":true,"type":4,"dataContent":"fp","from":"u","to":"0","QoS":false,"typeu":-1,"sm":-1}`)
}

// A fingerprint is known for 10 min after its last copy, and forgotten at the
// first sweep after that; a new login changes nothing.
func TestDedupMemory(t *testing.T) {
	m := wire.NewQoSData("v", "u", "x", "fp")
	ack := clienttest.Sends(wire.NewReceived(m))
	const first = time.Second // the sweeps are every 5 min from here
	tests := []struct {
		when time.Duration
		want string
	}{
		{first + 9*time.Minute + 59*time.Second + 999*time.Millisecond, clienttest.Told(client.Duplicate, 0, m)},
		{first + 10*time.Minute, clienttest.Told(client.Delivered, 0, m)},
	}
	for _, test := range tests {
		b := newBench(t, wire.UDP, timing.Mode120S)
		b.comeOnline()
		b.advance(first)
		b.receive(m)
		b.answering(5*time.Minute, 0)
		b.Disconnected(b.now, nil)
		b.Connected(b.now, nil)
		b.receive(clienttest.Welcome(clienttest.Given))
		b.answering(test.when, 0)
		b.expect("copy after "+test.when.String(), b.receive(m), ack, test.want)
	}
}

// A logout clears the memory (§4); a kick-out and a broken link do not.
func TestDedupAcrossSessions(t *testing.T) {
	m := wire.NewQoSData("v", "u", "x", "fp")
	tests := []struct {
		name string
		end  func(b *bench)
		want client.EffectKind
	}{
		{"logout", func(b *bench) { b.Logout(nil); b.Start(nil) }, client.Delivered},
		{"kick-out", func(b *bench) { b.receive(wire.NewKickout("u", wire.Kickout{Code: 1})); b.Start(nil) }, client.Duplicate},
		{"broken", func(b *bench) { b.Disconnected(b.now, nil) }, client.Duplicate},
	}
	for _, test := range tests {
		b := newBench(t, wire.TCP, timing.Mode3S)
		b.comeOnline()
		b.receive(m)
		test.end(b)
		b.Connected(b.now, nil)
		b.receive(clienttest.Welcome(clienttest.Given))
		b.expect(test.name, b.receive(m)[1:], clienttest.Told(test.want, 0, m))
	}
}

// A client remembers the latest fingerprints, not all that a server makes up.
func TestDedupIsBounded(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.comeOnline()
	copyOf := func(n int) wire.Message { return wire.NewQoSData("a", "u", "x", fmt.Sprint("f-", n)) }
	for n := range client.Remembered + 1 {
		b.receive(copyOf(n))
	}
	latest, first := copyOf(client.Remembered), copyOf(0)
	b.expect("a copy of the latest", b.receive(latest), clienttest.Sends(wire.NewReceived(latest)), clienttest.Told(client.Duplicate, 0, latest))
	b.expect("a copy of the first", b.receive(first), clienttest.Sends(wire.NewReceived(first)), clienttest.Told(client.Delivered, 0, first))
}

// A duplicate says how long ago the copy before it came, and was acknowledged.
func TestDuplicateSaysHowLongAfter(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode120S)
	b.comeOnline()
	m := wire.NewQoSData("v", "u", "x", "fp")
	b.receive(m)
	for _, after := range []time.Duration{5 * time.Second, 0, 2 * time.Second} {
		b.now = b.now.Add(after)
		effects := b.Receive(b.now, m, nil)
		if n := len(effects); n != 2 || effects[1].Kind != client.Duplicate || effects[1].Took != after {
			t.Errorf("%v later: %v", after, clienttest.Show(effects))
		}
	}
}
