package engine

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// anywhere is a network on which every address leads to the same listener.
type anywhere struct {
	transport.Network
	to string
}

func (a anywhere) DialStream(ctx context.Context, _ string) (net.Conn, error) {
	return a.Network.DialStream(ctx, a.to)
}

// routed returns a router for a target with addresses on TCP, all of which answer.
func routed(t *testing.T, addresses string, sources ...netip.Addr) (*router, *Config) {
	t.Helper()
	n := memory.New()
	l, err := n.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	c := &Config{Target: &target.Target{Network: anywhere{n, l.Addr().String()}}, Sources: sources}
	c.Target.Addresses[wire.TCP] = addresses
	if err := c.Target.Discover(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	c.Routes = NewRoutes(c)
	t.Cleanup(c.Routes.Close)
	return newRouter(c), c
}

// Clients take the addresses in turn, and go on to the next when one says nothing.
func TestRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := routed(t, "127.0.0.1:1,127.0.0.2:1,127.0.0.3:1")
		serial := [3]plan.Connection{}
		pick := func(client plan.Slot) string {
			serial[client]++
			node, ok := r.pick(wire.TCP, ConnectionID{client, serial[client]}, plan.Seat(client))
			if !ok {
				t.Fatal("there is no route")
			}
			return node.At.Addr().String()
		}
		note := func(client plan.Slot, kinds ...ArrivalKind) {
			for _, kind := range kinds {
				r.note(&Arrival{Kind: kind, ID: ConnectionID{client, serial[client]}})
			}
		}
		for client, want := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
			if got := pick(plan.Slot(client)); got != want {
				t.Errorf("client %d goes to %s, want %s", client, got, want)
			}
		}
		note(0, Opened, Received, Ended)
		note(1, Failed)
		note(2, Opened)
		r.note(&Arrival{Kind: Ended, ID: ConnectionID{2, 99}}) // of an earlier connection
		for client, want := range []string{"127.0.0.1", "127.0.0.3", "127.0.0.1"} {
			if got := pick(plan.Slot(client)); got != want {
				t.Errorf("client %d goes to %s again, want %s", client, got, want)
			}
		}
		note(1, Opened)
		want := []reports.Node{
			{Transport: "tcp", Host: "127.0.0.1:1", Address: "127.0.0.1:1", Opened: 1, Ended: 1},
			{Transport: "tcp", Host: "127.0.0.2:1", Address: "127.0.0.2:1", Failed: 1},
			{Transport: "tcp", Host: "127.0.0.3:1", Address: "127.0.0.3:1", Opened: 2},
		}
		if got := c.Routes.Report(); !reflect.DeepEqual(got, want) {
			t.Errorf("reported is %+v, want %+v", got, want)
		}
	})
}

// One address is not followed, and not reported.
func TestRouterWithOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := routed(t, "127.0.0.1:1")
		node, ok := r.pick(wire.TCP, ConnectionID{7, 1}, 7)
		if !ok || node.At.String() != "127.0.0.1:1" || len(r.clients) != 0 || c.Routes.Report() != nil {
			t.Errorf("%v, %t, %d clients are followed, reported is %v", node, ok, len(r.clients), c.Routes.Report())
		}
		if _, ok := r.pick(wire.UDP, ConnectionID{7, 1}, 7); ok {
			t.Error("a transport without an address has a route")
		}
	})
}

// Only addresses that a source address reaches are used, each from one of its kind.
func TestRouterReachesFromSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		four, six := netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("::1")
		r, c := routed(t, "[::2]:1,127.0.0.1:1", four)
		if node, _ := r.pick(wire.TCP, ConnectionID{0, 1}, 0); node.At.String() != "127.0.0.1:1" {
			t.Errorf("used is %v", node.At)
		}
		c.Sources = []netip.Addr{four, six}
		for to, want := range map[string]netip.Addr{"127.0.0.1": four, "::2": six} {
			if got := c.source(5, netip.MustParseAddr(to)); got != want {
				t.Errorf("%s is reached from %v, want %v", to, got, want)
			}
		}
	})
}

// A target that was not discovered is dialed as it was written.
func TestRouterWithoutDiscovery(t *testing.T) {
	c := &Config{Target: &target.Target{Network: memory.New()}}
	c.Target.Addresses[wire.TCP] = "127.0.0.1:1"
	c.Routes = NewRoutes(c)
	defer c.Routes.Close()
	if _, ok := newRouter(c).pick(wire.TCP, ConnectionID{0, 1}, 0); ok {
		t.Error("there is a route")
	}
	p := newPortable(c, newRouter(c), func(Arrival) {})
	defer p.Close()
	if _, err := p.dial(request{transport: wire.TCP}); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("dialing nobody: %v", err)
	}
}
