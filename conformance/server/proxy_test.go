package server

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// breakingProxy upgrades connections and says nothing on them, until it is broken; then
// it answers every upgrade with 502, and drops those that are open.
type breakingProxy struct {
	broken atomic.Bool
	ends   chan struct{} // closed when it breaks
}

func (p *breakingProxy) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go p.answer(conn)
	}
}

func (p *breakingProxy) answer(conn net.Conn) {
	defer conn.Close()
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	if p.broken.Load() {
		_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+websocket.AcceptKey(request.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	<-p.ends
}

// A proxy that does not reach the server any more is not a failure of the server: the run
// ends, also when all cases have failed before that is sure.
func TestProxyThatBreaks(t *testing.T) {
	for _, test := range []struct {
		name  string
		cases map[string]func(*Scene)
		want  map[string]reports.Verdict
	}{
		{"half-way", map[string]func(*Scene){
			"waiting": func(s *Scene) { s.Wait(time.Minute) },
			"failed":  func(s *Scene) { s.Wait(9 * time.Second); suite.Fail("this", "that") },
			"dropped": func(s *Scene) {
				p := s.Connect("p")
				p.find(time.Now().Add(time.Minute), func(*arrival) bool { return false })
				suite.Fail("an answer", "the end")
			},
			"refused": func(s *Scene) { s.Wait(10100 * time.Millisecond); s.Connect("p") },
		}, map[string]reports.Verdict{"waiting": reports.Error, "failed": reports.Fail, "dropped": reports.Error, "refused": reports.Error}},
		{"at the end", map[string]func(*Scene){
			"refused": func(s *Scene) { s.Wait(10100 * time.Millisecond); s.Connect("p") },
			"dropped": func(s *Scene) { s.Wait(10050 * time.Millisecond); suite.Fail("an answer", "the end") },
		}, map[string]reports.Verdict{"refused": reports.Error, "dropped": reports.Error}},
	} {
		synctest.Test(t, func(t *testing.T) {
			network := memory.New()
			l, err := network.ListenStream("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			proxy := &breakingProxy{ends: make(chan struct{})}
			go proxy.serve(l)
			under := &target.Target{Network: network, Tolerance: 100 * time.Millisecond, Modes: timing.DefaultModes()}
			under.Addresses[wire.WS] = l.Addr().String()
			time.AfterFunc(10*time.Second, func() { proxy.broken.Store(true); close(proxy.ends) })
			var items []suite.Item
			for name, run := range test.cases {
				item := itemOf(name, func(s *Scene) { run(s) })
				item.Transport = wire.WS
				items = append(items, item)
			}
			started := time.Now()
			finished, err := Run(t.Context(), under, items, suite.Options{})
			var lost *suite.TargetLostError
			if !errors.As(err, &lost) || !strings.Contains(err.Error(), `"502 Bad Gateway"`) {
				t.Errorf("%s: %v", test.name, err)
			}
			if took := time.Since(started); took < 11*time.Second || took > 13*time.Second {
				t.Errorf("%s: it ended after %v", test.name, took)
			}
			for _, f := range finished {
				if want := test.want[strings.TrimPrefix(f.Item.ID, "area/")]; want != "" && f.Result.Verdict != want {
					t.Errorf("%s: %s: %s instead of %s, %q", test.name, f.Item.ID, f.Result.Verdict, want, f.Result.Reason)
				}
			}
			_ = l.Close()
		})
	}
}
