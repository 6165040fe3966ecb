package swarm

import (
	"crypto/tls"
	"testing"
	"time"

	"imcheck/harness/transport/eventloop"
	"imcheck/internal/certificate"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// BenchmarkSecureFleet reports what a client with TLS costs in resident memory on top of
// one without, with event loops and with a goroutine a connection, and how late one
// heartbeat in a hundred of the large fleet went out.
func BenchmarkSecureFleet(b *testing.B) {
	const small, large = 1_000, 10_000
	own, err := certificate.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, v := range []struct {
		name     string
		on       wire.Transport
		portable bool
	}{{"tcp", wire.TCP, false}, {"ws", wire.WS, false}, {"ws-portable", wire.WS, true}} {
		b.Run(v.name, func(b *testing.B) {
			// Handshakes are what takes time: 500 a second.
			plain := fleet{On: v.on, Mode: timing.Mode3S, Ramp: large / 500 * time.Second, Duration: 6 * time.Second, Portable: v.portable}
			secure := plain
			secure.Server = own
			for b.Loop() {
				without := reportSlope(b, plain, small, large, "plain-")
				b.ReportMetric(reportSlope(b, secure, small, large, "")-without, "B-on-top/client")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkSecureEcho is BenchmarkEcho over TLS on both sides.
func BenchmarkSecureEcho(b *testing.B) {
	own, err := certificate.New()
	if err != nil {
		b.Fatal(err)
	}
	client, err := own.Client()
	if err != nil {
		b.Fatal(err)
	}
	var addresses [len(wire.Transports)]string
	startProcess(b, "echo server", echoServer{Own: own}, &addresses)
	for _, v := range append(waysToConnect(10)[:2], withoutRing...) {
		b.Run(v.name, func(b *testing.B) {
			c := eventloop.Config{
				Addresses: addresses, MaxDatagram: 2 * wire.MaxDatagram, WithoutRing: v.withoutRing,
				TLS: [len(wire.Transports)]*tls.Config{wire.TCP: client, wire.WS: client},
			}
			compareEchoes(b, newYardstick(b, v.on, addresses[v.on], client), newEchoLoops(b, v.on, c))
		})
	}
}
