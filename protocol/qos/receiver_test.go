package qos_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/qos"
)

// plenty is a bound that no test reaches.
const plenty = 1 << 20

// newReceiver has the memory of §4.
func newReceiver() *qos.Receiver {
	return qos.NewReceiver(qos.DedupMemory, qos.DedupSweep, plenty, start)
}

// sweepUntil makes every sweep that is due up to now.
func sweepUntil(r *qos.Receiver, now time.Time) {
	for !r.Next().After(now) {
		r.Sweep(r.Next())
	}
}

func TestDedupConstants(t *testing.T) {
	if qos.DedupMemory != 10*time.Minute || qos.DedupSweep != 5*time.Minute {
		t.Errorf("remembered for %v, swept every %v; want 10m and 5m", qos.DedupMemory, qos.DedupSweep)
	}
}

func TestSeen(t *testing.T) {
	r := newReceiver()
	for i, want := range []bool{false, true, true} {
		if got := r.Seen(start, "f-1"); got != want {
			t.Errorf("copy %d is known: %v, want %v", i+1, got, want)
		}
	}
	if r.Seen(start, "f-2") || r.Seen(start, "") || r.Len() != 3 {
		t.Errorf("other fingerprints are known, or %d are remembered instead of 3", r.Len())
	}
}

// SeenAfter returns the time since the copy before, in either generation.
func TestSeenAfter(t *testing.T) {
	r := qos.NewReceiver(qos.DedupMemory, qos.DedupSweep, 2, start)
	if after, again := r.SeenAfter(start, "f-1"); again || after != 0 {
		t.Errorf("the first copy came %v after another: %v", after, again)
	}
	now := start
	for _, want := range []time.Duration{3 * time.Second, 0, time.Minute} {
		now = now.Add(want)
		if after, again := r.SeenAfter(now, "f-1"); !again || after != want {
			t.Errorf("a copy came %v after the one before: %v, want %v", after, again, want)
		}
	}
	r.Seen(now, "f-2") // f-1 is of the older generation now
	if after, again := r.SeenAfter(now.Add(time.Second), "f-1"); !again || after != time.Second {
		t.Errorf("a copy came %v after the one of the older generation: %v", after, again)
	}
}

// A fingerprint is known for 10 min less a moment, whatever the phase of the
// sweeps.
func TestKnownForTenMinutes(t *testing.T) {
	for phase := time.Duration(0); phase < qos.DedupSweep; phase += 7 * time.Second {
		r := newReceiver()
		seen := start.Add(phase)
		sweepUntil(r, seen)
		r.Seen(seen, "f-1")
		later := seen.Add(9*time.Minute + 59*time.Second + 999*time.Millisecond)
		sweepUntil(r, later)
		if !r.Seen(later, "f-1") {
			t.Errorf("phase %v: forgotten within 9:59.999", phase)
		}
	}
}

// It is forgotten at the first sweep that is at least 10 min after the copy,
// and not before that.
func TestForgottenAtASweep(t *testing.T) {
	tests := []struct{ seen, forgotten time.Duration }{
		{0, 10 * time.Minute},
		{time.Nanosecond, 15 * time.Minute},
		{2 * time.Minute, 15 * time.Minute},
		{5 * time.Minute, 15 * time.Minute},
		{5*time.Minute + 1, 20 * time.Minute},
	}
	for _, test := range tests {
		r := newReceiver()
		sweepUntil(r, start.Add(test.seen))
		r.Seen(start.Add(test.seen), "f-1")
		sweepUntil(r, start.Add(test.forgotten-1))
		if r.Len() != 1 {
			t.Errorf("seen after %v: forgotten before %v", test.seen, test.forgotten)
		}
		sweepUntil(r, start.Add(test.forgotten))
		if r.Len() != 0 || r.Seen(start.Add(test.forgotten), "f-1") {
			t.Errorf("seen after %v: still known after the sweep at %v", test.seen, test.forgotten)
		}
	}
}

// The 10 min count from the last copy, known or not.
func TestEveryCopyRenewsTheMemory(t *testing.T) {
	r := newReceiver()
	now := start
	for copies := range 20 {
		sweepUntil(r, now)
		if got, want := r.Seen(now, "f-1"), copies > 0; got != want {
			t.Errorf("copy %d is known: %v, want %v", copies+1, got, want)
		}
		now = now.Add(9*time.Minute + 59*time.Second)
	}
	last := now.Add(-(9*time.Minute + 59*time.Second))
	sweepUntil(r, last.Add(15*time.Minute))
	if r.Len() != 0 {
		t.Error("still known 15 min after the last copy")
	}
}

func TestReceiverLateSweepKeepsThePhase(t *testing.T) {
	tests := []struct{ at, next time.Duration }{
		{5*time.Minute - 1, 5 * time.Minute}, // too early: nothing happens
		{5 * time.Minute, 10 * time.Minute},
		{9 * time.Minute, 10 * time.Minute},
		{10 * time.Minute, 15 * time.Minute},
		{24*time.Hour + 1, 24*time.Hour + 5*time.Minute},
	}
	for _, test := range tests {
		r := newReceiver()
		r.Seen(start, "f-1")
		r.Sweep(start.Add(test.at))
		if got := r.Next().Sub(start); got != test.next {
			t.Errorf("swept after %v: next after %v, want %v", test.at, got, test.next)
		}
		if got, want := r.Len() == 1, test.at < 10*time.Minute; got != want {
			t.Errorf("swept after %v: remembered %v, want %v", test.at, got, want)
		}
	}
}

func TestClear(t *testing.T) {
	r := newReceiver()
	next := r.Next()
	r.Seen(start, "f-1")
	r.Seen(start, "f-2")
	r.Clear()
	if r.Len() != 0 || r.Next() != next {
		t.Errorf("%d are remembered, next sweep %v", r.Len(), r.Next().Sub(start))
	}
	if r.Seen(start, "f-1") {
		t.Error("f-1 is known after Clear")
	}
	if !r.Seen(start, "f-1") {
		t.Error("f-1 is not remembered again after Clear")
	}
}

// A bounded memory never has more than its bound, knows the latest half of it, and
// forgets what is older by more than the whole.
func TestBoundedMemory(t *testing.T) {
	const limit = 10
	r := qos.NewReceiver(qos.DedupMemory, qos.DedupSweep, limit, start)
	name := func(n int) string { return fmt.Sprint("f-", n) }
	for n := range 100 {
		if r.Seen(start, name(n)) {
			t.Errorf("%s is known before it came", name(n))
		}
		if r.Len() > limit {
			t.Fatalf("%d are remembered, want %d at most", r.Len(), limit)
		}
	}
	for n := 100 - limit/2; n < 100; n++ {
		if !r.Seen(start, name(n)) {
			t.Errorf("%s is forgotten", name(n))
		}
	}
	for n := range 100 - limit {
		if r.Seen(start, name(n)) {
			t.Errorf("%s is still known", name(n))
		}
	}
}

// A copy makes a fingerprint one of the latest again.
func TestBoundedMemoryKeepsWhatIsRepeated(t *testing.T) {
	const limit = 10
	r := qos.NewReceiver(qos.DedupMemory, qos.DedupSweep, limit, start)
	for n := range 100 {
		if got, want := r.Seen(start, "again"), n > 0; got != want {
			t.Fatalf("after %d others it is known: %t, want %t", n, got, want)
		}
		r.Seen(start, fmt.Sprint("f-", n))
	}
}

// Both generations are swept and cleared.
func TestBoundedMemoryForgets(t *testing.T) {
	const limit = 10
	filled := func() *qos.Receiver {
		r := qos.NewReceiver(qos.DedupMemory, qos.DedupSweep, limit, start)
		for n := range 8 {
			r.Seen(start, fmt.Sprint("f-", n))
		}
		return r
	}
	r := filled()
	if sweepUntil(r, start.Add(10*time.Minute)); r.Len() != 0 {
		t.Errorf("%d are remembered after ten minutes", r.Len())
	}
	r = filled()
	if r.Clear(); r.Len() != 0 {
		t.Errorf("%d are remembered after Clear", r.Len())
	}
}

// A fingerprint takes the same memory whatever its length.
func TestLongFingerprintsAreNotKept(t *testing.T) {
	r := newReceiver()
	long := strings.Repeat("x", 1<<10)
	n := 0
	if got := testing.AllocsPerRun(100, func() {
		n++
		r.Seen(start, long[:n]) // a part of a text that is there anyway
		r.Clear()
	}); got != 0 {
		t.Errorf("%v allocations for a fingerprint, want none", got)
	}
}
