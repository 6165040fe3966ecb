package plan

import (
	"testing"
	"time"
)

// clientStages has more clients for a while, then fewer than at first, then all again.
func clientStages(pattern Pattern) Spec {
	return Spec{
		Clients: 40, First: 10, Ramp: 10 * time.Second, Warmup: 5 * time.Second, Duration: 4 * time.Minute, Pattern: pattern, Seed: 2,
		Stages: []Stage{
			{For: time.Minute, Rate: 10, Clients: 40}, {For: time.Minute, Rate: 10, Clients: 40},
			{For: time.Minute, Rate: 10, Clients: 7}, {For: time.Minute, Rate: 10, Clients: 40},
		},
	}
}

// replay returns who is logged in at a time of the run.
func replay(s *Schedule, at time.Duration) (in map[Client]bool) {
	in = map[Client]bool{}
	for client := range Client(s.First()) {
		in[client] = s.Start(client) <= at
	}
	for i := range s.Changes() {
		if c := s.Change(i); c.At <= at {
			in[c.Client] = c.In
		}
	}
	return in
}

func TestStagesChangeTheClients(t *testing.T) {
	s := NewSchedule(clientStages(Pattern{}))
	for at, want := range map[time.Duration]int{
		15*time.Second - 1:              10,
		75*time.Second - settling:       40,
		135 * time.Second:               40,
		135*time.Second + settling - 1:  40,
		195*time.Second - 1:             7,
		255 * time.Second:               40,
		15*time.Second + 25*time.Second: 26,
	} {
		count := 0
		for _, is := range replay(&s, at) {
			if is {
				count++
			}
		}
		if count != want {
			t.Errorf("at %v %d clients are logged in, want %d", at, count, want)
		}
	}
	last := time.Duration(0)
	for i := range s.Changes() {
		c := s.Change(i)
		if c.At < last {
			t.Errorf("change %d is due at %v, before the one before it", i, c.At)
		}
		last = c.At
		if first := s.Start(c.Client); c.In && first > c.At {
			t.Errorf("client %d logs in at %v, and starts at %v", c.Client, c.At, first)
		}
	}
	if got := s.Changes(); got != 30+33+33 {
		t.Errorf("%d changes, want 96", got)
	}
}

// Whoever has a turn is logged in, and so is the receiver, with time to spare.
func TestStagesGiveTurnsToWhoIsThere(t *testing.T) {
	for name, pattern := range map[string]Pattern{"alternating": Alternating(10), "pushes": Pushes(10), "conversations": Conversations(3*time.Second, []int{2, 5})} {
		spec := clientStages(pattern)
		s := NewSchedule(spec)
		_, end := s.Steady()
		senders := map[int]map[Client]bool{}
		for n := range s.DueBefore(end) {
			due := s.Due(n)
			if due < spec.Ramp+spec.Warmup {
				continue
			}
			sender, _, place, ok := s.Turn(n), ToClient, ServerPlace, true
			if pattern.kind != pushes {
				sender, _, place, ok = s.Message(n)
			}
			if !ok {
				continue
			}
			before, after := replay(&s, due-settling/2), replay(&s, due+settling-1)
			if stage, _ := s.StageAt(due); stage == 0 {
				before = replay(&s, due)
			}
			for _, client := range []Client{sender, max(0, s.PeerAt(sender, place))} {
				if !before[client] || !after[client] {
					t.Fatalf("%s: message %d at %v is of or to client %d, which comes or goes", name, n, due, client)
				}
			}
			stage, ok := s.StageAt(due)
			if !ok {
				t.Fatalf("%s: message %d at %v is in no stage", name, n, due)
			}
			if senders[stage] == nil {
				senders[stage] = map[Client]bool{}
			}
			senders[stage][sender] = true
		}
		if name == "conversations" {
			continue // those of which somebody is away do not talk
		}
		for stage, want := range []int{10, 40, 6, 6} {
			if got := len(senders[stage]); got != want {
				t.Errorf("%s: in stage %d %d clients have turns, want %d", name, stage, got, want)
			}
		}
	}
}

func TestStageAt(t *testing.T) {
	s := NewSchedule(clientStages(Pattern{}))
	for at, want := range map[time.Duration]int{
		15*time.Second - 1: -1, 15 * time.Second: 0, 75*time.Second - 1: 0, 75 * time.Second: 1, 255*time.Second - 1: 3, 255 * time.Second: -1,
	} {
		got, ok := s.StageAt(at)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("what is due at %v is of stage %d, want %d", at, got, want)
		}
	}
	plain := NewSchedule(Spec{Clients: 1, Duration: time.Minute})
	if _, ok := plain.StageAt(time.Second); ok {
		t.Error("a run without stages has one")
	}
}
