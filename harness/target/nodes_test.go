package target_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// hosts is a resolver with a table, whose lookups take a second.
type hosts struct {
	mu    sync.Mutex
	table map[string][]string
	asked int
}

func (h *hosts) LookupNetIP(ctx context.Context, _, host string) (found []netip.Addr, err error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	for _, text := range h.table[host] {
		found = append(found, netip.MustParseAddr(text))
	}
	if len(found) == 0 {
		err = errors.New("no such host")
	}
	return found, err
}

func (h *hosts) set(host string, addresses ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.table[host] = addresses
}

// town is a network on which some addresses have a server that ends every stream.
type town struct {
	transport.Network
	server string // address below

	mu   sync.Mutex
	open []string
}

func (n *town) DialStream(ctx context.Context, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.open, address) {
		return nil, syscall.ECONNREFUSED
	}
	return n.Network.DialStream(ctx, n.server)
}

// start opens another address.
func (n *town) start(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open = append(n.open, address)
}

// newTown opens addresses.
func newTown(t *testing.T, open ...string) *town {
	t.Helper()
	n := memory.New()
	l, err := n.ListenStream(anyPort)
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
	return &town{Network: n, server: l.Addr().String(), open: open}
}

// named returns a target with a name, of which two of three addresses answer.
func named(t *testing.T) (*target.Target, *hosts) {
	t.Helper()
	h := &hosts{table: map[string][]string{"im.example": {"127.0.0.1", "127.0.0.2", "::ffff:127.0.0.3"}}}
	under := &target.Target{Network: newTown(t, "127.0.0.2:7001", "127.0.0.3:7001", "127.0.0.4:7001"), Resolver: h}
	under.Addresses[wire.TCP] = "im.example:7001,127.0.0.2:7001"
	return under, h
}

// Every address of a name is tried, each once, and the first that answers is used.
func TestNamesAreResolved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, _ := named(t)
		if err := under.Discover(t.Context(), wait); err != nil {
			t.Fatal(err)
		}
		dial, node, err := under.Node(wire.TCP)
		if err != nil || dial != "127.0.0.2:7001" || node.Host != "im.example:7001" {
			t.Errorf("used is %s (%s), %v", dial, node.Host, err)
		}
		if got := under.InUse(wire.TCP, true); got != "127.0.0.2:7001, 127.0.0.3:7001" {
			t.Errorf("in use is %q", got)
		}
		notes := under.Notes(false)
		if len(notes) != 1 || !strings.HasPrefix(notes[0], "tcp im.example:7001,127.0.0.2:7001: using 127.0.0.2:7001; 127.0.0.1:7001 does not answer: ") {
			t.Errorf("noted is %q", notes)
		}
		conn, err := under.Dial(t.Context(), wire.TCP)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	})
}

// When nothing answers each address is named, and a name without addresses too.
func TestNoNodeAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, h := named(t)
		h.set("im.example", "127.0.0.8", "127.0.0.9")
		under.Addresses[wire.TCP] = "im.example:7001"
		err := under.Discover(t.Context(), wait)
		for _, want := range []string{"127.0.0.8:7001: ", "; 127.0.0.9:7001: ", "is it running"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		h.set("im.example")
		if err := under.Discover(t.Context(), wait); err == nil || !strings.Contains(err.Error(), "the name im.example has no address: no such host") {
			t.Errorf("a name without an address: %v", err)
		}
	})
}

// Connections take the addresses that answer in turn; those that come again find new ones.
func TestSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, h := named(t)
		if err := under.Discover(t.Context(), wait); err != nil {
			t.Fatal(err)
		}
		s := under.NewSpread(wire.TCP, nil)
		defer s.Close()
		picked := func(again bool) (ports string) {
			for i := range 4 {
				ports += s.Pick(i, again).At.Addr().String()[8:]
			}
			return ports
		}
		if got := picked(false); got != "2323" || !s.Several() {
			t.Errorf("the first connections go to %s", got)
		}
		// The one that did not answer stays out, another one is new.
		h.set("im.example", "127.0.0.1", "127.0.0.3", "127.0.0.4")
		under.Addresses[wire.TCP] = "im.example:7001"
		asked := h.asked
		if got := picked(true); got != "2323" {
			t.Errorf("while names are looked up connections go to %s", got)
		}
		time.Sleep(2 * time.Second) // virtual
		if got := picked(false); got != "3434" || h.asked != asked+1 {
			t.Errorf("after %d lookups connections go to %s", h.asked-asked, got)
		}
		// A name that is gone leaves what there was.
		h.set("im.example")
		s.Pick(0, true)
		time.Sleep(2 * time.Second)
		if got := picked(false); got != "3434" {
			t.Errorf("when the name is gone connections go to %s", got)
		}
		if got := len(s.Uses()); got != 3 {
			t.Errorf("%d addresses were ever in use, want 3", got)
		}
	})
}

// A node that was silent at the start is used from when it answers on, of a name and of a
// list. It is asked when clients connect again, once a second at most, and not otherwise.
func TestSpreadTakesInWhoWasSilent(t *testing.T) {
	for name, addresses := range map[string]string{"name": "im.example:7001", "list": "127.0.0.1:7001,127.0.0.2:7001,127.0.0.3:7001"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				under, _ := named(t)
				under.Addresses[wire.TCP] = addresses
				if err := under.Discover(t.Context(), wait); err != nil {
					t.Fatal(err)
				}
				s := under.NewSpread(wire.TCP, nil)
				defer s.Close()
				goes := func(want string) {
					t.Helper()
					time.Sleep(5 * time.Second) // virtual
					got := ""
					for i := range 6 {
						got += s.Pick(i, false).At.Addr().String()[8:]
					}
					if got != want {
						t.Errorf("connections go to %s, want %s", got, want)
					}
				}
				if !s.Several() {
					t.Error("a silent address does not count as one of several")
				}
				s.Pick(0, true)
				goes("232323")
				under.Network.(*town).start("127.0.0.1:7001")
				goes("232323") // nobody has connected again
				s.Pick(0, true)
				goes("123123")
				if got := len(s.Uses()); got != 3 {
					t.Errorf("%d addresses were ever in use, want 3", got)
				}
			})
		})
	}
}

// An address that no source address reaches is left out.
func TestSpreadLeavesOutWhatIsNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, _ := named(t)
		if err := under.Discover(t.Context(), wait); err != nil {
			t.Fatal(err)
		}
		s := under.NewSpread(wire.TCP, func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.3") })
		defer s.Close()
		if got := s.Pick(0, false).At.String(); got != "127.0.0.3:7001" {
			t.Errorf("used is %s", got)
		}
		if none := under.NewSpread(wire.TCP, func(netip.Addr) bool { return false }); none != nil {
			t.Error("there is nothing to spread over, and it is spread")
		}
	})
}

var _ target.Resolver = (*net.Resolver)(nil)
