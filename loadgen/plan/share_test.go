package plan

import (
	"strings"
	"testing"
)

func TestParseShard(t *testing.T) {
	tests := []struct {
		text   string
		base   int
		want   Shard
		reason string // reason in the error
	}{
		{"1/1", 1, Shard{1, 1}, ""},
		{"4/4", 1, Shard{4, 4}, ""},
		{"0/4", 0, Shard{1, 4}, ""},
		{"3/4", 0, Shard{4, 4}, ""},
		{"0/4", 1, Shard{}, "shard 0 of 4: use 1 to 4"},
		{"5/4", 1, Shard{}, "shard 5 of 4: use 1 to 4"},
		{"4/4", 0, Shard{}, "shard 4 of 4: use 0 to 3"},
		{"-1/4", 1, Shard{}, "use 1 to 4"},
		{"x", 1, Shard{}, "is not I/N: use such as 1/4"},
		{"", 1, Shard{}, "is not I/N"},
		{"1/", 1, Shard{}, "is not I/N"},
		{"1/4/4", 1, Shard{}, "is not I/N"},
		{"1/0", 1, Shard{}, "0 shards: use 1 to 1000"},
		{"1/1001", 1, Shard{}, "1001 shards"},
		{"1/4", 2, Shard{}, "use 0 or 1"},
	}
	for _, test := range tests {
		got, err := ParseShard(test.text, test.base)
		if got != test.want || (err == nil) != (test.reason == "") || err != nil && !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%q from %d: %+v, %v; want %+v, …%s…", test.text, test.base, got, err, test.want, test.reason)
		}
	}
}

// Every client is in one shard, under one number, and the numbers of a shard
// have no gaps.
func TestSharesCoverAllClients(t *testing.T) {
	for _, transports := range []int{3, 2, 1} {
		for _, of := range []int{1, 2, 3, 4, 7} {
			for clients := 1; clients < 60; clients++ {
				owner := make([]int, clients)
				for index := 1; index <= of; index++ {
					s, last := NewShare(Shard{index, of}, transports), NoClient
					for i := range s.Count(clients) {
						own := Own(i)
						client := s.Client(own)
						if client <= last || int(client) >= clients || !s.Has(client) || s.Own(client) != own {
							t.Fatalf("%d clients in %d shards of %+v: number %d is client %d", clients, of, s, own, client)
						}
						last = client
						owner[client]++
					}
				}
				for client, owners := range owner {
					if owners != 1 {
						t.Fatalf("%d clients in %d shards: client %d is in %d of them", clients, of, client, owners)
					}
				}
			}
		}
	}
}

// Partners share a clock.
func TestSharesKeepPartnersTogether(t *testing.T) {
	const clients, transports = 120, 3
	s, schedule := NewShare(Shard{2, 4}, transports), NewSchedule(Spec{Clients: clients, Pattern: Alternating(1)})
	for client := range Client(clients) {
		if s.Has(client) != s.Has(schedule.partner(client)) {
			t.Errorf("client %d and its partner are apart", client)
		}
	}
}

// Every client of a shard is at one slot of one worker.
func TestWorkersCoverAllClients(t *testing.T) {
	for workers := Workers(1); workers < 5; workers++ {
		const own = 23
		seen := map[Own]bool{}
		for worker := range int(workers) {
			for slot := range Slot(workers.Slots(worker, own)) {
				client := workers.Own(worker, slot)
				if workers.Of(client) != worker || workers.Slot(client) != slot || client < 0 || client >= own || seen[client] {
					t.Errorf("of %d workers number %d has client %d at slot %d", workers, worker, client, slot)
				}
				seen[client] = true
			}
		}
		if len(seen) != own {
			t.Errorf("%d workers have %d clients, want %d", workers, len(seen), own)
		}
	}
}
