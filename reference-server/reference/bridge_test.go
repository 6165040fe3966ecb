package reference_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/broker"
	brokermemory "imcheck/harness/broker/memory"
	"imcheck/harness/broker/rabbitmq"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/internal/rabbitmqtest"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/bridge"
	"imcheck/reference-server/reference"
)

// brokerUnderTest is a broker that a test can stop and start again.
type brokerUnderTest struct {
	broker.Broker
	setAway func(away bool)
}

// withBrokers runs a test with a broker in memory, in virtual time, and with a real one.
func withBrokers(t *testing.T, test func(t *testing.T, n transport.Network, b brokerUnderTest)) {
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := brokermemory.New()
			test(t, memory.New(), brokerUnderTest{b, b.SetAway})
		})
	})
	t.Run("rabbitmq", func(t *testing.T) {
		if testing.Short() {
			t.Skip("a real broker takes seconds to start")
		}
		t.Parallel()
		real := rabbitmqtest.New(t)
		b, err := rabbitmq.Parse(real.URL())
		if err != nil {
			t.Fatal(err)
		}
		test(t, transport.OS{}, brokerUnderTest{b, func(away bool) {
			if away {
				real.Kill()
			} else {
				real.Start()
			}
		}})
	})
}

// bridged starts a server with a bridge; what it logs is kept.
func bridged(t *testing.T, n transport.Network, b broker.Broker, publishTo, consumeFrom string) (*reference.Server, *lines) {
	log := &lines{}
	config := everywhere(n)
	config.Modes = timing.Modes{timing.Mode120S, timing.Mode120S, timing.Mode120S} // a broker takes a while to start
	config.Bridge = &bridge.Config{Broker: b, PublishTo: publishTo, ConsumeFrom: consumeFrom, Log: log.add}
	return start(t, config), log
}

type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func (l *lines) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

// connect connects the test to a broker, as the server at the other end.
func connect(t *testing.T, b broker.Broker) broker.Connection {
	t.Helper()
	c, err := b.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	go func() {
		for range c.Confirmations() {
		}
	}()
	return c
}

// §6: two servers whose queues are crossed reach each other's users, on all transports.
func TestBridgeBetweenServers(t *testing.T) {
	withBrokers(t, func(t *testing.T, n transport.Network, b brokerUnderTest) {
		one, _ := bridged(t, n, b, broker.FromServer, broker.ToServer)
		other, _ := bridged(t, n, b, broker.ToServer, broker.FromServer)
		if !one.Info().Capabilities.Has(controlapi.CapabilityBridge) {
			t.Error("a server with a bridge does not declare it")
		}
		for _, kind := range wire.Transports {
			u, v := dial(t, n, one, kind, transport.Options{}), dial(t, n, other, kind, transport.Options{})
			u.login("u-" + kind.String())
			v.login("v-" + kind.String())
			for i := range 2 {
				m := wire.NewQoSData(u.user, v.user, fmt.Sprint("message ", i), fmt.Sprint("fp-", kind, i))
				u.send(m)
				// The server at the other end looks for its queue every 5 s.
				ack := u.keptAlive(wire.TypeReceived)
				if !ack.DataContent.Is(m.Fingerprint.Value()) || ack.Bridge || !ack.From.Is(v.user) {
					t.Errorf("ACK %s", ack)
				}
				got := v.keptAlive(wire.TypeData)
				m.Bridge = true
				if got != m {
					t.Errorf("received %s, want %s", got, m)
				}
				v.send(wire.NewReceived(got))
			}
		}
		if counts := one.BridgeCounts(); counts.Confirmed != 6 || counts.Published != 6 || counts.Away+counts.Refused != 0 {
			t.Errorf("counts %+v", counts)
		}
		if counts := other.BridgeCounts(); counts.Consumed != 6 || counts.Dropped != 0 {
			t.Errorf("counts of the other %+v", counts)
		}
	})
}

// keptAlive reads one message of a type, and sends keep-alives while it waits.
func (p *peer) keptAlive(want wire.Type) wire.Message {
	p.Helper()
	stop := make(chan struct{})
	var sender sync.WaitGroup
	sender.Go(func() {
		every := time.NewTicker(2 * time.Second)
		defer every.Stop()
		for {
			select {
			case <-stop:
				return
			case <-every.C:
				if p.Conn.Send(wire.NewKeepAlive(p.user).Append(nil)) != nil {
					return
				}
			}
		}
	})
	defer sender.Wait()
	defer close(stop)
	for {
		if m := p.receive(); m.Type != wire.TypeKeepAliveResponse {
			if m.Type != want {
				p.Fatalf("received %s, want a %s", m, want)
			}
			return m
		}
	}
}

// Rubbish in the queue is dropped, what comes next arrives, and nothing stays in the queue.
func TestBridgeDropsRubbish(t *testing.T) {
	withBrokers(t, func(t *testing.T, n transport.Network, b brokerUnderTest) {
		c := connect(t, b)
		if err := c.Declare(broker.ToServer); err != nil {
			t.Fatal(err)
		}
		s, _ := bridged(t, n, b, broker.FromServer, broker.ToServer)
		v := dial(t, n, s, wire.TCP, transport.Options{})
		v.login("v")
		m := wire.NewQoSData("u", "v", "x", "fp")
		for _, body := range []string{"rubbish", "", "[]", m.String()} {
			if err := c.Publish(broker.ToServer, broker.Message{Body: []byte(body), Persistent: true}); err != nil {
				t.Fatal(err)
			}
		}
		m.Bridge = true
		if got := v.keptAlive(wire.TypeData); got != m {
			t.Errorf("received %s, want %s", got, m)
		}
		v.send(wire.NewReceived(m))
		if !eventually(func() bool { return s.BridgeCounts() == bridge.Counts{Consumed: 4, Dropped: 3} }) {
			t.Errorf("counts %+v", s.BridgeCounts())
		}
	})
}

// While the broker is away, messages for users who are not here are offline; when it is back
// everything goes on by itself, and nothing that was acknowledged is lost.
func TestBrokerAway(t *testing.T) {
	withBrokers(t, func(t *testing.T, n transport.Network, b brokerUnderTest) {
		s, log := bridged(t, n, b, broker.FromServer, broker.ToServer)
		u := dial(t, n, s, wire.TCP, transport.Options{})
		u.login("u")
		if err := u.SetReceiveDeadline(time.Now().Add(5 * patience)); err != nil {
			t.Fatal(err)
		}
		var acknowledged []string
		send := func(fingerprint string) {
			u.send(wire.NewQoSData("u", "v", "x", fingerprint))
			if got := u.keptAlive(wire.TypeReceived); !got.DataContent.Is(fingerprint) {
				t.Fatalf("received %s, want the ACK of %s", got, fingerprint)
			}
			acknowledged = append(acknowledged, fingerprint)
		}
		send("before")
		b.setAway(true)
		if !eventually(func() bool { return log.len() == 1 }) {
			t.Fatal("nothing was logged")
		}
		u.send(wire.NewQoSData("u", "v", "x", "away"))
		u.keepAlive("u") // and no ACK
		b.setAway(false)
		if !eventually(func() bool { return log.len() == 2 }) {
			t.Fatal("the bridge did not come back")
		}
		u.keepAlive("u")
		send("away") // the copy of a client that retransmits
		send("after")
		if counts := s.BridgeCounts(); counts.Away != 1 || counts.Confirmed != 3 {
			t.Errorf("counts %+v", counts)
		}
		if got := fingerprintsIn(t, connect(t, b), len(acknowledged)); !slices.Equal(got, acknowledged) {
			t.Errorf("in the queue %q, acknowledged were %q", got, acknowledged)
		}
	})
}

// fingerprintsIn takes messages from the queue that a server publishes to, and checks their
// properties.
func fingerprintsIn(t *testing.T, c broker.Connection, count int) (fingerprints []string) {
	t.Helper()
	deliveries, err := c.Consume(broker.FromServer, count)
	if err != nil {
		t.Fatal(err)
	}
	for range count {
		d, ok := <-deliveries
		if !ok {
			t.Fatalf("the queue is gone after %q", fingerprints)
		}
		m, err := wire.Decode(d.Body)
		if err != nil || !d.Persistent || d.ContentType != broker.ContentType {
			t.Errorf("%s: persistent %v, content type %q, %v", d.Body, d.Persistent, d.ContentType, err)
		}
		fingerprints = append(fingerprints, m.Fingerprint.Value())
		if err := d.Ack(); err != nil {
			t.Error(err)
		}
	}
	return fingerprints
}

// A server starts without its broker, and says so.
func TestBridgeStartsWithoutBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := brokermemory.New()
		b.SetAway(true)
		n := memory.New()
		s, log := bridged(t, n, b, broker.FromServer, broker.ToServer)
		if log.len() != 1 {
			t.Errorf("logged %q", log.all)
		}
		u := dial(t, n, s, wire.TCP, transport.Options{})
		u.login("u")
		u.send(wire.NewQoSData("u", "off-v", "x", "fp")) // which is stored
		u.expect(wire.TypeReceived)
		b.SetAway(false)
		time.Sleep(time.Minute) // virtual
		if log.len() != 2 {
			t.Errorf("logged %q", log.all)
		}
	})
}
