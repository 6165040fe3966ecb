package swarm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"math"
	"net/netip"
	"os"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/internal/certificate"
	"imcheck/internal/childprocess"
	"imcheck/loadgen/options"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// fleet is a swarm of another process that keeps its heartbeat.
type fleet struct {
	Addresses [len(wire.Transports)]string
	On        wire.Transport
	Clients   int
	Sources   []netip.Addr
	Mode      timing.SenseMode
	Ramp      time.Duration
	Duration  time.Duration
	Server    certificate.Own // its certificate; TLS is used if there is one
	Portable  bool
}

// config is a load that is idle but for its heartbeat.
func (f fleet) config() (Config, error) {
	secure, err := f.Server.Client()
	return Config{
		Target:     &target.Target{Network: transport.OS{}, Addresses: f.Addresses, Modes: everywhere(f.Mode), TLS: [len(wire.Transports)]*tls.Config{wire.TCP: secure, wire.WS: secure}},
		Transports: []wire.Transport{f.On}, Sources: f.Sources,
		Options:  options.Options{Clients: f.Clients, Ramp: f.Ramp, Duration: f.Duration, Scenario: ScenarioIdle},
		portable: f.Portable,
	}, err
}

func runFleet() error {
	var f fleet
	if err := json.NewDecoder(os.Stdin).Decode(&f); err != nil {
		return err
	}
	c, err := f.config()
	if err != nil {
		return err
	}
	report, err := Run(context.Background(), c)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

// everywhere is a mode on every transport.
func everywhere(mode timing.SenseMode) timing.Modes { return timing.Modes{mode, mode, mode} }

// referenceServer is a reference server of another process.
type referenceServer struct {
	Mode     timing.SenseMode
	Server   certificate.Own // its certificate; TLS is used if there is one
	Sessions int             // on UDP, if more than the server has by default
}

func serveReference() error {
	var r referenceServer
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		return err
	}
	secure, err := r.Server.Server()
	if err != nil {
		return err
	}
	limits := server.DefaultLimits
	limits.PacketSessions = math.MaxInt32 // what a session takes is what is measured
	s, err := reference.Start(reference.Config{
		Network: transport.OS{}, Addresses: reference.Loopback(), Modes: everywhere(r.Mode), Limits: limits, TLS: secure,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	var addresses [len(wire.Transports)]string
	for _, t := range wire.Transports {
		addresses[t] = s.Address(t)
	}
	return childprocess.Serve(addresses)
}

// BenchmarkFleet reports what one more client costs in resident memory, as the
// slope between a small and a large fleet, what the process needs anyway, and
// how late one heartbeat in a hundred of the large fleet went out.
func BenchmarkFleet(b *testing.B) {
	const small, large = 1_000, 10_000
	for _, v := range waysToConnect(100) {
		b.Run(v.name, func(b *testing.B) {
			for b.Loop() {
				// 3 s is the shortest heartbeat, so that it is most often due.
				f := fleet{On: v.on, Sources: v.sources, Mode: timing.Mode3S, Ramp: 3 * time.Second, Duration: 3 * time.Second}
				reportSlope(b, f, small, large, "")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reportSlope measures a small and a large fleet and returns bytes a client. The names of
// its metrics begin with a prefix.
func reportSlope(b *testing.B, f fleet, small, large int, prefix string) (slope float64) {
	b.Helper()
	few, many := measureFleet(b, f, small), measureFleet(b, f, large)
	slope = float64(many.ResidentBytes-few.ResidentBytes) / float64(large-small)
	b.ReportMetric(slope, prefix+"B/client")
	b.ReportMetric((float64(few.ResidentBytes)-slope*float64(small))/(1<<20), prefix+"MiB-fixed")
	b.ReportMetric(float64(many.LatenessP99Us), prefix+"late-p99-us")
	b.ReportMetric(many.CPUSeconds*1e6/float64(large), prefix+"cpu-us/client")
	return slope
}

func measureFleet(b *testing.B, f fleet, clients int) reports.Generator {
	b.Helper()
	f.Clients = clients
	startProcess(b, "reference server", referenceServer{Mode: f.Mode, Server: f.Server}, &f.Addresses)
	var report reports.Load
	startProcess(b, "fleet", f, &report)
	if report.Sessions.AtEnd != int64(clients) {
		b.Fatalf("%d of %d clients are there at the end: %s", report.Sessions.AtEnd, clients, report.Reason)
	}
	return report.Generator
}
