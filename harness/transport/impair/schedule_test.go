package impair

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

// outcome returns what a schedule delivered, and when: "a@10" after 10 ms.
func outcome(i Impairment, seed int64, every time.Duration, messages ...string) []string {
	s := newDatagrams[[]byte](i, randomOf(seed, "A", "out"), &counter{})
	return run(s, s.addError, every, messages...)
}

// run adds messages to a schedule, one in every interval, and collects what comes
// out of it.
func run(s arrivals, end func(time.Time, error), every time.Duration, messages ...string) []string {
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
			text := string(next.data)
			if next.err != nil {
				text = next.err.Error()
			}
			out = append(out, fmt.Sprintf("%s@%d", text, due.Sub(start).Milliseconds()))
		}
	}
	for _, m := range messages {
		collect(now)
		if m == "end" {
			end(now, errors.New(m))
		} else {
			s.add(now, []byte(m))
		}
		now = now.Add(every)
	}
	collect(now.Add(time.Hour))
	return out
}

func TestDatagrams(t *testing.T) {
	tests := []struct {
		name       string
		impairment Impairment
		messages   []string // one every 10 ms
		want       []string
	}{
		{"none", Impairment{}, []string{"a", "b"}, []string{"a@0", "b@10"}},
		{"drop", Impairment{Drop: 100}, []string{"a", "b", "end"}, []string{"end@20"}},
		{"duplicate", Impairment{Duplicate: 100}, []string{"a", "b"}, []string{"a@0", "a@0", "b@10", "b@10"}},
		{"delay", Impairment{Delay: 25 * ms}, []string{"a", "b", "end"}, []string{"a@25", "b@35", "end@45"}},
		{"reorder", Impairment{Reorder: 100}, []string{"a", "b", "c", "d"}, []string{"b@10", "a@10", "d@30", "c@30"}},
		{"reorder, nothing follows", Impairment{Reorder: 100}, []string{"a"}, []string{"a@200"}},
		{"reorder, the end follows", Impairment{Reorder: 100}, []string{"a", "end"}, []string{"a@200", "end@200"}},
		{"reorder and delay", Impairment{Reorder: 100, Delay: 300 * ms}, []string{"a", "b"}, []string{"b@310", "a@310"}},
		{"reorder and duplicate", Impairment{Reorder: 100, Duplicate: 100}, []string{"a", "b"}, []string{"a@0", "b@10", "b@10", "a@10"}},
		{"drop wins", Impairment{Drop: 100, Duplicate: 100, Reorder: 100}, []string{"a"}, nil},
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

// A datagram waits no longer for the next one than ReorderWait, whatever the
// delay of the next one.
func TestReorderWaitIsBounded(t *testing.T) {
	i := Impairment{Reorder: 100, Delay: 300 * ms}
	got := outcome(i, 1, 250*ms, "a", "b")
	if want := []string{"a@500", "b@750"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if most := i.mostDelay(); most != 500*ms {
		t.Errorf("the most delay is %v, want 500ms", most)
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

func TestSeedDecides(t *testing.T) {
	i := Impairment{Drop: 20, Duplicate: 20, Reorder: 20, Delay: 500 * ms, Jitter: 500 * ms}
	first := outcome(i, 7, ms, names(200)...)
	if again := outcome(i, 7, ms, names(200)...); !slices.Equal(first, again) {
		t.Error("the same seed gave another outcome")
	}
	if other := outcome(i, 8, ms, names(200)...); slices.Equal(first, other) {
		t.Error("another seed gave the same outcome")
	}
}

// What becomes of the k-th datagram depends neither on the others nor on when
// they are sent.
func TestDecisionsAreIndependent(t *testing.T) {
	plain := outcome(Impairment{Drop: 30}, 7, 0, names(200)...)
	doubled := outcome(Impairment{Drop: 30, Duplicate: 100}, 7, 0, names(200)...)
	if got := slices.Compact(doubled); !slices.Equal(got, plain) {
		t.Error("duplicating messages changed which ones are lost")
	}
	slow := outcome(Impairment{Drop: 30}, 7, time.Second, names(200)...)
	for i := range slow {
		if slow[i][:4] != plain[i][:4] {
			t.Fatalf("at another pace message %s arrived where %s did", slow[i][:4], plain[i][:4])
		}
	}
}

func TestProbabilities(t *testing.T) {
	const count = 10_000
	lost := count - len(outcome(Impairment{Drop: 10}, 1, 0, names(count)...))
	twice := len(outcome(Impairment{Duplicate: 10}, 1, 0, names(count)...)) - count
	for what, n := range map[string]int{"lost": lost, "doubled": twice} {
		if n < 900 || n > 1100 { // more than three standard deviations
			t.Errorf("%d of %d messages %s with a probability of 10 %%", n, count, what)
		}
	}
}

func TestJitterKeepsOrderAndBounds(t *testing.T) {
	s := newDatagrams[[]byte](Impairment{Delay: time.Second, Jitter: 500 * ms}, randomOf(1, "A", "out"), &counter{})
	now := time.Unix(0, 0)
	var delays []time.Duration
	for i := range 100 {
		s.add(now, []byte{byte(i)})
		due, _ := s.next()
		if next, ok := s.take(due); !ok || next.data[0] != byte(i) {
			t.Fatalf("message %d is not the next one", i)
		}
		delays = append(delays, due.Sub(now))
		now = now.Add(2 * time.Second)
	}
	if low, high := slices.Min(delays), slices.Max(delays); low < 500*ms || high > 1500*ms || high-low < 500*ms {
		t.Errorf("delays from %s to %s, want them spread from 0.5s to 1.5s", low, high)
	}
	if all := outcome(Impairment{Delay: time.Hour / 2, Jitter: time.Hour / 2}, 1, 0, names(50)...); len(all) != 50 || !slices.IsSorted(all) {
		t.Errorf("jitter changed the order: %v", all)
	}
}

func TestDatagramCounts(t *testing.T) {
	count := &counter{}
	s := newDatagrams[[]byte](Impairment{Drop: 20, Duplicate: 20, Reorder: 20}, randomOf(1, "A", "out"), count)
	out := run(s, s.addError, ms, names(1000)...)
	passed, dropped, doubled := count.passed.Load(), count.dropped.Load(), count.doubled.Load()
	if passed+dropped != 1000 || passed+doubled != int64(len(out)) || dropped == 0 || doubled == 0 {
		t.Errorf("%d passed, %d dropped, %d doubled; %d came out", passed, dropped, doubled, len(out))
	}
	passing := int64(0)
	for i := 1; i < len(out); i++ {
		if out[i][:4] < out[i-1][:4] {
			passing++
		}
	}
	if got := count.reordered.Load(); got != passing || got == 0 {
		t.Errorf("%d reordered, %d came after a later one", got, passing)
	}
}

func TestBytestream(t *testing.T) {
	stall := Stall{Length: 100 * ms, Period: time.Second}
	tests := []struct {
		name       string
		impairment Impairment
		first      time.Duration // start of the first stall
		messages   []string      // one every 30 ms
		want       []string
		stalls     int64
		bytes      int64
	}{
		{"none", Impairment{}, 0, []string{"a", "b", "end"}, []string{"a@0", "b@30", "end@60"}, 0, 0},
		{"delay", Impairment{Delay: 25 * ms}, 0, []string{"a", "b", "end"}, []string{"a@25", "b@55", "end@85"}, 0, 2},
		{"stall", Impairment{Stall: stall}, 20 * ms, []string{"a", "b", "c", "d", "e", "f", "end"},
			[]string{"a@0", "b@120", "c@120", "d@120", "e@120", "f@150", "end@180"}, 1, 3},
		{"begins in a stall", Impairment{Stall: stall}, -950 * ms, []string{"a", "b", "c"}, []string{"a@0", "b@30", "c@150"}, 1, 1},
		{"the end stalls", Impairment{Stall: stall}, 20 * ms, []string{"a", "end"}, []string{"a@0", "end@120"}, 1, 0},
		{"delay into a stall", Impairment{Delay: 40 * ms, Stall: stall}, 20 * ms, []string{"a", "b"}, []string{"a@120", "b@120"}, 1, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			count := &counter{}
			s := newBytestream(test.impairment, randomOf(1, "A", "out"), stalls{test.impairment.Stall, time.Unix(0, 0).Add(test.first)}, count, lengthOf)
			if got := run(s, s.addError, 30*ms, test.messages...); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if stalls, bytes := count.stalls.Load(), count.bytes.Load(); stalls != test.stalls || bytes != test.bytes {
				t.Errorf("%d stalls and %d bytes counted, want %d and %d", stalls, bytes, test.stalls, test.bytes)
			}
		})
	}
}

// The first stall begins at most one period before the connection.
func TestStallPhase(t *testing.T) {
	start := time.Unix(1000, 0)
	distinct := map[time.Duration]bool{}
	for seed := range int64(100) {
		s := newStalls(Stall{time.Second, 10 * time.Second}, start, randomOf(seed, "A", "stall"))
		before := start.Sub(s.first)
		if before < 0 || before >= 10*time.Second {
			t.Errorf("seed %d: the first stall begins %v before the start", seed, before)
		}
		distinct[before] = true
	}
	if len(distinct) != 100 {
		t.Errorf("%d phases of 100 seeds", len(distinct))
	}
}
