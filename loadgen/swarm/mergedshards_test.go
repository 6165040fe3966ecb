package swarm

import (
	"context"
	"fmt"
	"math"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/loadgen/plan"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/merge"
)

// slowNetwork takes its time to connect, on streams more of it.
type slowNetwork struct{ transport.Network }

func (n slowNetwork) DialStream(ctx context.Context, address string) (net.Conn, error) {
	time.Sleep(300 * time.Millisecond) // virtual
	return n.Network.DialStream(ctx, address)
}

func (n slowNetwork) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	time.Sleep(50 * time.Millisecond) // virtual
	return n.Network.DialPacket(ctx, address)
}

// mergedShards runs the shards of a load in virtual time, saves their reports and
// logs, and merges them. last is what the last shard reports.
func mergedShards(t *testing.T, c Config, of int) (m *merge.Merged, last *reports.Load) {
	t.Helper()
	root := t.TempDir()
	dirs := make([]string, of)
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		described.Network = slowNetwork{described.Network}
		c.Target, c.Start = described, time.Now().Add(10*time.Second)
		var running sync.WaitGroup
		for i := range of {
			running.Go(func() {
				dirs[i] = filepath.Join(root, fmt.Sprint("shard-", i+1))
				logs := reports.NewHistogramLogs(filepath.Join(dirs[i], reports.HistogramFolder))
				c := c
				c.Shard, c.Intervals = plan.Shard{Index: i + 1, Of: of}, logs
				load, err := Run(t.Context(), c)
				if err == nil {
					err = logs.Close()
				}
				if err == nil {
					err = folder.SaveLoad(dirs[i], load)
				}
				if err != nil {
					t.Error(err)
				}
				if i == of-1 {
					last = load
				}
			})
		}
		running.Wait()
	})
	m, err := merge.Loads(dirs, false)
	if err != nil {
		t.Fatal(err)
	}
	return m, last
}

// What thresholds come to in the sum of the shards is what they come to in a run
// of one process, though no shard has as many logins as the whole.
func TestMergedShardsHoldThresholds(t *testing.T) {
	c := load()
	c.Clients, c.Rate, c.Duration = 61, 60, 10*time.Second // the 61st writes to the first, in another shard
	held := parsed(t, "login.count==61", "login.rate>10/s", "c2c_delivery.rate>29/s", "ledger.c2c.missing==0",
		"sessions.online==61", "sends.dropped==0", "login.max<1s", "login.p50>200ms")
	c.Thresholds = held
	m, _ := mergedShards(t, c, 4)
	if err := m.Judge(); err != nil {
		t.Fatal(err)
	}
	expect(t, m.Load, reports.OutcomePass, 0, "none between them")
	if m.Load.Shards[0].Outcome != reports.OutcomeFail {
		t.Error("a shard has all logins by itself: the test shows nothing")
	}
	c.Thresholds = append(held, parsed(t, "c2s_ack.count<=10", "ledger.c2c.delivered<=10")...)
	_, whole := mergedShards(t, c, 1)
	if err := m.Judge(c.Thresholds...); err != nil {
		t.Fatal(err)
	}
	expect(t, m.Load, reports.OutcomeFail, 1, "2 of 10 thresholds were crossed: c2s_ack.count<=10 measured 300")
	for i, want := range whole.Thresholds {
		got := m.Load.Thresholds
		if got[i].Held != want.Held || math.Abs(got[i].Actual-want.Actual) > 1e-6 || got[i].Unknown {
			t.Errorf("the shards give %+v, the whole %+v", got[i], want)
		}
	}
}

// How a storm's clients came back is the same in the sum, to three digits.
func TestMergedShardsOfAStorm(t *testing.T) {
	c := scenarioLoad(ScenarioStorm)
	_, alone := mergedShards(t, c, 1)
	want := alone.Recovery
	m, _ := mergedShards(t, c, 3)
	got := m.Load.Recovery
	if got == nil || want == nil {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	near := func(a, b float64) bool { return a > 0 && math.Abs(a-b) <= b/500 }
	if got.AtMs != want.AtMs || got.Dropped != want.Dropped || got.Returned != want.Returned || !near(got.P50Ms, want.P50Ms) || !near(got.P99Ms, want.P99Ms) || !near(got.P100Ms, want.P100Ms) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
