package loadgen

import (
	"slices"
	"testing"
	"time"
)

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
		{"the last second of a day at the highest rate", maxRate, maxRate*86_400 - 1, 24*time.Hour - time.Microsecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSchedule(Config{Clients: 2, Ramp: time.Minute, Rate: test.rate, Scenario: ScenarioSteady})
			if got := s.due(test.n) - time.Minute; got != test.want {
				t.Errorf("message %d at %v/s is due %v after the ramp, want %v", test.n, test.rate, got, test.want)
			}
		})
	}
}

func TestScheduleMessages(t *testing.T) {
	tests := []struct {
		name     string
		rate     float64
		scenario string
		before   time.Duration // the ramp is 1 s
		want     uint64
	}{
		{"none in the ramp", 10, ScenarioSteady, 500 * time.Millisecond, 0},
		{"what is due at the bound is not before it", 10, ScenarioSteady, time.Second, 0},
		{"the first", 10, ScenarioSteady, time.Second + 1, 1},
		{"a second of them", 10, ScenarioSteady, 2 * time.Second, 10},
		{"a rate that divides no second", 3, ScenarioSteady, 1*time.Second + 333_333_333, 1},
		{"the one behind it", 3, ScenarioSteady, 1*time.Second + 333_333_334, 2},
		{"many", 7, ScenarioSteady, 1001 * time.Second, 7000},
		{"idle sends nothing", 10, ScenarioIdle, time.Hour, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSchedule(Config{Clients: 2, Ramp: time.Second, Rate: test.rate, Scenario: test.scenario})
			if got := s.messages(test.before); got != test.want {
				t.Errorf("%d messages are due before %v, want %d", got, test.before, test.want)
			}
		})
	}
}

func TestScheduleStart(t *testing.T) {
	s := newSchedule(Config{Clients: 4, Ramp: 2 * time.Second, Scenario: ScenarioIdle})
	var starts []time.Duration
	for i := range 4 {
		starts = append(starts, s.start(i))
	}
	want := []time.Duration{0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond}
	if !slices.Equal(starts, want) {
		t.Errorf("the clients start at %v, want %v", starts, want)
	}
}

func TestScheduleCounts(t *testing.T) {
	s := schedule{ramp: 2 * time.Second, warmup: time.Second, duration: 5 * time.Second}
	for due, want := range map[time.Duration]bool{
		0: false, 3*time.Second - 1: false, 3 * time.Second: true, 8*time.Second - 1: true, 8 * time.Second: false,
	} {
		if got := s.counts(due); got != want {
			t.Errorf("counts(%v) is %t, want %t", due, got, want)
		}
	}
}

// In one round every client sends once in each flow, and when there are enough
// of them never twice in a row.
func TestScheduleTurns(t *testing.T) {
	for _, clients := range []int{2, 5, 200} {
		s := newSchedule(Config{Clients: clients, Rate: 1, Scenario: ScenarioSteady, Seed: 7})
		seen := map[[2]int]int{}
		last := -1
		for n := range uint64(sentFlows * clients) {
			sender, f, _, _ := s.message(n)
			if sender == last && clients > 3 {
				t.Errorf("with %d clients number %d sends twice in a row", clients, sender)
			}
			last = sender
			seen[[2]int{sender, int(f)}]++
		}
		if len(seen) != sentFlows*clients {
			t.Errorf("with %d clients %d senders and flows had a turn, want %d", clients, len(seen), sentFlows*clients)
		}
	}
}

func TestScheduleSeed(t *testing.T) {
	order := func(seed int64) []int32 {
		s := newSchedule(Config{Clients: 50, Rate: 1, Scenario: ScenarioSteady, Seed: seed})
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
	tests := []struct{ clients, client, want int }{
		{4, 0, 1}, {4, 1, 0}, {4, 2, 3}, {4, 3, 2},
		{3, 2, 0}, // the odd one out
		{1, 0, 0}, // to itself
	}
	for _, test := range tests {
		s := schedule{clients: test.clients}
		if got := s.partner(test.client); got != test.want {
			t.Errorf("of %d clients number %d writes to %d, want %d", test.clients, test.client, got, test.want)
		}
	}
}
