package servercases_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	brokermemory "imcheck/harness/broker/memory"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// A server that keeps nothing of the protocol passes no MUST case and no SHOULD
// case, however it answers: silence, a closed connection and an answer to
// something else do not pass. The run ends all the same.
func TestHollowServerPassesNothing(t *testing.T) {
	skipUnderRace(t)
	others := slices.DeleteFunc(servercases.All(), needsBridge)
	for _, hollow := range hollowServers() {
		t.Run(hollow.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { expectNothingPasses(t, hollow, hollowTarget(t, hollow), others) })
			synctest.Test(t, func(t *testing.T) {
				under := hollowTarget(t, hollow)
				under.Bridge, under.Info.Capabilities = brokermemory.New(), under.Info.Capabilities.With(controlapi.CapabilityBridge)
				expectNothingPasses(t, hollow, under, area("bridge"))
			})
		})
	}
}

// hollowTarget serves a hollow server on every transport until the end of the test.
func hollowTarget(t *testing.T, hollow hollowServer) *target.Target {
	t.Helper()
	network := memory.New()
	under := &target.Target{Network: network, Modes: all3S, Tolerance: virtualTolerance}
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		under.Addresses[kind] = acceptAll(t, network, func(c net.Conn) { hollow.serve(kind, c) })
	}
	under.Addresses[wire.UDP] = answerDatagrams(t, network, hollow.datagram)
	under.Control = hollowControl(t, network)
	under.Info.Capabilities = hollowCapabilities
	return under
}

// expectNothingPasses runs cases against a hollow server.
func expectNothingPasses(t *testing.T, hollow hollowServer, under *target.Target, catalogue []suite.Case) {
	items, _, err := suite.Selection{Long: true}.Select(catalogue, under.Transports())
	if err != nil {
		t.Fatal(err)
	}
	// One probe only: the target must not be given up before the cases are done.
	options := suite.Options{Timeouts: suite.DefaultTimeouts}
	options.Timeouts.Probe = time.Hour
	finished, err := server.Run(t.Context(), under, items, options)
	if err != nil {
		t.Error(err)
	}
	missed := map[reports.Level]reports.Verdict{reports.Must: reports.Fail, reports.Should: reports.Warn}
	failed := 0
	for _, f := range finished {
		switch verdict := f.Result.Verdict; {
		case f.Item.Level == reports.Info: // nothing is required
		case verdict == reports.NotSupported && slices.Contains(f.Item.Needs, string(controlapi.CapabilityStamp)):
		case verdict == missed[f.Item.Level]:
			failed++
		case verdict == reports.Error && f.Item.Transport == wire.WS && !hollow.upgrades: // there is no connection to judge
		default:
			t.Errorf("a server that keeps nothing: %s", suite.Explain(f.Result))
		}
	}
	if failed == 0 {
		t.Error("no case failed")
	}
}

// hollowCapabilities are all that a case may need but the stamp, which changes what
// messages are compared.
var hollowCapabilities = controlapi.Capabilities{
	controlapi.CapabilityS2C, controlapi.CapabilityKick, controlapi.CapabilityOnline, controlapi.CapabilityEvents,
	controlapi.CapabilityVerdicts, controlapi.CapabilityOfflineStore, controlapi.CapabilityVeto,
}

// hollowControl serves a control API until the end of the test that says yes to
// everything, does nothing, and never reports an event.
func hollowControl(t *testing.T, network transport.Network) (address string) {
	t.Helper()
	l, err := network.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	api := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/events" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})}
	go func() { _ = api.Serve(l) }()
	t.Cleanup(func() { _ = api.Close() })
	return l.Addr().String()
}

// acceptAll listens, and has each connection served until the end of the test.
func acceptAll(t *testing.T, network transport.Network, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := network.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// answerDatagrams answers each datagram until the end of the test; answer may be
// nil, or return nil, for silence.
func answerDatagrams(t *testing.T, network transport.Network, answer func(request []byte) []byte) (address string) {
	t.Helper()
	socket, err := network.ListenPacket("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, from, err := socket.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			if answer == nil {
				continue
			}
			if body := answer(bytes.Clone(buffer[:n])); body != nil {
				_, _ = socket.WriteToUDPAddrPort(body, from) // who is gone needs no answer
			}
		}
	}()
	t.Cleanup(func() { _ = socket.Close() })
	return socket.LocalAddr().String()
}
