package server_test

import (
	"fmt"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// newBridged is newBench with a bridge.
func newBridged(t *testing.T, change func(*server.Config)) *bench {
	t.Helper()
	return newBench(t, func(c *server.Config) {
		c.Bridge = true
		if change != nil {
			change(c)
		}
	})
}

func (b *bench) confirmed(number uint64) []string { return show(b.Confirmed(b.now, number)) }
func (b *bench) refused(number uint64) []string   { return show(b.Refused(b.now, number)) }

// consumed hands in a body from the bridge, which has to be accepted.
func (b *bench) consumed(body string) []string {
	b.Helper()
	effects, ok := b.Consumed(b.now, []byte(body))
	if !ok {
		b.Errorf("%s is dropped", body)
	}
	return show(effects)
}

// §6: published as it was sent, and acknowledged once the broker has confirmed it.
func TestPublished(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newBridged(t, nil)
		u := b.login(kind, "u")
		m := wire.NewQoSData("u", "v", "x", "fp")
		b.expect("message", b.receive(u, m), published(1, m))
		b.expect("confirmed", b.confirmed(1), sent("u", ackOf(m)))
		b.expect("confirmed again", b.confirmed(1))
		b.expect("refused after that", b.refused(1))
		b.expect("a further copy", b.receive(u, m), sent("u", ackOf(m)))
		b.expect("without QoS", b.receive(u, wire.NewData("u", "v", "x")), published(2, wire.NewData("u", "v", "x")))
		b.expect("confirmed without QoS", b.confirmed(2))
		b.login(kind, "v")
		b.expect("once the receiver is here", b.receive(u, m), sent("v", m), sent("u", ackOf(m)), about(server.EventC2C, "v", 0, m))
	}
}

// Without a bridge, for a user who is here, or to nobody, nothing is published.
func TestNotPublished(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.expect("no bridge", b.receive(u, m), about(server.EventOffline, "v", server.NotStored, m))

	b = newBridged(t, func(c *server.Config) { c.Quirks.Receiverless = server.ReceiverlessOffline })
	u = b.login(wire.TCP, "u")
	toNobody := m
	toNobody.To = wire.Text{}
	b.expect("no receiver", b.receive(u, toNobody), about(server.EventOffline, "", server.NotStored, toNobody))
	if _, online := b.Push(b.now, wire.NewQoSData(wire.ServerID, "v", "x", "fp-2")); online {
		b.Error("a message of the application is published")
	}
	b.application.veto = true
	b.expect("vetoed", b.receive(u, m))
}

// §6: what cannot be published is handled as a message to a user who is not online, and
// a copy of it is published anew.
func TestRefused(t *testing.T) {
	b := newBridged(t, nil)
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.expect("message", b.receive(u, m), published(1, m))
	b.expect("refused", b.refused(1), about(server.EventOffline, "v", server.NotStored, m))
	b.application.store = true
	b.expect("a copy", b.receive(u, m), published(2, m))
	b.expect("refused, and stored", b.refused(2), sent("u", ackOf(m)), about(server.EventOffline, "v", server.Stored, m))
	b.expect("another copy", b.receive(u, m), published(3, m))
	b.expect("confirmed", b.confirmed(3), sent("u", ackOf(m)))
}

// Copies that come before the confirmation are not published, and each is acknowledged.
func TestCopiesBeforeConfirmation(t *testing.T) {
	b := newBridged(t, nil)
	u, w := b.login(wire.TCP, "u"), b.login(wire.UDP, "w")
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.expect("first", b.receive(u, m), published(1, m))
	b.expect("second", b.receive(u, m))
	b.expect("third, from another session", b.receive(w, m))
	b.expect("confirmed", b.confirmed(1), sent("u", ackOf(m)), sent("u", ackOf(m)), sent("w", ackOf(m)))
	for n := uint64(2); n < 4; n++ { // one cannot be told from another: nothing names them
		plain := wire.NewData("u", "v", "x")
		b.expect("without QoS", b.receive(u, plain), published(n, plain))
	}
}

// The fingerprints of what was published are remembered like those of messages to the server.
func TestPublishedFingerprintsAreForgotten(t *testing.T) {
	b := newBridged(t, func(c *server.Config) {
		c.Policy.Expiry = [len(wire.Transports)]time.Duration{time.Hour, time.Hour, time.Hour}
	})
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.receive(u, m)
	b.confirmed(1)
	b.advance(10 * time.Minute)
	b.advance(15 * time.Minute)
	b.expect("after the memory", b.receive(u, m), published(2, m))
}

// A sender that is gone gets nothing, and its message is published all the same.
func TestConfirmedAfterTheEnd(t *testing.T) {
	b := newBridged(t, nil)
	u := b.login(wire.TCP, "u")
	m := wire.NewQoSData("u", "v", "x", "fp")
	b.expect("message", b.receive(u, m), published(1, m))
	b.Closed(b.now, u)
	b.expect("confirmed", b.confirmed(1))
}

// What waits for the broker is bounded, by number and by bytes.
func TestPublishingIsBounded(t *testing.T) {
	for name, bound := range map[string]server.Bound{"number": {Count: 2, Bytes: 1 << 20}, "bytes": {Count: 100, Bytes: 20}} {
		b := newBridged(t, func(c *server.Config) { c.Limits.Publishing = bound })
		u := b.login(wire.TCP, "u")
		message := func(n int) wire.Message { return wire.NewQoSData("u", "v", "12345", fmt.Sprint("fp", n)) } // of 10 bytes
		for n := range 2 {
			b.expect(name, b.receive(u, message(n)), published(uint64(n+1), message(n)))
		}
		b.expect(name+" too many", b.receive(u, message(2)), about(server.EventOffline, "v", server.NotStored, message(2)))
		b.confirmed(1)
		b.expect(name+" room again", b.receive(u, message(3)), published(3, message(3)))
	}
}

// §6: delivered with QoS and bridge set, whatever it says; the receiver's ACK ends here.
func TestConsumed(t *testing.T) {
	b := newBridged(t, nil)
	v := b.login(wire.TCP, "v")
	b.application.veto = true // it is not asked
	m := wire.Message{Bridge: true, Type: wire.TypeData, DataContent: wire.Some("x"), From: wire.Some("u"), To: wire.Some("v"), Fingerprint: wire.Some("fp"), QoS: true}
	b.expect("message", b.consumed(`{"type":2,"dataContent":"x","from":"u","to":"v","fp":"fp","QoS":false}`), sent("v", m), about(server.EventC2C, "v", 0, m))
	b.expect("ACK", b.receive(v, wire.NewReceived(m)), acknowledged("v", "fp"))
	b.expect("nothing is left of it", b.advance(6*time.Second))

	lost := m
	lost.Fingerprint = wire.Some("fp-2")
	b.expect("message without an ACK", b.consumed(lost.String()), sent("v", lost), about(server.EventC2C, "v", 0, lost))
}

// What is consumed for a user who is not here is not published back.
func TestConsumedForNobody(t *testing.T) {
	for _, store := range []bool{false, true} {
		b := newBridged(t, nil)
		b.application.store = store
		code := server.NotStored
		if store {
			code = server.Stored
		}
		m := wire.NewQoSData("u", "v", "x", "fp")
		m.Bridge = true
		b.expect("message", b.consumed(m.String()), about(server.EventOffline, "v", code, m))
	}
}

func TestConsumedRubbish(t *testing.T) {
	b := newBridged(t, nil)
	b.login(wire.TCP, "v")
	for _, body := range []string{"", "rubbish", "null", "[1]", `{"type":"x"}`, `{"type":2,"to":"v"} more`, `{"type":2,"dataContent":"x"}`} {
		if effects, ok := b.Consumed(b.now, []byte(body)); ok || len(effects) > 0 {
			t.Errorf("%q: taken, with effects %v", body, show(effects))
		}
	}
}
