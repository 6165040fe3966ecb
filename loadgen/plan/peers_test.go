package plan

import (
	"slices"
	"testing"
	"time"
)

func TestGroups(t *testing.T) {
	tests := []struct {
		clients int
		groups  []int
		want    []int // size of the group of each client
	}{
		{4, []int{2}, []int{2, 2, 2, 2}},
		{5, []int{2}, []int{2, 2, 3, 3, 3}},
		{3, []int{2}, []int{3, 3, 3}},
		{2, []int{5}, []int{2, 2}},
		{9, []int{2, 3}, []int{2, 2, 3, 3, 3, 2, 2, 2, 2}},
		{8, []int{2, 3}, []int{2, 2, 3, 3, 3, 3, 3, 3}},
		{6, []int{2, 3}, []int{2, 2, 4, 4, 4, 4}},
	}
	for _, test := range tests {
		s := NewSchedule(Spec{Clients: test.clients, Pattern: Conversations(time.Second, test.groups)})
		var sizes []int
		for client := range Client(test.clients) {
			first, size := s.group(client)
			sizes = append(sizes, size)
			if client < first || client >= first+Client(size) {
				t.Errorf("%d of %d in %v: not in its own group from %d on", client, test.clients, test.groups, first)
			}
			for place := Place(1); int(place) < size; place++ {
				other := s.PeerAt(client, place)
				if back, ok := s.PlaceOf(other, client); !ok || other == client || s.PeerAt(other, back) != client {
					t.Errorf("%d of %d in %v writes to %d, which does not know it", client, test.clients, test.groups, other)
				}
			}
			if s.PeerAt(client, Place(size)) != NoClient {
				t.Errorf("%d of %d in %v has a peer too many", client, test.clients, test.groups)
			}
		}
		if !slices.Equal(sizes, test.want) {
			t.Errorf("%d clients in %v have groups of %v, want %v", test.clients, test.groups, sizes, test.want)
		}
	}
}

func TestPeersAreMutual(t *testing.T) {
	for _, clients := range []int{1, 2, 3, 4, 5, 8} {
		s := NewSchedule(Spec{Clients: clients, Pattern: Alternating(1)})
		for client := range Client(clients) {
			receiver := s.PeerAt(client, 1)
			place, ok := s.PlaceOf(receiver, client)
			if !ok || int(place) >= s.Places() || s.PeerAt(receiver, place) != client {
				t.Errorf("of %d clients number %d writes to %d, which does not know it", clients, client, receiver)
			}
		}
	}
}
