package plan

import (
	"slices"
	"testing"
	"time"
)

func TestApportioned(t *testing.T) {
	tests := []struct {
		clients int
		weights []float64
		want    []int
	}{
		{100, []float64{90, 8, 2}, []int{90, 8, 2}},
		{100, []float64{0.9, 0.08, 0.02}, []int{90, 8, 2}},
		{7, []float64{1, 1}, []int{5, 2}},
		{9, []float64{1, 3}, []int{2, 7}},
		{10, []float64{1, 1, 1}, []int{4, 4, 2}},
		{2, []float64{1, 1000}, []int{0, 2}},
		{1, []float64{1, 2}, []int{0, 1}},
		{1_000_000, []float64{1e-9, 1}, []int{0, 1_000_000}},
	}
	for _, test := range tests {
		if got := Apportioned(test.clients, test.weights); !slices.Equal(got, test.want) {
			t.Errorf("%d clients by %v: got %v, want %v", test.clients, test.weights, got, test.want)
		}
	}
}

// mixedSpec is a run with a part of each pattern.
func mixedSpec(seed int64) Spec {
	return Spec{Clients: 201, Ramp: time.Second, Duration: time.Minute, Seed: seed, Pattern: Mixed([]Part{
		{4, Pattern{}}, {2, Alternating(10)}, {2, Conversations(time.Second, []int{2, 5})}, {1, Turns(3)}, {1, Pushes(5)},
	})}
}

// Each client is in one part, with its partner, and every message is between clients of
// the same part.
func TestPartsKeepToThemselves(t *testing.T) {
	s := NewSchedule(mixedSpec(3))
	counts := make([]int, len(s.Parts()))
	for client := range Client(s.Clients()) {
		counts[s.PartOf(client)]++
		if partner := client ^ 1; int(partner) < s.Clients() && s.PartOf(partner) != s.PartOf(client) {
			t.Errorf("clients %d and %d are apart", client, partner)
		}
		for place := Place(1); int(place) < s.Places(); place++ {
			peer := s.PeerAt(client, place)
			if peer == NoClient {
				continue
			}
			back, ok := s.PlaceOf(peer, client)
			if !ok || s.PeerAt(peer, back) != client || s.PartOf(peer) != s.PartOf(client) {
				t.Errorf("client %d has the peer %d, which does not know it", client, peer)
			}
		}
	}
	if want := []int{81, 40, 40, 20, 20}; !slices.Equal(counts, want) {
		t.Errorf("the parts have %v clients, want %v", counts, want)
	}
	_, end := s.Steady()
	for i, part := range s.Parts() {
		seen := map[Client]bool{}
		for n := range part.DueBefore(end) {
			client := part.Turn(n)
			if part.SentBefore(end) > 0 {
				var place Place
				var ok bool
				if client, _, place, ok = part.Message(n); !ok {
					continue
				}
				if place != ServerPlace && s.PeerAt(client, place) == NoClient {
					t.Fatalf("message %d of part %d is to nobody", n, i)
				}
			}
			if s.PartOf(client) != i {
				t.Fatalf("number %d of part %d is of client %d, which is in part %d", n, i, client, s.PartOf(client))
			}
			seen[client] = true
		}
		if i > 0 && len(seen) != counts[i] {
			t.Errorf("of the %d clients of part %d only %d have turns", counts[i], i, len(seen))
		}
	}
}

// The parts are drawn by the seed.
func TestPartsAreDrawnByTheSeed(t *testing.T) {
	drawn := func(seed int64) (parts []int) {
		s := NewSchedule(mixedSpec(seed))
		for client := range Client(s.Clients()) {
			parts = append(parts, s.PartOf(client))
		}
		return parts
	}
	if !slices.Equal(drawn(1), drawn(1)) {
		t.Error("one seed gave two draws")
	}
	if slices.Equal(drawn(1), drawn(2)) {
		t.Error("two seeds gave the same draw")
	}
}

// A fingerprint may name any client.
func TestPlaceOfStrangers(t *testing.T) {
	s := NewSchedule(mixedSpec(1))
	for _, other := range []Client{-1, 201, 1<<31 - 1} {
		if _, ok := s.PlaceOf(0, other); ok {
			t.Errorf("client %d has a place", other)
		}
	}
}

func TestRatesOfParts(t *testing.T) {
	s := NewSchedule(mixedSpec(1))
	if got := s.Rate(); got != 15+float64(messagesOf(s.Parts()[2])) {
		t.Errorf("the messages of all parts are %v a second", got)
	}
	if got, want := s.RateEach(), float64(messagesOf(s.Parts()[2]))/40; got != want {
		t.Errorf("the busiest clients have %v a second, want %v", got, want)
	}
}

// messagesOf counts the messages of one round of conversations.
func messagesOf(part Schedule) (messages int) {
	for n := range part.DueBefore(2 * time.Second) {
		if _, _, _, ok := part.Message(n); ok {
			messages++
		}
	}
	return messages
}
