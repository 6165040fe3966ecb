package cases_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance"
	"imcheck/conformance/cases"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/harness/wire"
	"imcheck/reports"
)

// TestHollowServerPassesNothing: neither silence nor a closed connection is a
// pass.
func TestHollowServerPassesNothing(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"silent": func(net.Conn) {},
		"closes": func(c net.Conn) { _ = c.Close() },
		"closes after a request": func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1))
			_ = c.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { runHollow(t, serve) })
		})
	}
}

// runHollow runs all cases against streams that are served by serve and a
// datagram socket that never answers.
func runHollow(t *testing.T, serve func(net.Conn)) {
	network := memory.New()
	under := &target.Target{Network: network, Modes: all3S, Tolerance: virtualTolerance}
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		under.Addresses[kind] = acceptOnly(t, network, serve)
	}
	packets, err := network.ListenPacket("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	under.Addresses[wire.UDP] = packets.LocalAddr().String()

	items, _, err := conformance.Selection{Long: true}.Select(cases.All(), under.Transports())
	if err != nil {
		t.Fatal(err)
	}
	// One probe only: the target must not be given up before the cases are done.
	options := conformance.Options{Timeouts: conformance.DefaultTimeouts}
	options.Timeouts.Probe = time.Hour
	finished, err := conformance.Run(t.Context(), under, items, options)
	if err != nil {
		t.Error(err)
	}
	missed := map[conformance.Level]reports.Verdict{conformance.Must: reports.Fail, conformance.Should: reports.Warn}
	for _, f := range finished {
		switch verdict := f.Result.Verdict; {
		case f.Item.Level == conformance.Info: // nothing is required
		case verdict == reports.NotSupported || verdict == missed[f.Item.Level]:
		case verdict == reports.Error && f.Item.Transport == wire.WS: // the handshake may be what fails
		default:
			t.Errorf("a server that does nothing: %s", conformance.Explain(f.Result))
		}
	}
}

// acceptOnly listens, and has each connection served.
func acceptOnly(t *testing.T, network *memory.Network, serve func(net.Conn)) (address string) {
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
