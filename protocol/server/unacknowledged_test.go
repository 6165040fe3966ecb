package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// phasesOfRetransmission are all ways to keep messages until they are acknowledged.
var phasesOfRetransmission = []server.Phase{server.AtSweeps, server.Earliest, server.Uneven, server.Latest}

// A receiver that has its share of unacknowledged messages takes none of clients any
// more, as if it were offline, until there is room again.
func TestUnacknowledgedOfReceiver(t *testing.T) {
	to := func(user, fingerprint string) wire.Message { return wire.NewQoSData("u", user, "x", fingerprint) }
	a, c := to("v", "a"), to("v", "c")
	for _, phase := range phasesOfRetransmission {
		b := newBench(t, func(config *server.Config) {
			patient(config)
			config.Policy.Phase = phase
			config.Limits.UnacknowledgedOfReceiver = server.Bound{Count: 2, Bytes: 1000}
		})
		u, v := b.login(wire.TCP, "u"), b.login(wire.TCP, "v")
		b.login(wire.TCP, "w")
		passedOn := func(m wire.Message) []string {
			return []string{sent(m.To.Value(), m), sent("u", ackOf(m)), about(server.EventC2C, m.To.Value(), 0, m)}
		}
		b.expect("first", b.receive(u, a), passedOn(a)...)
		b.expect("second", b.receive(u, to("v", "b")), passedOn(to("v", "b"))...)
		b.expect("third", b.receive(u, c), about(server.EventOffline, "v", server.NotStored, c))
		b.application.store = true
		b.expect("third, stored", b.receive(u, c), sent("u", ackOf(c)), about(server.EventOffline, "v", server.Stored, c))
		b.application.store = false
		b.expect("to another", b.receive(u, to("w", "d")), passedOn(to("w", "d"))...)
		b.expect("a further copy", b.receive(u, a), passedOn(a)...)
		plain := wire.NewData("u", "v", "x")
		b.expect("without QoS", b.receive(u, plain), passedOn(plain)[0], passedOn(plain)[2])
		b.receive(v, wire.NewReceived(a))
		b.receive(v, wire.NewReceived(a)) // makes room once
		b.expect("after an ACK", b.receive(u, c), passedOn(c)...)
		b.expect("full again", b.receive(u, to("v", "e")), about(server.EventOffline, "v", server.NotStored, to("v", "e")))
		b.advance(time.Minute) // all are lost, and the answer to the first is not expected any more
		b.expect("after the loss", b.receive(u, a), passedOn(a)...)
		b.expect("and another", b.receive(u, to("v", "b")), passedOn(to("v", "b"))...)
		b.expect("full once more", b.receive(u, c), about(server.EventOffline, "v", server.NotStored, c))
	}
}

// A message of the application to such a receiver is lost at once.
func TestPushWithoutRoom(t *testing.T) {
	b := newBench(t, func(c *server.Config) {
		patient(c)
		c.Limits.UnacknowledgedOfReceiver = server.Bound{Count: 1, Bytes: 1000}
	})
	v := b.login(wire.TCP, "v")
	push := func(fingerprint string) []string {
		effects, online := b.Push(b.now, wire.NewQoSData(wire.ServerID, "v", "x", fingerprint))
		if !online {
			t.Error("v is not online")
		}
		return show(effects)
	}
	first, second := wire.NewQoSData(wire.ServerID, "v", "x", "a"), wire.NewQoSData(wire.ServerID, "v", "x", "b")
	b.expect("first", push("a"), sent("v", first))
	b.expect("second", push("b"), about(server.EventLost, "v", 0, second))
	b.receive(v, wire.NewReceived(first))
	b.expect("second, after an ACK", push("b"), sent("v", second))
}

// A message that is on its way when the receiver's share fills up is lost then.
func TestDelayedWithoutRoom(t *testing.T) {
	b := newBench(t, func(c *server.Config) {
		patient(c)
		c.Policy.Deliveries = server.Delay{Min: time.Second}
		c.Limits.UnacknowledgedOfReceiver = server.Bound{Count: 1, Bytes: 1000}
	})
	u := b.login(wire.TCP, "u")
	b.login(wire.TCP, "v")
	first, second := wire.NewQoSData("u", "v", "x", "a"), wire.NewQoSData("u", "v", "x", "b")
	b.receive(u, first)
	b.receive(u, second)
	b.expect("a second later", b.advance(time.Second), at(time.Second, sent("v", first)), at(time.Second, about(server.EventLost, "v", 0, second)))
}

// The bounds count the texts of messages, of one receiver and of all.
func TestUnacknowledgedBounds(t *testing.T) {
	size := func(to, fingerprint string, content int) int { return len("u"+to+fingerprint) + content }
	one := size("v", "f-0", 100)
	tests := []struct {
		name          string
		receiver, all server.Bound
		receivers     []string // in turn
		delivered     int
	}{
		{"bytes of a receiver", server.Bound{Count: 100, Bytes: 3 * one}, server.Bound{Count: 100, Bytes: 100_000}, []string{"v"}, 3},
		{"just less", server.Bound{Count: 100, Bytes: 3*one - 1}, server.Bound{Count: 100, Bytes: 100_000}, []string{"v"}, 2},
		{"of two", server.Bound{Count: 100, Bytes: 3 * one}, server.Bound{Count: 100, Bytes: 100_000}, []string{"v", "w"}, 6},
		{"bytes of all", server.Bound{Count: 100, Bytes: 100_000}, server.Bound{Count: 100, Bytes: 5 * one}, []string{"v", "w"}, 5},
		{"number of all", server.Bound{Count: 100, Bytes: 100_000}, server.Bound{Count: 4, Bytes: 100_000}, []string{"v", "w"}, 4},
	}
	for _, test := range tests {
		b := newBench(t, func(c *server.Config) {
			c.Limits.UnacknowledgedOfReceiver, c.Limits.Unacknowledged = test.receiver, test.all
		})
		u := b.login(wire.TCP, "u")
		b.login(wire.TCP, "v")
		b.login(wire.TCP, "w")
		delivered := 0
		for i := range 9 {
			m := wire.NewQoSData("u", test.receivers[i%len(test.receivers)], strings.Repeat("x", 100), fmt.Sprint("f-", i))
			if len(b.receive(u, m)) > 1 {
				delivered++
			}
		}
		if delivered != test.delivered {
			t.Errorf("%s: %d messages are delivered, want %d", test.name, delivered, test.delivered)
		}
	}
}

// Where too much is on its way to receivers, the first of it arrives early.
func TestTooMuchUnderway(t *testing.T) {
	message := func(content string) wire.Message { return wire.NewData("u", "v", content) }
	tests := map[string]server.Bound{
		"number": {Count: 2, Bytes: 1000},
		"bytes":  {Count: 1000, Bytes: 2 * message("a").TextBytes()},
	}
	for name, bound := range tests {
		b := newBench(t, func(c *server.Config) {
			c.Policy.Deliveries = server.Delay{Min: time.Second}
			c.Limits.Delayed = bound
		})
		u := b.login(wire.TCP, "u")
		b.login(wire.TCP, "v")
		b.receive(u, message("a"))
		b.receive(u, message("b"))
		b.expect(name, b.receive(u, message("c")), sent("v", message("a")), about(server.EventC2C, "v", 0, message("c")))
		b.expect(name+": later", b.advance(time.Second), at(time.Second, sent("v", message("b"))), at(time.Second, sent("v", message("c"))))
		b.receive(u, message("d"))
		b.receive(u, message("e"))
		b.expect(name+": as before", b.advance(2*time.Second), at(2*time.Second, sent("v", message("d"))), at(2*time.Second, sent("v", message("e"))))
	}
}
