package cli_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
)

// fragile NAME WHAT: a server in this process, at NAME_UDP, NAME_TCP and NAME_WS, that
// cannot take a negative length on TCP: it dies, tells everybody, or leaks 8 MiB, as
// NAME_METRICS shows.
func startFragile(ts *testscript.TestScript, _ bool, args []string) {
	const anyPort = "127.0.0.1:0"
	var s *reference.Server
	var started sync.WaitGroup
	started.Add(1)
	var leaked atomic.Int64
	harm := map[string]func(){
		"dies":  func() { s.Close() },
		"leaks": func() { leaked.Add(8 << 20) },
		"tells": func() {
			for _, user := range s.Online() {
				s.Push(wire.NewData(wire.ServerID, user, "a negative length came"))
			}
		},
	}[args[1]]
	if harm == nil {
		ts.Fatalf("no server %s", args[1])
	}
	fault := faults.Fault{Name: args[1], TCP: func(c net.Conn) net.Conn {
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			if bytes.Contains(b, []byte{0xff, 0xff, 0xff, 0xff}) {
				started.Wait()
				go harm() // it must not wait for this stream
			}
			return b, nil
		}}
	}}
	var err error
	s, err = reference.Start(reference.Config{
		Network: transport.OS{}, Addresses: [...]string{anyPort, anyPort, anyPort}, Limits: server.DefaultLimits,
		Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Faults: []faults.Fault{fault},
	})
	ts.Check(err)
	started.Done()
	ts.Defer(s.Close)
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s %d\n", target.ResidentMetric, 1<<20+leaked.Load())
	}))
	ts.Defer(metrics.Close)
	ts.Setenv(args[0]+"_METRICS", metrics.URL+"/metrics")
	for suffix, on := range map[string]wire.Transport{"UDP": wire.UDP, "TCP": wire.TCP, "WS": wire.WS} {
		ts.Setenv(args[0]+"_"+suffix, s.Address(on))
	}
}
