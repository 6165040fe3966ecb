package server

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// fakeLink is a fake target's end of a connection, or of a datagram's sender.
type fakeLink struct {
	sendBody func([]byte) error
	end      func() // closes a stream
}

func (l fakeLink) send(m wire.Message) { _ = l.sendBody(m.Append(nil)) }

// after sends a message later.
func (l fakeLink) after(d time.Duration, m wire.Message) {
	time.AfterFunc(d, func() { l.send(m) })
}

// fakeHandler is called for each message that comes to a fake target, one at a
// time.
type fakeHandler func(m wire.Message, l fakeLink)

// oblige answers logins, keep-alives and echoes as any server does.
func oblige(m wire.Message, l fakeLink) {
	switch m.Type {
	case wire.TypeLogin:
		info, _ := wire.ParseLoginInfo(m.DataContent.Value()) // the suite wrote it
		l.send(wire.NewLoginResponse(info.UserID.Value(), wire.CodeOK, 1))
	case wire.TypeKeepAlive:
		l.send(wire.NewKeepAliveResponse(m.From.Value()))
	case wire.TypeEcho:
		l.send(wire.NewEchoResponse(m))
	}
}

// fakeTest runs cases against a fake target.
type fakeTest struct {
	kind   wire.Transport
	handle fakeHandler // instead of oblige; nil for that
	impair []string    // specs of the path
	cases  int         // number that run at the same time; 0 for one
	events *fakeEvents // nil for a target without a control API
}

// fakeEvents is a stream of events that reports logins.
type fakeEvents struct {
	at    []time.Duration // time at which each is reported, from the start of the case
	ends  time.Duration   // end of the stream; 0 for never
	begun chan struct{}   // closed by the case
	user  string          // that logs in, known when the case has begun
}

// ServeHTTP writes the stream.
func (f *fakeEvents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).Flush()
	select {
	case <-f.begun:
	case <-r.Context().Done():
	}
	started := time.Now()
	for _, at := range f.at {
		machine.Sleep(r.Context(), time.Until(started.Add(at)))
		fmt.Fprintf(w, `{"event":%q,"user":%q}`+"\n", controlapi.EventLogin, f.user)
		_ = http.NewResponseController(w).Flush()
	}
	if f.ends > 0 {
		machine.Sleep(r.Context(), time.Until(started.Add(f.ends)))
	} else {
		<-r.Context().Done()
	}
}

// run runs the same case so often as the test says, in virtual time.
func (f fakeTest) run(t *testing.T, run func(s *Scene)) (results []reports.Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		policy, _, err := impair.Parse(f.impair)
		if err != nil {
			t.Fatal(err)
		}
		network := memory.New()
		under := &target.Target{
			Network: network, Path: impair.New(policy), Tolerance: 100 * time.Millisecond,
			Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S},
		}
		under.Addresses[f.kind] = f.listen(t, network)
		if f.events != nil {
			under.Control, under.Info.Capabilities = f.events.listen(t, network), controlapi.Capabilities{controlapi.CapabilityEvents}
		}
		items := make([]suite.Item, max(1, f.cases))
		for i := range items {
			items[i] = itemOf("case", func(s *Scene) {
				if f.events != nil {
					f.events.user = s.User("u")
					close(f.events.begun)
				}
				run(s)
			})
			items[i].Transport = f.kind
		}
		finished, err := Run(t.Context(), under, items, suite.Options{})
		if err != nil {
			t.Error(err)
		}
		for _, done := range finished {
			results = append(results, done.Result)
		}
	})
	return results
}

// listen serves the control API until the end of the test.
func (f *fakeEvents) listen(t *testing.T, network *memory.Network) (address string) {
	t.Helper()
	f.begun = make(chan struct{})
	l, err := network.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	api := &http.Server{Handler: f}
	go func() { _ = api.Serve(l) }()
	t.Cleanup(func() { _ = api.Close() })
	return l.Addr().String()
}

// listen serves the fake target until the end of the test.
func (f fakeTest) listen(t *testing.T, network *memory.Network) (address string) {
	t.Helper()
	var mu sync.Mutex
	handle := func(body []byte, l fakeLink) {
		m, err := wire.Decode(body)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if f.handle != nil {
			f.handle(m, l)
		} else {
			oblige(m, l)
		}
	}
	if f.kind == wire.UDP {
		return fakeDatagrams(t, network, handle)
	}
	return fakeStreams(t, network, handle)
}

func fakeDatagrams(t *testing.T, network *memory.Network, handle func([]byte, fakeLink)) (address string) {
	t.Helper()
	socket, err := network.ListenPacket("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, from, err := socket.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			handle(buffer[:n], fakeLink{sendBody: func(b []byte) error { _, err := socket.WriteToUDPAddrPort(b, from); return err }, end: func() {}})
		}
	}()
	return socket.LocalAddr().String()
}

func fakeStreams(t *testing.T, network *memory.Network, handle func([]byte, fakeLink)) (address string) {
	t.Helper()
	listener, err := network.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			go fakeStream(c, handle)
		}
	}()
	return listener.Addr().String()
}

// fakeStream reads the frames of one stream (§2 TCP).
func fakeStream(c net.Conn, handle func([]byte, fakeLink)) {
	defer c.Close()
	for {
		var length [4]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		handle(body, fakeLink{
			sendBody: func(b []byte) error { _, err := c.Write(wire.AppendFrame(nil, b)); return err },
			end:      func() { _ = c.Close() },
		})
	}
}

// itemOf is a case for a test that needs no target.
func itemOf(name string, run func(*Scene)) suite.Item {
	c := suite.Case{ID: "area/" + name, Requirement: "It works.", Covers: []string{"json-object"}, Level: reports.Must, Run: Func(run)}
	return suite.Item{Case: c, Transport: wire.TCP}
}
