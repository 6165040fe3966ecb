package plan

import (
	"slices"
	"testing"
	"time"
)

// fastest is the highest rate that a load can be given.
const fastest = 1_000_000

func TestScheduleDue(t *testing.T) {
	tests := []struct {
		name string
		rate float64
		n    uint64
		want time.Duration // after the ramp
	}{
		{"the first is due at once", 100, 0, 0},
		{"one a second", 1, 7, 7 * time.Second},
		{"whole nanoseconds", 1000, 1, time.Millisecond},
		{"rounded down", 3, 1, 333_333_333},
		{"no drift after a million", 3, 3_000_000, 1_000_000 * time.Second},
		{"one in a thousand seconds", 0.001, 1, 1000 * time.Second},
		{"the last second of a day at the highest rate", fastest, fastest*86_400 - 1, 24*time.Hour - time.Microsecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := NewSchedule(Spec{Clients: 2, Ramp: time.Minute, Pattern: Alternating(test.rate)})
			if got := s.Due(test.n) - time.Minute; got != test.want {
				t.Errorf("message %d at %v/s is due %v after the ramp, want %v", test.n, test.rate, got, test.want)
			}
		})
	}
}

func TestScheduleMessages(t *testing.T) {
	tests := []struct {
		name    string
		pattern Pattern
		before  time.Duration // the ramp is 1 s
		want    uint64
	}{
		{"none in the ramp", Alternating(10), 500 * time.Millisecond, 0},
		{"what is due at the bound is not before it", Alternating(10), time.Second, 0},
		{"the first", Alternating(10), time.Second + 1, 1},
		{"a second of them", Alternating(10), 2 * time.Second, 10},
		{"a rate that divides no second", Alternating(3), 1*time.Second + 333_333_333, 1},
		{"the one after it", Alternating(3), 1*time.Second + 333_333_334, 2},
		{"many", Alternating(7), 1001 * time.Second, 7000},
		{"idle sends nothing", Pattern{}, time.Hour, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := NewSchedule(Spec{Clients: 2, Ramp: time.Second, Pattern: test.pattern})
			if got := s.DueBefore(test.before); got != test.want {
				t.Errorf("%d messages are due before %v, want %d", got, test.before, test.want)
			}
		})
	}
}

func TestScheduleStart(t *testing.T) {
	s := NewSchedule(Spec{Clients: 4, Ramp: 2 * time.Second})
	var starts []time.Duration
	for i := range 4 {
		starts = append(starts, s.Start(Client(i)))
	}
	want := []time.Duration{0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond}
	if !slices.Equal(starts, want) {
		t.Errorf("the clients start at %v, want %v", starts, want)
	}
}

func TestScheduleCounts(t *testing.T) {
	s := Schedule{ramp: 2 * time.Second, warmup: time.Second, duration: 5 * time.Second}
	for due, want := range map[time.Duration]bool{
		0: false, 3*time.Second - 1: false, 3 * time.Second: true, 8*time.Second - 1: true, 8 * time.Second: false,
	} {
		if got := s.Counts(due); got != want {
			t.Errorf("Counts(%v) is %t, want %t", due, got, want)
		}
	}
}

// In one round every client sends once in each flow, and when there are enough
// of them never twice in a row.
func TestScheduleTurns(t *testing.T) {
	for _, clients := range []int{2, 5, 200} {
		s := NewSchedule(Spec{Clients: clients, Pattern: Alternating(1), Seed: 7})
		type turn struct {
			client Client
			flow   Flow
		}
		seen := map[turn]int{}
		last := NoClient
		for n := range uint64(sentFlows * clients) {
			sender, f, _, _ := s.Message(n)
			if sender == last && clients > 3 {
				t.Errorf("with %d clients number %d sends twice in a row", clients, sender)
			}
			last = sender
			seen[turn{sender, f}]++
		}
		if len(seen) != sentFlows*clients {
			t.Errorf("with %d clients %d senders and flows had a turn, want %d", clients, len(seen), sentFlows*clients)
		}
	}
}

func TestScheduleSeed(t *testing.T) {
	order := func(seed int64) []Client {
		s := NewSchedule(Spec{Clients: 50, Pattern: Alternating(1), Seed: seed})
		return s.order
	}
	if !slices.Equal(order(1), order(1)) {
		t.Error("one seed gave two orders")
	}
	if slices.Equal(order(1), order(2)) {
		t.Error("two seeds gave the same order")
	}
}

func TestSchedulePartner(t *testing.T) {
	tests := []struct {
		clients      int
		client, want Client
	}{
		{4, 0, 1}, {4, 1, 0}, {4, 2, 3}, {4, 3, 2},
		{3, 2, 0}, // the odd one out
		{1, 0, 0}, // to itself
	}
	for _, test := range tests {
		s := Schedule{clients: test.clients}
		if got := s.partner(test.client); got != test.want {
			t.Errorf("of %d clients number %d writes to %d, want %d", test.clients, test.client, got, test.want)
		}
	}
}
