package impair

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"imcheck/protocol/wire"
)

// play sends numbered messages over a lane, one every 10 ms, and returns what comes out of it.
func play(l Lane[int], messages int) (out []string) {
	start := time.Unix(0, 0)
	collect := func(until time.Time) {
		for {
			due, ok := l.Next()
			if !ok || due.After(until) {
				return
			}
			m, at, _ := l.Take(due)
			out = append(out, fmt.Sprintf("%d@%d", m, at.Sub(start).Milliseconds()))
		}
	}
	for i := range messages {
		now := start.Add(time.Duration(i) * 10 * ms)
		collect(now)
		l.Add(now, i)
	}
	end := start.Add(time.Duration(messages) * 10 * ms)
	l.AddEnd(end, -1)
	collect(end.Add(time.Hour))
	return out
}

func laneOf(t *testing.T, kind wire.Transport, name, spec string) Lane[int] {
	t.Helper()
	policy, _, err := Parse([]string{spec})
	if err != nil {
		t.Fatal(err)
	}
	return NewLane(New(policy), kind, Out, name, time.Unix(0, 0), func(int) int { return 1 })
}

// A lane does to messages what the path of a socket does to datagrams and writes, and the end
// comes last, whatever is dropped.
func TestLane(t *testing.T) {
	tests := []struct {
		kind wire.Transport
		spec string
		want []string
	}{
		{wire.UDP, "delay=0s", []string{"0@0", "1@10", "2@20", "-1@30"}},
		{wire.UDP, "drop=100%", []string{"-1@30"}},
		{wire.UDP, "duplicate=100%, delay=5ms", []string{"0@5", "0@5", "1@15", "1@15", "2@25", "2@25", "-1@35"}},
		{wire.UDP, "reorder=100%", []string{"1@10", "0@10", "2@220", "-1@220"}},
		{wire.TCP, "delay=50ms", []string{"0@50", "1@60", "2@70", "-1@80"}},
	}
	for _, test := range tests {
		if got := play(laneOf(t, test.kind, "A", test.spec), 3); !slices.Equal(got, test.want) {
			t.Errorf("%s %s: %q, want %q", test.kind, test.spec, got, test.want)
		}
	}
}

// The same seed and name meet the same outcomes, on a lane as on a socket.
func TestLaneRepeats(t *testing.T) {
	lossy := func(name string) []string { return play(laneOf(t, wire.UDP, name, "drop=30%, seed=3"), 50) }
	if first := lossy("A"); !slices.Equal(first, lossy("A")) || slices.Equal(first, lossy("B")) || len(first) < 25 || len(first) > 45 {
		t.Errorf("%d of 50 messages came, of which 30 %% are dropped: %q", len(first), first)
	}
}

// What is held back can be made to arrive at once, in its order.
func TestLaneHurries(t *testing.T) {
	for _, kind := range []wire.Transport{wire.UDP, wire.TCP} {
		l := laneOf(t, kind, "A", "delay=1s")
		start := time.Unix(0, 0)
		l.Add(start, 1)
		l.Add(start, 2)
		l.Hurry(start)
		for want := 1; want <= 2; want++ {
			if m, at, ok := l.Take(start); !ok || m != want || !at.Equal(start) {
				t.Errorf("%s: %d came at %v, %t; want %d at once", kind, m, at, ok, want)
			}
		}
		if o := l.Add(start, 3); !o.At.Equal(start.Add(time.Second)) {
			t.Errorf("%s: the next one comes at %v", kind, o.At)
		}
	}
}

func TestCheckUsed(t *testing.T) {
	tests := []struct {
		spec string
		used []wire.Transport
		want string // "" when it is taken
	}{
		{"drop=5%, delay=1ms", wire.Transports[:], ""},
		{"drop=5%", []wire.Transport{wire.UDP, wire.TCP}, ""},
		{"drop=5%", []wire.Transport{wire.TCP, wire.WS}, `"drop=5%": drop does not exist on tcp: a byte stream loses and reorders nothing; name udp, or use delay, jitter or stall`},
		{"delay=5ms, stall=1s/10s", []wire.Transport{wire.UDP}, `"delay=5ms, stall=1s/10s": stall does not exist on udp: a datagram does not hold up the next one; name tcp or ws, or use delay`},
		{"tcp udp: delay=5ms", []wire.Transport{wire.UDP}, `"tcp udp: delay=5ms": tcp is not used: leave it out, or use it`},
	}
	for _, test := range tests {
		got := ""
		if err := CheckUsed([]string{test.spec}, test.used); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.spec, got, test.want)
		}
	}
}
