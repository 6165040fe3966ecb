package books

import (
	"testing"
	"time"
)

// A message is complete with the last member, whoever hears of that; the time since its
// first copy was sent until its last arrival counts.
func TestGroupsFollowAMessageToItsLastMember(t *testing.T) {
	g, m := NewGroups(), GroupMessage{Sender: 1, Due: time.Second}
	arrive := func(sent, at time.Duration) (Arrival, bool) { return g.Arrived(m, 3, Arrival{sent, at}) }
	for _, a := range []Arrival{{11, 25}, {10, 40}} {
		if _, all := arrive(a.Sent, a.At); all {
			t.Fatalf("complete with %v", a)
		}
	}
	if _, all := g.Arrived(GroupMessage{Sender: 2, Due: time.Second}, 2, Arrival{}); all {
		t.Error("another message is complete")
	}
	if whole, all := arrive(12, 30); !all || whole != (Arrival{10, 40}) {
		t.Errorf("got %v, %t", whole, all)
	}
	if g.Complete() != 1 {
		t.Errorf("%d are complete, want 1", g.Complete())
	}
}
