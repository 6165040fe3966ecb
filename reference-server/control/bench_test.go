package control_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/control"
	"imcheck/reference-server/reference"
)

const anyPort = "127.0.0.1:0"

// fakeServer has one user online, and records the calls that it gets.
type fakeServer struct {
	pushed []wire.Message
	kicked []wire.Kickout
}

const onlineUser = "u"

func (*fakeServer) Info() controlapi.Info {
	return controlapi.Info{
		Name: "fake", Version: "1", Capabilities: controlapi.Capabilities{controlapi.CapabilityS2C},
		Listen: map[string]string{"udp": "127.0.0.1:7901"}, SenseMode: map[string]string{"udp": "3S"},
	}
}

func (f *fakeServer) Push(m wire.Message) bool {
	f.pushed = append(f.pushed, m)
	return m.To.Is(onlineUser)
}

func (f *fakeServer) Kick(user string, kick wire.Kickout) bool {
	f.kicked = append(f.kicked, kick)
	return user == onlineUser
}

func (*fakeServer) Online() []string { return []string{onlineUser} }

// bench serves the API of a fake server in memory.
type bench struct {
	*testing.T
	fake    *fakeServer
	log     *control.Log
	done    chan struct{}
	control *target.Control
	http    *http.Client
	network transport.Network
	address string
}

// inBubble runs a test with an API, in virtual time; the end of the bubble
// shows that no goroutine is left.
func inBubble(t *testing.T, test func(b *bench)) {
	t.Helper()
	inBubbleAs(t, "127.0.0.1", test)
}

// inBubbleAs does so with an API that listens on a host.
func inBubbleAs(t *testing.T, host string, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		l, err := n.ListenStream(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{T: t, fake: &fakeServer{}, log: control.NewLog(), done: make(chan struct{}), network: n, address: l.Addr().String()}
		api := control.NewServer(b.fake, b.log, host, b.done, nil)
		go api.Serve(control.Limit(l))
		b.control = target.NewControl(n, b.address)
		b.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return n.DialStream(ctx, address)
		}}}
		defer time.Sleep(time.Second) // net/http keeps a connection that it refused for half of that
		defer api.Close()
		defer b.control.Close()
		defer b.http.CloseIdleConnections()
		test(b)
	})
}

// call makes any request, and returns its status, content type and body.
func (b *bench) call(method, path, body string) (status int, contentType, answer string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, "http://"+b.address+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := b.http.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), strings.TrimSpace(string(text))
}

// startServer starts a reference server in memory.
func startServer(t *testing.T) (*memory.Network, *reference.Server) {
	t.Helper()
	n := memory.New()
	s, err := reference.Start(reference.Config{
		Network: n, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
		Modes: timing.Modes{timing.Mode120S, timing.Mode120S, timing.Mode120S}, Limits: server.DefaultLimits,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return n, s
}
