package merge

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// stagedShard returns a shard of a run with one stage.
func stagedShard(s reports.Stage) shardRun {
	return shardRun{load: &reports.Load{Shard: reports.Shard{Index: 1, Of: 2}, Stages: []reports.Stage{s}}}
}

// The stages of the shards are added up; percentiles are read from all of their values.
func TestStagesAreAddedUp(t *testing.T) {
	asked := reports.Stage{FromMs: 1000, ToMs: 3000, RatePerSecond: 20, FromRate: 10, Clients: 8, FromClients: 6}
	first, second := asked, asked
	first.RanMs, first.DroppedArrivals, first.SessionsLost, first.Errors = 1500, 1, 2, 3
	first.Messages = []reports.StageMessages{{Kind: "c2c", Sent: 5, Acknowledged: 5, Delivered: 7, Missing: -2, Retransmits: 1}}
	first.Latencies = []reports.Latency{latencyOf(t, time.Millisecond)}
	second.RanMs, second.OfflineArrivals, second.BlockedArrivals, second.Errors = 2000, 4, 8, 12
	second.Messages = []reports.StageMessages{{Kind: "c2c", Sent: 6, Acknowledged: 5, Delivered: 3, Missing: 3, Lost: 1, Duplicated: 2}}
	second.Latencies = []reports.Latency{latencyOf(t, 3*time.Millisecond, 5*time.Millisecond)}
	second.LatenessHistogram = latencyOf(t, 9*time.Millisecond).Histogram
	got, err := addStages([]shardRun{stagedShard(first), stagedShard(second)})
	if err != nil {
		t.Fatal(err)
	}
	whole := asked
	whole.RanMs, whole.DroppedArrivals, whole.OfflineArrivals, whole.BlockedArrivals, whole.SessionsLost, whole.Errors = 2000, 1, 4, 8, 2, 15
	whole.Messages = []reports.StageMessages{{Kind: "c2c", Sent: 11, Acknowledged: 10, Delivered: 10, Missing: 1, Retransmits: 1, Lost: 1, Duplicated: 2}}
	whole.Latencies = []reports.Latency{latencyOf(t, time.Millisecond, 3*time.Millisecond, 5*time.Millisecond)}
	lateness := latencyOf(t, 9*time.Millisecond)
	whole.LatenessHistogram, whole.LatenessP99Us = lateness.Histogram, lateness.P99Us
	if want := []reports.Stage{whole}; !reflect.DeepEqual(got, want) {
		t.Errorf("the sum is %+v, want %+v", got, want)
	}
}

func TestStagesOfAnotherRunAreRefused(t *testing.T) {
	with, without := stagedShard(reports.Stage{}), shardRun{load: &reports.Load{}}
	if _, err := addStages([]shardRun{with, without}); err == nil || !strings.Contains(err.Error(), "it has 0 stages, and shard 1 has 1") {
		t.Errorf("got %v", err)
	}
}
