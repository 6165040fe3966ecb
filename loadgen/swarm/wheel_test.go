package swarm

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The queue always has the soonest in front, whatever was moved.
func TestDueQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	members := make([]member, 50)
	for i := range members {
		members[i].queued = notQueued
	}
	want := map[*member]time.Duration{}
	var q dueQueue
	for range 5000 {
		m := &members[random.IntN(len(members))]
		if random.IntN(4) == 0 {
			q.set(m, 0, false)
			delete(want, m)
		} else {
			due := time.Duration(random.IntN(1000))
			q.set(m, due, true)
			want[m] = due
		}
		checkQueue(t, q, want)
	}
}

func checkQueue(t *testing.T, q dueQueue, want map[*member]time.Duration) {
	t.Helper()
	if len(q) != len(want) {
		t.Fatalf("%d are queued, want %d", len(q), len(want))
	}
	front := q.soonest()
	for i, m := range q {
		if int(m.queued) != i || want[m] != m.due {
			t.Fatalf("place %d has a client with place %d and due %v, want due %v", i, m.queued, m.due, want[m])
		}
		if m.due < front.due {
			t.Fatalf("%v is behind %v", m.due, front.due)
		}
	}
	if len(want) == 0 && front != nil {
		t.Fatal("an empty queue has a front")
	}
}
