package swarm

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
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
}

// config is a load that is idle but for its heartbeat.
func (f fleet) config() Config {
	return Config{
		Target:     &target.Target{Network: transport.OS{}, Addresses: f.Addresses, Modes: everywhere(f.Mode)},
		Transports: []wire.Transport{f.On}, Sources: f.Sources,
		Options: options.Options{Clients: f.Clients, Ramp: f.Ramp, Duration: f.Duration, Scenario: ScenarioIdle},
	}
}

func runFleet() error {
	var f fleet
	if err := json.NewDecoder(os.Stdin).Decode(&f); err != nil {
		return err
	}
	report, err := Run(context.Background(), f.config())
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

// everywhere is a mode on every transport.
func everywhere(mode timing.SenseMode) timing.Modes { return timing.Modes{mode, mode, mode} }

// serveReference serves in the sense mode that it reads.
func serveReference() error {
	var mode timing.SenseMode
	if err := json.NewDecoder(os.Stdin).Decode(&mode); err != nil {
		return err
	}
	s, err := reference.Start(reference.Config{
		Network: transport.OS{}, Addresses: [...]string{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"}, Modes: everywhere(mode), Limits: server.DefaultLimits,
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
				few, many := measureFleet(b, v.on, small, v.sources), measureFleet(b, v.on, large, v.sources)
				slope := float64(many.ResidentBytes-few.ResidentBytes) / (large - small)
				b.ReportMetric(slope, "B/client")
				b.ReportMetric((float64(few.ResidentBytes)-slope*small)/(1<<20), "MiB-fixed")
				b.ReportMetric(float64(many.LatenessP99Us), "late-p99-us")
				b.ReportMetric(many.CPUSeconds*1e6/large, "cpu-us/client")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func measureFleet(b *testing.B, t wire.Transport, clients int, sources []netip.Addr) reports.Generator {
	b.Helper()
	// 3 s is the shortest heartbeat, so that it is most often due.
	f := fleet{On: t, Clients: clients, Sources: sources, Mode: timing.Mode3S, Ramp: 3 * time.Second, Duration: 3 * time.Second}
	startProcess(b, "reference server", f.Mode, &f.Addresses)
	var report reports.Load
	startProcess(b, "fleet", f, &report)
	if report.Sessions.AtEnd != int64(clients) {
		b.Fatalf("%d of %d clients are there at the end: %s", report.Sessions.AtEnd, clients, report.Reason)
	}
	return report.Generator
}
