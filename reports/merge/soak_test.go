package merge

import (
	"testing"
	"time"

	"imcheck/reports"
)

// Samples of shards that are longer than a second are lined up by their length, though those
// of one end a little later; and what they add up to has trends.
func TestShardsOfASoak(t *testing.T) {
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	shard := func(index int, late int64) shardRun {
		l := &reports.Load{
			Header: reports.Header{Started: started, DurationMs: 48 * 3_600_000}, Shard: reports.Shard{Index: index, Of: 2, WarmupMs: 1000}, RampMs: 1000,
			SteadyMs: 47 * 3_600_000, SampleMs: 5000, Messages: []reports.Ledger{{Kind: reports.MessagesC2S, Sent: 1}},
		}
		for i := range int64(47 * 720) {
			l.Timeline = append(l.Timeline, reports.Sample{AtMs: 5000*(i+1) + late, Online: 10, Sent: 100_000, Lost: i / 10})
		}
		return shardRun{load: l}
	}
	m := &Merged{shards: []shardRun{shard(1, 3), shard(2, 900)}}
	m.clock = startOf(m.shards)
	m.Load = &reports.Load{SampleMs: 5000, SteadyMs: 47 * 3_600_000, Messages: m.shards[0].load.Messages}
	if err := m.addTimelines(); err != nil {
		t.Fatal(err)
	}
	m.addTrends()
	for i, s := range m.Load.Timeline {
		if s.AtMs != 5000*int64(i+1) || s.Online != 20 || s.Sent != 200_000 || s.Lost != 2*(int64(i)/10) {
			t.Fatalf("sample %d of %d: %+v", i, len(m.Load.Timeline), s)
		}
	}
	if len(m.Load.Timeline) != 47*720 || len(m.Load.Trends) != 1 || m.Load.Trends[0].Course != reports.TrendRising {
		t.Errorf("%d samples, %+v", len(m.Load.Timeline), m.Load.Trends)
	}
}
