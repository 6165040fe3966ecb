package reference_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/broker"
	brokermemory "imcheck/harness/broker/memory"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// A server that is told to stop closes each session in the way of its transport, after what is
// queued on it.
func TestShutdown(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		s := start(t, everywhere(n))
		var peers []*peer
		for _, kind := range wire.Transports {
			p := dial(t, n, s, kind, transport.Options{})
			p.login("u-" + kind.String())
			peers = append(peers, p)
		}
		for _, p := range peers {
			s.Push(wire.NewData(wire.ServerID, p.user, "the last word"))
		}
		var stopping sync.WaitGroup
		stopping.Go(func() { s.Shutdown(context.Background()) })
		for _, p := range peers {
			if m := p.expect(wire.TypeData); !m.DataContent.Is("the last word") {
				t.Errorf("%s: received %s", p.user, m)
			}
			if p.Transport().Connected() {
				p.expectEnd(websocket.CloseGoingAway)
				_ = p.Conn.Close() // so that the server does not linger
			}
		}
		stopping.Wait()
		if c, err := transport.Dial(context.Background(), n, wire.TCP, s.Address(wire.TCP), transport.Options{}); err == nil {
			_ = c.Close()
			t.Error("a server that has stopped accepts a connection")
		}
	})
}

// slowBroker confirms a while after the message was published, or never.
type slowBroker struct {
	broker.Broker
	after time.Duration // negative for never
}

func (b slowBroker) Connect(ctx context.Context) (broker.Connection, error) {
	c, err := b.Broker.Connect(ctx)
	if err != nil {
		return nil, err
	}
	slow := &slowConnection{Connection: c, confirmations: make(chan broker.Confirmation)}
	go slow.pass(b.after)
	return slow, nil
}

type slowConnection struct {
	broker.Connection
	confirmations chan broker.Confirmation
}

func (c *slowConnection) Confirmations() <-chan broker.Confirmation { return c.confirmations }

func (c *slowConnection) pass(after time.Duration) {
	defer close(c.confirmations)
	for one := range c.Connection.Confirmations() {
		if after < 0 {
			continue
		}
		select {
		case <-time.After(after):
			c.confirmations <- one
		case <-c.Lost():
		}
	}
}

// A server that is told to stop waits for the broker to confirm what was published, and
// acknowledges it then; what is not confirmed is offline. What it has not consumed stays in
// the queue. All that takes 5 s at most.
func TestShutdownFlushesTheBridge(t *testing.T) {
	for name, test := range map[string]struct {
		after        time.Duration
		acknowledged bool
		to           string
	}{
		"confirmed in time":      {time.Second, true, "v"},
		"never confirmed":        {-1, false, "v"},
		"never confirmed, kept":  {-1, true, "off-v"}, // which the application stores
		"confirmed far too late": {4 * time.Second, false, "v"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, n := brokermemory.New(), memory.New()
				far := connect(t, b)
				if err := far.Declare(broker.ToServer); err != nil {
					t.Fatal(err)
				}
				s, _ := bridged(t, n, slowBroker{b, test.after}, broker.FromServer, broker.ToServer)
				u := dial(t, n, s, wire.TCP, transport.Options{})
				u.login("u")
				u.send(wire.NewQoSData("u", test.to, "x", "fp"))
				u.keepAlive("u")
				began := time.Now()
				var stopping sync.WaitGroup
				stopping.Go(func() { s.Shutdown(context.Background()) })
				synctest.Wait()
				carried := wire.NewQoSData("v", "u", "for later", "later")
				if err := far.Publish(broker.ToServer, broker.Message{Body: carried.Append(nil), Persistent: true}); err != nil {
					t.Fatal(err)
				}
				u.send(wire.NewQoSData("u", "u", "too late", "late")) // which nobody acknowledges
				if test.acknowledged {
					if ack := u.expect(wire.TypeReceived); !ack.DataContent.Is("fp") {
						t.Errorf("ACK %s", ack)
					}
				}
				u.expectEnd(websocket.CloseGoingAway)
				stopping.Wait()
				if took := time.Since(began); took > reference.StopTime {
					t.Errorf("it took %v", took)
				}
				left, err := far.Consume(broker.ToServer, 1)
				if err != nil {
					t.Fatal(err)
				}
				if d := <-left; string(d.Body) != string(carried.Append(nil)) {
					t.Errorf("left in the queue: %s", d.Body)
				}
			})
		})
	}
}

// The control address says that the server is alive and ready, how it goes, and what its bridge
// has done.
func TestOperationOverTheControlAddress(t *testing.T) {
	n := transport.OS{}
	s, _ := bridged(t, n, slowBroker{brokermemory.New(), -1}, broker.FromServer, broker.ToServer)
	get := func(path string) (int, string) {
		answer, err := http.Get("http://" + s.ControlAddress() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/debug/pprof/": 404} {
		if status, body := get(path); status != want {
			t.Errorf("%s: %d %.100s", path, status, body)
		}
	}
	u := dial(t, n, s, wire.TCP, transport.Options{})
	u.login("u")
	u.send(wire.NewQoSData("u", "v", "x", "fp")) // which nobody confirms
	u.keepAlive("u")
	_, body := get(controlapi.PathInfo)
	var info controlapi.Info
	if err := json.Unmarshal([]byte(body), &info); err != nil || info.Bridge == nil || *info.Bridge != (controlapi.BridgeCounts{Published: 1}) {
		t.Errorf("info %s: %v", body, err)
	}
	ctx, enough := context.WithCancel(context.Background())
	var stopping sync.WaitGroup
	stopping.Go(func() { s.Shutdown(ctx) })
	if !eventually(func() bool { status, _ := get("/readyz"); return status == 503 }) {
		t.Error("a server that stops is ready")
	}
	for path, want := range map[string]string{"/healthz": "alive", "/metrics": "imcheck_server_bridge_unconfirmed 1"} {
		if _, body := get(path); !strings.Contains(body, want) {
			t.Errorf("%s of a server that stops: %s", path, body)
		}
	}
	enough()
	stopping.Wait()
}
