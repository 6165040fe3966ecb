package reference_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"imcheck/harness/broker"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Messages that pile up in a queue that was missing when the server started all arrive once it
// is there, in order.
func TestBridgePileDrainsInOrder(t *testing.T) {
	withBrokers(t, func(t *testing.T, n transport.Network, b brokerUnderTest) {
		s, _ := bridged(t, n, b, broker.FromServer, broker.ToServer)
		v := dial(t, n, s, wire.TCP, transport.Options{})
		v.login("v")
		c := connect(t, b)
		if err := c.Declare(broker.ToServer); err != nil {
			t.Fatal(err)
		}
		const pile = 300
		for i := range pile {
			m := wire.NewQoSData("u", "v", fmt.Sprint(i), fmt.Sprint("fp-", i))
			if err := c.Publish(broker.ToServer, broker.Message{Body: m.Append(nil), Persistent: true}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range pile {
			got := v.keptAlive(wire.TypeData)
			if !got.DataContent.Is(fmt.Sprint(i)) {
				t.Fatalf("message %d is %s", i, got)
			}
			v.send(wire.NewReceived(got))
		}
		if !eventually(func() bool { return s.BridgeCounts().Consumed == pile }) {
			t.Errorf("counts %+v", s.BridgeCounts())
		}
	})
}

// ledger counts the outcomes of the messages of a load.
type ledger struct {
	mu           sync.Mutex
	acknowledged map[string]bool
}

// read notes ACKs until the connection ends.
func (l *ledger) read(p *peer) {
	for {
		body, err := p.Conn.Receive()
		if err != nil {
			return
		}
		if m, err := wire.Decode(body); err == nil && m.Type == wire.TypeReceived {
			l.mu.Lock()
			l.acknowledged[m.DataContent.Value()] = true
			l.mu.Unlock()
		}
	}
}

func (l *ledger) has(fingerprint string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acknowledged[fingerprint]
}

// The broker is killed and started again under 1,000 messages a second: whatever the server has
// acknowledged is in the queue then.
func TestBrokerKilledUnderLoad(t *testing.T) {
	withBrokers(t, func(t *testing.T, n transport.Network, b brokerUnderTest) {
		s, log := bridged(t, n, b, broker.FromServer, broker.ToServer)
		u := dial(t, n, s, wire.TCP, transport.Options{})
		u.login("u")
		if err := u.SetReceiveDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		books := &ledger{acknowledged: map[string]bool{}}
		var reading, disturbing sync.WaitGroup
		reading.Go(func() { books.read(u) })
		disturbing.Go(func() {
			<-time.After(2 * time.Second) // under load
			b.setAway(true)
			b.setAway(false)
		})
		sent := 0
		send := func() string {
			sent++
			fingerprint := fmt.Sprint("fp-", sent)
			u.send(wire.NewQoSData("u", "v", "x", fingerprint))
			return fingerprint
		}
		every := time.NewTicker(time.Millisecond)
		defer every.Stop()
		for log.len() < 2 { // it is away, and back
			<-every.C
			send()
		}
		for range 2000 {
			<-every.C
			send()
		}
		disturbing.Wait()
		last := send()
		if !eventually(func() bool { return books.has(last) }) {
			t.Fatalf("the last message is not acknowledged; counts %+v", s.BridgeCounts())
		}
		inQueue := takeUntil(t, connect(t, b), last)
		u.Conn.Close()
		reading.Wait()
		balance(t, books.acknowledged, inQueue, sent)
	})
}

// takeUntil takes messages from the queue that a server publishes to, up to one. It returns how
// often each fingerprint was there.
func takeUntil(t *testing.T, c broker.Connection, last string) map[string]int {
	t.Helper()
	deliveries, err := c.Consume(broker.FromServer, 1000)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for d := range deliveries {
		m, err := wire.Decode(d.Body)
		if err != nil {
			t.Fatal(err)
		}
		found[m.Fingerprint.Value()]++
		if err := d.Ack(); err != nil {
			t.Fatal(err)
		}
		if m.Fingerprint.Is(last) {
			return found
		}
	}
	t.Fatalf("the queue ends after %d messages", len(found))
	return nil
}

// balance wants everything that was acknowledged to be in the queue, and some of what was sent
// to be neither: else the broker was not away.
func balance(t *testing.T, acknowledged map[string]bool, inQueue map[string]int, sent int) {
	t.Helper()
	var lost []string
	for _, fingerprint := range slices.Sorted(maps.Keys(acknowledged)) {
		if inQueue[fingerprint] == 0 {
			lost = append(lost, fingerprint)
		}
	}
	if len(lost) > 0 {
		t.Errorf("%d of %d acknowledged messages are lost, the first %s", len(lost), len(acknowledged), lost[0])
	}
	if len(acknowledged) >= sent || len(acknowledged) < 3000 {
		t.Errorf("%d of %d messages were acknowledged: was the broker away?", len(acknowledged), sent)
	}
	t.Logf("%d sent, %d acknowledged, %d in the queue", sent, len(acknowledged), len(inQueue))
}
