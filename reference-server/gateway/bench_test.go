package gateway_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// link is a transport.Link that keeps what is done to it.
type link struct {
	transport wire.Transport
	remote    netip.AddrPort

	mu     sync.Mutex
	sent   []string
	closed int
}

func newLink(t wire.Transport, remote string) *link {
	return &link{transport: t, remote: netip.MustParseAddrPort(remote)}
}

func (l *link) Transport() wire.Transport  { return l.transport }
func (l *link) RemoteAddr() netip.AddrPort { return l.remote }

func (l *link) Send(body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, string(body))
}

func (l *link) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
}

// GoAway counts as Close.
func (l *link) GoAway() { l.Close() }

// take returns what was sent since the last call.
func (l *link) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := l.sent
	l.sent = nil
	return sent
}

func (l *link) timesClosed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// tolerant lets everybody in and everything pass, and stores nothing.
type tolerant struct{}

func (tolerant) Verify(_, _, _ string) wire.Code { return wire.CodeOK }
func (tolerant) AllowC2S(wire.Message) bool      { return true }
func (tolerant) AllowC2C(wire.Message) bool      { return true }
func (tolerant) StoreOffline(wire.Message) bool  { return false }

func ignoreEvent(time.Time, server.Event) {}

// newGateway starts a gateway in sense mode 3S, which is stopped with the test.
func newGateway(t testing.TB, change func(*server.Config)) *gateway.Gateway {
	config := server.Config{
		Application: tolerant{},
		Policy:      server.DefaultPolicy(timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}),
		Limits:      server.DefaultLimits,
	}
	if change != nil {
		change(&config)
	}
	g := gateway.New(config, ignoreEvent)
	t.Cleanup(g.Stop)
	return g
}

func login(user string) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some(user), Token: wire.Some("t")})
}

// ask hands in a message and returns what was sent on its link.
func ask(g *gateway.Gateway, l *link, m wire.Message) []string {
	l.take()
	g.Message(l, m.Append(nil))
	return l.take()
}

// expectOne wants exactly one message, of one type.
func expectOne(t testing.TB, what string, sent []string, want wire.Type) {
	t.Helper()
	if len(sent) == 1 {
		if m, err := wire.Decode([]byte(sent[0])); err == nil && m.Type == want {
			return
		}
	}
	t.Errorf("%s: %q, want one %s", what, sent, want)
}

func expectNone(t testing.TB, what string, sent []string) {
	t.Helper()
	if len(sent) != 0 {
		t.Errorf("%s: %q, want nothing", what, sent)
	}
}

func expectOnline(t testing.TB, g *gateway.Gateway, users ...string) {
	t.Helper()
	if got := g.Online(); !slices.Equal(got, users) {
		t.Errorf("online %q, want %q", got, users)
	}
}
