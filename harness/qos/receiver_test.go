package qos_test

import (
	"testing"
	"time"

	"imcheck/harness/qos"
)

// newReceiver has the memory of §4.
func newReceiver() *qos.Receiver {
	return qos.NewReceiver(qos.DedupMemory, qos.DedupSweep, start)
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
