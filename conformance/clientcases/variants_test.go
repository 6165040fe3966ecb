package clientcases_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"imcheck/conformance/clientcases"
	"imcheck/conformance/internal/casestest"
	"imcheck/harness/drive"
	"imcheck/harness/transport"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// change is a function on the effects of a client.
type change = func(effects []client.Effect) []client.Effect

// variant returns a client that uses a freedom of docs/protocol.md §8.
func variant(freedom string, effects func() change) drive.Fault {
	return drive.Fault{Name: freedom, Effects: effects}
}

// each replaces every effect by others.
func each(replace func(e client.Effect) []client.Effect) change {
	return func(effects []client.Effect) (changed []client.Effect) {
		for _, e := range effects {
			changed = append(changed, replace(e)...)
		}
		return changed
	}
}

func isSent(e client.Effect, kind wire.Type) bool {
	return e.Kind == client.Send && e.Message.Type == kind
}

// variants are healthy clients.
func variants() []drive.Fault {
	return []drive.Fault{
		variant("freedom-client-extra", extraEmpty),
		variant("freedom-client-ack-order", ackAfterShown),
		variant("freedom-client-link-reported", linkCloseAfterEnd),
		variant("freedom-client-relogin-reported", reloginUnreported),
		variant("freedom-client-errors", errorsUnreported),
		variant("freedom-client-lost-at-logout", lostAtLogout),
		variant("freedom-client-stamp", stampsAtWill),
		variant("freedom-client-fingerprint", fingerprintWithoutQoS),
		variant("freedom-client-first-keep-alive", keepAliveAtOnce),
		variant("freedom-client-unanswered", firstLoginOnce),
		ackReported("freedom-client-ack-reported"),
		variant("freedom-client-late-keep-alive", keepAliveAfterLogout),
		variant("freedom-client-offline-copies", nothingOffline),
		{Name: "freedom-client-datagram", Network: func(n transport.Network) transport.Network { return smallDatagrams{n} }},
		{Name: "freedom-client-crossed-close", Network: func(n transport.Network) transport.Network { return &crossedNetwork{Network: n} }},
	}
}

// keepAliveAfterLogout has a keep-alive under way when it logs out.
func keepAliveAfterLogout() change {
	return each(func(e client.Effect) []client.Effect {
		if isSent(e, wire.TypeLogout) {
			return []client.Effect{e, {Kind: client.Send, Message: wire.NewKeepAlive(e.Message.From.Value())}}
		}
		return []client.Effect{e}
	})
}

// nothingOffline sends no data while the client is not logged in.
func nothingOffline() change {
	online := false
	return each(func(e client.Effect) []client.Effect {
		switch e.Kind {
		case client.LoggedIn:
			online = true
		case client.LinkClosed, client.Failed, client.KickedOut:
			online = false
		}
		if isSent(e, wire.TypeData) && !online {
			return nil
		}
		return []client.Effect{e}
	})
}

// smallDatagrams is a network that delivers no datagram of more than 1,024 bytes.
type smallDatagrams struct{ transport.Network }

func (n smallDatagrams) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	c, err := n.Network.DialPacket(ctx, address)
	if err != nil {
		return nil, err
	}
	return smallReader{c}, nil
}

type smallReader struct{ net.Conn }

func (c smallReader) Read(b []byte) (n int, err error) {
	const largest = 1024
	for {
		if n, err = c.Conn.Read(b); err != nil || n <= largest {
			return n, err
		}
	}
}

// crossedNetwork ends a stream soon after its first bytes that is opened right after the first
// one was given up, as the late end of the first one does in some clients.
type crossedNetwork struct {
	transport.Network

	mu     sync.Mutex
	dialed int
	read   time.Time // last from the first stream
	closed time.Time // the first stream, by the client
}

func (n *crossedNetwork) DialStream(ctx context.Context, address string) (net.Conn, error) {
	c, err := n.Network.DialStream(ctx, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dialed++
	switch {
	case n.dialed == 1:
		return &firstStream{c, n}, nil
	case n.dialed == 2 && time.Since(n.closed) < 100*time.Millisecond && n.closed.Sub(n.read) > 4*time.Second:
		return &crossedStream{Conn: c}, nil
	}
	return c, nil
}

// firstStream notes when the client reads from it, and closes it.
type firstStream struct {
	net.Conn
	network *crossedNetwork
}

func (c *firstStream) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.network.mu.Lock()
	defer c.network.mu.Unlock()
	if err == nil {
		c.network.read = time.Now()
	}
	return n, err
}

func (c *firstStream) Close() error {
	c.network.mu.Lock()
	defer c.network.mu.Unlock()
	c.network.closed = time.Now()
	return c.Conn.Close()
}

// crossedStream ends soon after it was first written to.
type crossedStream struct {
	net.Conn
	once sync.Once
}

func (c *crossedStream) Write(b []byte) (int, error) {
	c.once.Do(func() { time.AfterFunc(5*time.Millisecond, func() { _ = c.Conn.Close() }) })
	return c.Conn.Write(b)
}

func (c *crossedStream) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

func extraEmpty() change {
	return each(func(e client.Effect) []client.Effect {
		if info, err := wire.ParseLoginInfo(e.Message.DataContent.Value()); isSent(e, wire.TypeLogin) && err == nil && !info.Extra.Present() {
			info.Extra = wire.Some("")
			e.Message.DataContent = wire.Some(string(info.Append(nil)))
		}
		return []client.Effect{e}
	})
}

func ackAfterShown() change {
	return func(effects []client.Effect) []client.Effect {
		if len(effects) == 2 && isSent(effects[0], wire.TypeReceived) && effects[1].Kind == client.Delivered {
			return []client.Effect{effects[1], effects[0]}
		}
		return effects
	}
}

func linkCloseAfterEnd() change {
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == client.Refused || e.Kind == client.KickedOut {
			return []client.Effect{e, {Kind: client.LinkClosed, Code: wire.CodeConnectionBroken}}
		}
		return []client.Effect{e}
	})
}

func reloginUnreported() change {
	over, byItself := false, false // the session, and the login that follows
	return each(func(e client.Effect) []client.Effect {
		switch e.Kind {
		case client.Refused, client.KickedOut:
			over = true
		case client.LinkClosed, client.Failed:
			byItself = !over
		case client.LoggedIn:
			unreported := byItself
			over, byItself = false, false
			if unreported {
				return nil
			}
		}
		return []client.Effect{e}
	})
}

func errorsUnreported() change {
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == client.Failed {
			return nil
		}
		return []client.Effect{e}
	})
}

func lostAtLogout() change {
	waiting := map[string]wire.Message{}
	return each(func(e client.Effect) (all []client.Effect) {
		switch all = []client.Effect{e}; {
		case isSent(e, wire.TypeData) && e.Message.QoS:
			waiting[e.Message.Fingerprint.Value()] = e.Message
		case e.Kind == client.Received || e.Kind == client.Lost:
			delete(waiting, e.Message.Fingerprint.Value())
		case isSent(e, wire.TypeLogout):
			for _, m := range waiting {
				all = append(all, client.Effect{Kind: client.Lost, Message: m})
			}
		}
		return all
	})
}

func stampsAtWill() change {
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == client.Send {
			e.Message.ServerTime = 0
		}
		if isSent(e, wire.TypeReceived) {
			e.Message.UserType = 0
		}
		return []client.Effect{e}
	})
}

func fingerprintWithoutQoS() change {
	return each(func(e client.Effect) []client.Effect {
		if isSent(e, wire.TypeData) && !e.Message.QoS {
			e.Message.Fingerprint = wire.Some(wire.NewFingerprint())
		}
		if e.Kind == client.Delivered && !e.Message.QoS {
			e.Message.Fingerprint = wire.Text{}
		}
		return []client.Effect{e}
	})
}

func keepAliveAtOnce() change {
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == client.LoggedIn {
			return []client.Effect{e, {Kind: client.Send, Message: wire.NewKeepAlive(e.Message.To.Value())}}
		}
		return []client.Effect{e}
	})
}

// firstLoginOnce repeats no login before the first one is answered.
func firstLoginOnce() change {
	logins := 0
	return each(func(e client.Effect) []client.Effect {
		switch {
		case e.Kind == client.LoggedIn || e.Kind == client.Refused || e.Kind == client.LinkClosed:
			logins = -1000 // from now on all are sent
		case isSent(e, wire.TypeLogin):
			if logins++; logins > 1 {
				return nil
			}
		}
		return []client.Effect{e}
	})
}

// ackReported reports ACKs of messages that the client does not wait for.
func ackReported(freedom string) drive.Fault {
	var last *wire.Message // the ACK that is being handled
	return drive.Fault{
		Name: freedom,
		Receive: func() func(wire.Message) (wire.Message, bool) {
			return func(m wire.Message) (wire.Message, bool) {
				if m.Type == wire.TypeReceived {
					last = &m
				}
				return m, true
			}
		},
		Effects: func() change {
			return func(effects []client.Effect) []client.Effect {
				if last != nil && len(effects) == 0 {
					effects = []client.Effect{{Kind: client.Received, Message: wire.Message{Fingerprint: last.DataContent}}}
				}
				last = nil
				return effects
			}
		},
	}
}

// TestVariantsPass checks that nothing that §8 leaves open is taken for a fault.
func TestVariantsPass(t *testing.T) {
	if underRace {
		t.Skip("the race detector has seen this code")
	}
	for i, v := range variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			casestest.ExpectVerdict(t, world{variants: []int{i}}.run(t, clientcases.All()), reports.Pass)
		})
	}
}

// TestVariantsTogether checks combinations that are drawn, and all variants at once.
func TestVariantsTogether(t *testing.T) {
	if underRace {
		t.Skip("the race detector has seen this code")
	}
	random := rand.New(rand.NewPCG(15, 8))
	for n := range 4 {
		picked := random.Perm(len(variants()))
		if n > 0 {
			picked = picked[:3]
		}
		slices.Sort(picked)
		var names []string
		for _, i := range picked {
			names = append(names, strings.TrimPrefix(variants()[i].Name, "freedom-"))
		}
		t.Run(strings.Join(names, "+"), func(t *testing.T) {
			t.Parallel()
			casestest.ExpectVerdict(t, world{variants: picked}.run(t, clientcases.All()), reports.Pass)
		})
	}
}
