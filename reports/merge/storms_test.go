package merge

import (
	"reflect"
	"testing"

	"imcheck/reports"
)

// What abandoned connections, and outages of our own, came to is added up.
func TestMergeAddsStorms(t *testing.T) {
	shards := stormShards(t, []int64{10, 20, 30, 40}, []int64{15, 25, 35, 500})
	for i, s := range shards {
		n := int64(i + 1)
		s.load.Storm = reports.StormSilent
		s.load.Recovery.Silent = &reports.Silent{Zombies: 3 * n, SelfKicks: n, KeptMaxMs: -1, NewMaxMs: float64(40 * n), ZombieMaxMs: 7, ServerFollowed: i == 0, ServerKicks: n}
	}
	m, err := Loads(saveAll(t, shards), false)
	if err != nil {
		t.Fatal(err)
	}
	want := reports.Silent{Zombies: 9, SelfKicks: 3, KeptMaxMs: -1, NewMaxMs: 80, ZombieMaxMs: 7, ServerKicks: 3}
	if got := m.Load.Recovery.Silent; got == nil || *got != want || m.Load.Storm != reports.StormSilent {
		t.Errorf("got %+v of a storm that is %q, want %+v", got, m.Load.Storm, want)
	}
	for _, s := range shards {
		s.load.Storm, s.load.Recovery.Silent = reports.StormAway, nil
		s.load.Recovery.Away = &reports.Away{ForMs: 9, Online: 10, Through: 6, GaveUp: 4, Held: 1, Messages: []reports.AwayMessages{{Kind: reports.MessagesC2C, Sent: 5, Missing: 1}}}
	}
	if m, err = Loads(saveAll(t, shards), false); err != nil {
		t.Fatal(err)
	}
	away := &reports.Away{ForMs: 9, Online: 20, Through: 12, GaveUp: 8, Held: 2, Messages: []reports.AwayMessages{{Kind: reports.MessagesC2C, Sent: 10, Missing: 2}}}
	if got := m.Load.Recovery.Away; !reflect.DeepEqual(got, away) {
		t.Errorf("got %+v, want %+v", got, away)
	}
}
