package peer_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/peer"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/internal/clienttest"
	"imcheck/protocol/client"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
)

// world is a reference server in memory, in virtual time, and the clients that
// run against it. The end of the bubble shows that no goroutine is left.
type world struct {
	*testing.T
	network *memory.Network
	config  reference.Config
	server  *reference.Server
}

// inWorld runs a test for one transport and mode, with a server that has faults.
func inWorld(t *testing.T, kind wire.Transport, mode timing.SenseMode, faulty []string, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		found, err := faults.Find(faulty)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, network: memory.New()}
		w.config = reference.Config{Network: w.network, Modes: timing.DefaultModes(), Limits: server.DefaultLimits, Faults: found}
		w.config.Modes[kind] = mode
		w.config.Addresses[kind] = "127.0.0.1:7000"
		w.start()
		test(w)
		w.server.Close()
	})
}

func (w *world) start() {
	w.Helper()
	var err error
	if w.server, err = reference.Start(w.config); err != nil {
		w.Fatal(err)
	}
}

// runner is a client that runs, and what has been seen of it.
type runner struct {
	*peer.Loop
	world *world
	begin time.Time
	stop  context.CancelFunc
	ended chan struct{}

	mu    sync.Mutex
	seen  []string // effects, dials and what was sent
	conns []transport.Conn
}

// run starts a client whose connections go over a path; nil is a good one.
func (w *world) run(kind wire.Transport, config client.Config, path *impair.Path) *runner {
	ctx, stop := context.WithCancel(w.Context())
	r := &runner{world: w, begin: time.Now(), stop: stop, ended: make(chan struct{})}
	config.Transport, config.Mode = kind, w.config.Modes[kind]
	dial := func(ctx context.Context) (transport.Conn, error) {
		r.note(time.Now(), "dial")
		conn, err := transport.Dial(ctx, path.Network(w.network, kind), kind, w.config.Addresses[kind], transport.Options{})
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.conns = append(r.conns, conn)
		return &tapped{conn, r}, nil
	}
	r.Loop = peer.NewLoop(client.New(config), dial, func(at time.Time, e client.Effect) { r.note(at, clienttest.Effect(e)) })
	go func() {
		r.Run(ctx)
		close(r.ended)
	}()
	return r
}

// online runs a client u without any impairment until it is logged in.
func (w *world) online(kind wire.Transport) *runner {
	w.Helper()
	r := w.run(kind, client.Config{User: "u", Token: "t"}, nil)
	synctest.Wait()
	r.take()
	if !slices.Equal(w.server.Online(), []string{"u"}) {
		w.Fatalf("online %q, want u", w.server.Online())
	}
	return r
}

// tapped notes what is sent.
type tapped struct {
	transport.Conn
	runner *runner
}

func (c *tapped) Send(body []byte) error {
	m, _ := wire.Decode(body)
	c.runner.note(time.Now(), clienttest.Sends(m))
	return c.Conn.Send(body)
}

func (r *runner) note(when time.Time, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, clienttest.At(when.Sub(r.begin), what))
}

// take returns what was seen since the last call.
func (r *runner) take() []string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	return seen
}

// until lets virtual time pass up to a moment after the start of the client.
func (r *runner) until(after time.Duration) []string {
	time.Sleep(time.Until(r.begin.Add(after)))
	return r.take()
}

// finish ends the client from outside.
func (r *runner) finish() {
	r.stop()
	<-r.ended
}

// conn is the client's latest connection.
func (r *runner) conn() transport.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conns[len(r.conns)-1]
}

func (w *world) expect(what string, got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("%s:\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// now is the first login time that the server gives at the start of a bubble.
func (r *runner) firstLoginTime() int64 { return r.begin.UnixMilli() }

// count returns how often something was seen, at any time.
func count(seen []string, what string) (n int) {
	for _, s := range seen {
		if strings.HasSuffix(s, ": "+what) {
			n++
		}
	}
	return n
}
