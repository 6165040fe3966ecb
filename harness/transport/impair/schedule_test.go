package impair

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// outcome is what came out of a schedule, and when: "a@10" after 10 ms.
func outcome(i Impairment, seed uint64, every time.Duration, messages ...string) []string {
	s := newSchedule(i, seed, sendStream)
	start := time.Unix(0, 0)
	now := start
	var out []string
	collect := func(until time.Time) {
		for {
			due, ok := s.next()
			if !ok || due.After(until) {
				return
			}
			next, _ := s.take(due)
			text := string(next.body)
			if next.err != nil {
				text = next.err.Error()
			}
			out = append(out, fmt.Sprintf("%s@%d", text, due.Sub(start).Milliseconds()))
		}
	}
	for _, m := range messages {
		collect(now)
		if m == "end" {
			s.addError(now, errors.New(m))
		} else {
			s.add(now, []byte(m))
		}
		now = now.Add(every)
	}
	collect(now.Add(time.Hour))
	return out
}

func TestSchedule(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name       string
		impairment Impairment
		messages   []string // one every 10 ms
		want       []string
	}{
		{"none", Impairment{}, []string{"a", "b"}, []string{"a@0", "b@10"}},
		{"drop", Impairment{Drop: 1}, []string{"a", "b", "end"}, []string{"end@20"}},
		{"duplicate", Impairment{Duplicate: 1}, []string{"a", "b"}, []string{"a@0", "a@0", "b@10", "b@10"}},
		{"delay", Impairment{Delay: 25 * ms}, []string{"a", "b", "end"}, []string{"a@25", "b@35", "end@45"}},
		{"reorder", Impairment{Reorder: 1}, []string{"a", "b", "c", "d"}, []string{"b@10", "a@10", "d@30", "c@30"}},
		{"reorder, nothing follows", Impairment{Reorder: 1}, []string{"a"}, []string{"a@200"}},
		{"reorder, the end follows", Impairment{Reorder: 1}, []string{"a", "end"}, []string{"a@200", "end@200"}},
		{"reorder and delay", Impairment{Reorder: 1, Delay: 300 * ms}, []string{"a", "b"}, []string{"b@310", "a@310"}},
		{"reorder and duplicate", Impairment{Reorder: 1, Duplicate: 1}, []string{"a", "b"}, []string{"a@0", "b@10", "b@10", "a@10"}},
		{"drop wins", Impairment{Drop: 1, Duplicate: 1, Reorder: 1}, []string{"a"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := outcome(test.impairment, 1, 10*ms, test.messages...)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// names are distinct messages.
func names(count int) []string {
	var all []string
	for i := range count {
		all = append(all, fmt.Sprintf("%04d", i))
	}
	return all
}

func TestTheSeedDecides(t *testing.T) {
	i := Impairment{Drop: 0.2, Duplicate: 0.2, Reorder: 0.2, Delay: time.Millisecond, Jitter: time.Second}
	first := outcome(i, 7, time.Millisecond, names(200)...)
	if again := outcome(i, 7, time.Millisecond, names(200)...); !slices.Equal(first, again) {
		t.Error("the same seed gave another outcome")
	}
	if other := outcome(i, 8, time.Millisecond, names(200)...); slices.Equal(first, other) {
		t.Error("another seed gave the same outcome")
	}
}

func TestADecisionDoesNotDependOnTheOthers(t *testing.T) {
	plain := outcome(Impairment{Drop: 0.3}, 7, 0, names(200)...)
	doubled := outcome(Impairment{Drop: 0.3, Duplicate: 1}, 7, 0, names(200)...)
	if got := slices.Compact(doubled); !slices.Equal(got, plain) {
		t.Error("duplicating messages changed which ones are lost")
	}
}

func TestProbabilities(t *testing.T) {
	const count = 10_000
	lost := count - len(outcome(Impairment{Drop: 0.1}, 1, 0, names(count)...))
	twice := len(outcome(Impairment{Duplicate: 0.1}, 1, 0, names(count)...)) - count
	for what, n := range map[string]int{"lost": lost, "doubled": twice} {
		if n < 900 || n > 1100 { // more than three standard deviations
			t.Errorf("%d of %d messages %s with a probability of 0.1", n, count, what)
		}
	}
}

func TestJitterKeepsTheOrderAndItsBounds(t *testing.T) {
	s := newSchedule(Impairment{Delay: time.Second, Jitter: time.Second}, 1, sendStream)
	now := time.Unix(0, 0)
	var delays []time.Duration
	for i := range 100 {
		s.add(now, []byte{byte(i)})
		due, _ := s.next()
		if next, ok := s.take(due); !ok || next.body[0] != byte(i) {
			t.Fatalf("message %d is not the next one", i)
		}
		delays = append(delays, due.Sub(now))
		now = now.Add(2 * time.Second)
	}
	if low, high := slices.Min(delays), slices.Max(delays); low < time.Second || high >= 2*time.Second || high-low < time.Second/2 {
		t.Errorf("delays from %s to %s, want them spread from 1s to 2s", low, high)
	}
	if all := outcome(Impairment{Jitter: time.Hour}, 1, 0, names(50)...); len(all) != 50 || !slices.IsSorted(all) {
		t.Errorf("jitter changed the order: %v", all)
	}
}

func TestPolicyCheck(t *testing.T) {
	nan := math.NaN()
	bad := []Impairment{
		{Drop: -0.1}, {Duplicate: 1.1}, {Reorder: nan}, {Delay: -1}, {Jitter: -1},
	}
	for _, i := range bad {
		for _, p := range []Policy{{Send: i}, {Receive: i}} {
			if p.Check() == nil {
				t.Errorf("%+v was accepted", p)
			}
		}
	}
	good := Impairment{Drop: 1, Duplicate: 0.5, Delay: time.Second}
	if err := (Policy{Send: good, Receive: good}).Check(); err != nil {
		t.Errorf("a good policy was refused: %v", err)
	}
}
