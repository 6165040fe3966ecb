package swarm

import (
	"flag"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

var soakDays = flag.Int("soak-days", 0, "for how many days of virtual time the longest load runs; an hour by default")

// A load of days, with logouts and logins, takes no more memory at its end than it does when
// it has run for an eighth of that, its timeline aside, which is bounded by itself. The server in
// memory is in the same heap.
func TestSoakKeepsItsMemory(t *testing.T) {
	length := time.Hour
	if *soakDays > 0 {
		length = time.Duration(*soakDays) * 24 * time.Hour
	}
	var heaps []uint64
	samples := 0
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		modes, err := timing.ParseModes("120S", []wire.Transport{wire.TCP})
		if err != nil {
			t.Fatal(err)
		}
		s, err := reference.Start(reference.Config{Network: network, Addresses: [3]string{wire.TCP: "127.0.0.1:0"}, Modes: modes, Limits: server.DefaultLimits})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		described := &target.Target{Network: network, Modes: modes}
		described.Addresses[wire.TCP] = s.Address(wire.TCP)
		c := load()
		c.Target, c.Transports, c.Scenario, c.Clients, c.Ramp = described, []wire.Transport{wire.TCP}, ScenarioChurn, 4, time.Second
		c.Duration, c.Rate, c.Away, c.CheckpointEvery = length, 0.01, 2*time.Second, length/8
		c.Checkpoint = func(l *reports.Load) {
			samples = len(l.Timeline)
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heaps = append(heaps, m.HeapAlloc)
		}
		if l, err := Run(t.Context(), c); err != nil || l.Outcome != reports.OutcomePass {
			t.Errorf("%v: %s: %s", err, l.Outcome, l.Reason)
		}
	})
	if len(heaps) < 7 {
		t.Fatalf("%d checkpoints", len(heaps))
	}
	first, end := float64(heaps[0])/1e6, float64(heaps[len(heaps)-1])/1e6
	t.Logf("%v: heap of %.2f MB after an eighth, %.2f MB at the end, and %d samples", length, first, end, samples)
	if end > first+2+float64(samples)*bytesOfSample/1e6 {
		t.Errorf("the heap has grown from %.2f MB to %.2f MB: %v", first, end, heaps)
	}
}

// bytesOfSample is what a sample of the timeline takes at most: in the timeline, which grows
// by a quarter at a time, and in the report of a checkpoint.
const bytesOfSample = 300
