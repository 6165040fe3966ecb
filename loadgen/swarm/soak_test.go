package swarm

import (
	"flag"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var soakDays = flag.Int("soak-days", 0, "for how many days of virtual time the longest load runs; half of one by default")

// A load of days, with logouts and logins, takes no more memory at its end than it does when
// it has run for an eighth of that, its timeline aside: that is bounded by itself. The server
// in memory is in the same heap.
func TestSoakKeepsItsMemory(t *testing.T) {
	length := 12 * time.Hour
	if *soakDays > 0 {
		length = time.Duration(*soakDays) * 24 * time.Hour
	}
	var heaps []uint64
	var last *reports.Load
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		slow, err := timing.ParseModes("120S", []wire.Transport{wire.TCP})
		if err != nil {
			t.Fatal(err)
		}
		described.Modes[wire.TCP] = slow[wire.TCP]
		c := load()
		c.Target, c.Transports, c.Scenario, c.Clients, c.Ramp = described, []wire.Transport{wire.TCP}, ScenarioChurn, 4, time.Second
		c.Duration, c.Rate, c.Away, c.CheckpointEvery = length, 0.01, 2*time.Second, length/8
		c.Checkpoint = func(l *reports.Load) {
			samples := uint64(len(l.Timeline))
			last = l
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heaps = append(heaps, m.HeapAlloc-min(m.HeapAlloc, samples*bytesOfSample))
		}
		if l, err := Run(t.Context(), c); err != nil || l.Outcome != reports.OutcomePass {
			t.Errorf("%v: %s: %s", err, l.Outcome, l.Reason)
		}
	})
	if len(heaps) < 7 {
		t.Fatalf("%d checkpoints", len(heaps))
	}
	first, end := float64(heaps[0])/1e6, float64(heaps[len(heaps)-1])/1e6
	t.Logf("%v: heap of %.2f MB after an eighth, %.2f MB at the end, and %d samples", length, first, end, len(last.Timeline))
	if end > first+2 {
		t.Errorf("the heap has grown from %.2f MB to %.2f MB: %v", first, end, heaps)
	}
}

// bytesOfSample is what a sample of the timeline takes at most: in the timeline, which grows
// by a quarter at a time, and in the report.
const bytesOfSample = 3 * 112
