package merge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// spurious gives the messages between clients of a shard copies that came so long after
// their ACKs.
func (s *shardFixture) spurious(t *testing.T, delays ...time.Duration) {
	t.Helper()
	h := reports.NewCoarseHistogram()
	for _, d := range delays {
		reports.Record(h, d)
	}
	m := &s.load.Messages[1]
	m.Duplicated, m.Spurious, m.SpuriousUDP, m.CalledLost = int64(len(delays)), int64(len(delays)), 1, 2
	var err error
	if m.SpuriousDelay, err = reports.NewSpread(h); err != nil {
		t.Fatal(err)
	}
}

// Spurious copies add up, with how long after their ACKs they came; a counter that a shard
// lacks the whole lacks too.
func TestMergeAddsSpuriousCopies(t *testing.T) {
	shards := newShards(t, 3)
	for _, s := range shards {
		s.load.Counters = []string{reports.CounterSpurious, reports.CounterCalledLost}
	}
	shards[0].spurious(t, 2*time.Second, 3*time.Second)
	shards[1].load.Counters = []string{reports.CounterSpurious}
	shards[2].spurious(t, 7*time.Second)
	m, err := Loads(saveAll(t, shards), false)
	if err != nil {
		t.Fatal(err)
	}
	got := m.Load.Messages[1]
	if got.Spurious != 3 || got.SpuriousUDP != 2 || got.CalledLost != 4 || !slices.Equal(m.Load.Counters, shards[1].load.Counters) {
		t.Errorf("got %+v, counters %q", got, m.Load.Counters)
	}
	for at, want := range map[int64]int64{got.SpuriousDelay.P50Us: 3_000_000, got.SpuriousDelay.MaxUs: 7_000_000} {
		if at < want || at > want+want/50 {
			t.Errorf("a copy came after %d µs, want %d", at, want)
		}
	}
	if other := m.Load.Messages[0].SpuriousDelay; other != (reports.Spread{}) {
		t.Errorf("messages to the server came again: %+v", other)
	}
}

// Without the distribution of a shard there is none of the whole.
func TestMergeRefusesSpuriousCopiesWithoutHistogram(t *testing.T) {
	shards := newShards(t, 2)
	shards[0].spurious(t, 2*time.Second)
	shards[0].load.Messages[1].SpuriousDelay.Histogram = ""
	if _, err := Loads(saveAll(t, shards), false); err == nil || !strings.Contains(err.Error(), "no histogram was kept for the spurious copies of c2c messages") {
		t.Errorf("the error is %v", err)
	}
	shards[0].load.Messages[1].SpuriousDelay.Histogram = "no histogram"
	if _, err := Loads(saveAll(t, shards), false); err == nil || !strings.Contains(err.Error(), "spurious copies of c2c messages") {
		t.Errorf("the error is %v", err)
	}
}
