package merge

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// Nobody is online when every shard has nobody: by its own outages, and before
// its first client.
func TestMergeFindsOutages(t *testing.T) {
	tests := []struct {
		name   string
		change func(shards []*shardFixture)
		want   []reports.Outage
	}{
		{"none", func([]*shardFixture) {}, nil},
		{"in one shard only", func(s []*shardFixture) { s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 3000}} }, nil},
		{"at the same time", func(s []*shardFixture) {
			s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 1500}, {FromMs: 2000, ToMs: 3000}}
			s[1].load.Sessions.Outages = []reports.Outage{{FromMs: 1200, ToMs: 2500}}
		}, []reports.Outage{{FromMs: 1200, ToMs: 1500}, {FromMs: 2000, ToMs: 2500}}},
		{"one after the other", func(s []*shardFixture) {
			s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 2000}}
			s[1].load.Sessions.Outages = []reports.Outage{{FromMs: 2000, ToMs: 3000}}
		}, nil},
		{"by clocks that differ", func(s []*shardFixture) {
			s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 3000}}
			s[1].load.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 1500}}
			s[1].load.Started = reporttest.LogStart.Add(time.Second)
		}, []reports.Outage{{FromMs: 2000, ToMs: 2500}}},
		{"before the first client of one", func(s []*shardFixture) {
			s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 900, ToMs: 3000}}
			s[1].load.Timeline[0].Online, s[1].load.Timeline[0].LoggedIn = 0, 0
		}, []reports.Outage{{FromMs: 900, ToMs: 1001}}},
		{"a shard that never had anybody", func(s []*shardFixture) {
			s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 2000}}
			s[1].load.Sessions.PeakOnline = 0
		}, []reports.Outage{{FromMs: 1000, ToMs: 2000}}},
		{"up to the end of the first", func(s []*shardFixture) {
			s[0].load.Sessions.Outages = []reports.Outage{{FromMs: 3000, ToMs: 3400}}
			s[1].load.Sessions.Outages = []reports.Outage{{FromMs: 3000, ToMs: 3300}}
			s[1].load.DurationMs = 3200
		}, []reports.Outage{{FromMs: 3000, ToMs: 3200}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits for the disk
			shards := newShards(t, 2)
			test.change(shards)
			dirs := saveAll(t, shards)
			m, err := Loads(dirs, false)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Load.Sessions.Outages; !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if m, err = Loads(dirs[:1], true); err != nil || m.Load.Sessions.Outages != nil {
				t.Errorf("with a shard missing: %v, %v", m.Load.Sessions.Outages, err)
			}
		})
	}
}

// stormShards are shards of a storm in which the clients of each came back so
// many milliseconds after the drop.
func stormShards(t *testing.T, returns ...[]int64) (shards []*shardFixture) {
	t.Helper()
	shards = newShards(t, len(returns))
	for i, s := range shards {
		s.load.Scenario = "storm"
		s.load.Recovery = &reports.Recovery{AtMs: 1000, TookMs: float64(i), Dropped: 4, Returned: int64(len(returns[i])), P50Ms: -1, P99Ms: -1, P100Ms: -1}
		h := reporttest.Histogram()
		for _, ms := range returns[i] {
			if err := h.RecordValue(min(ms*1000, h.HighestTrackableValue())); err != nil {
				t.Fatal(err)
			}
			if len(returns[i]) == 4 {
				s.load.Recovery.P100Ms = max(s.load.Recovery.P100Ms, float64(ms))
			}
		}
		s.relogins = h
	}
	return shards
}

func TestMergeFindsTheRecovery(t *testing.T) {
	tests := []struct {
		name    string
		returns [][]int64
		want    *reports.Recovery // in milliseconds, as far as three digits go
	}{
		{"all came back", [][]int64{{10, 20, 30, 40}, {15, 25, 35, 500}}, &reports.Recovery{AtMs: 1000, TookMs: 1, Dropped: 8, Returned: 8, P50Ms: 25, P99Ms: 500, P100Ms: 500}},
		{"half came back", [][]int64{{10, 20, 30, 40}, {}}, &reports.Recovery{AtMs: 1000, TookMs: 1, Dropped: 8, Returned: 4, P50Ms: 40, P99Ms: -1, P100Ms: -1}},
		{"nobody came back", [][]int64{{}, {}}, &reports.Recovery{AtMs: 1000, TookMs: 1, Dropped: 8, P50Ms: -1, P99Ms: -1, P100Ms: -1}},
		{"too late to be told", [][]int64{{10, 20, 30, 40}, {15, 25, 35, 1 << 40}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits for the disk
			m, err := Loads(saveAll(t, stormShards(t, test.returns...)), false)
			if err != nil {
				t.Fatal(err)
			}
			got := m.Load.Recovery
			if got == nil || test.want == nil {
				if got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
				return
			}
			for _, ms := range []*float64{&got.P50Ms, &got.P99Ms} {
				*ms = float64(int(*ms)) // the end of its bucket
			}
			if *got != *test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestMergeRefusesOtherReturns(t *testing.T) {
	shards := stormShards(t, []int64{10, 20}, []int64{30})
	shards[1].load.Recovery.Returned = 2
	var refused *Error
	if _, err := Loads(saveAll(t, shards), false); !errors.As(err, &refused) || !strings.Contains(refused.Reason, "report 4 clients that came back, and their histograms 3") {
		t.Errorf("got %v, want an *Error", err)
	}
}
