package qos_test

import (
	"slices"
	"testing"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// start is any moment: the rules know differences only.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// step is the resolution at which the phases of a send within a sweep are tried.
const step = 100 * time.Millisecond

func message(fp string) wire.Message { return wire.NewQoSData("a", "b", "content of "+fp, fp) }

// outcome has the times of one message's copies and loss since it was sent.
type outcome struct {
	again []time.Duration
	lost  time.Duration
}

// follow sends one message when phase of a sweep has passed and sweeps when
// the sender asks for it, until the message is lost.
func follow(t *testing.T, policy qos.Policy, phase time.Duration) outcome {
	t.Helper()
	s := qos.NewSender(policy, start)
	sent, m := start.Add(phase), message("f-1")
	s.Sent(sent, m)
	var seen outcome
	for range 10 {
		now := s.Next()
		again, lost := s.Sweep(now)
		for _, copied := range slices.Concat(again, lost) {
			if copied != m {
				t.Fatalf("phase %v: the copy is %s, want %s", phase, copied, m)
			}
		}
		if len(again)+len(lost) > 1 {
			t.Fatalf("phase %v: one sweep gives %d copies and %d losses", phase, len(again), len(lost))
		}
		if len(again) == 1 {
			seen.again = append(seen.again, now.Sub(sent))
		}
		if len(lost) == 1 {
			seen.lost = now.Sub(sent)
			break
		}
	}
	if seen.lost == 0 || s.Waiting() != 0 {
		t.Fatalf("phase %v: lost after %v, %d messages still wait", phase, seen.lost, s.Waiting())
	}
	return seen
}

// §4: second copy 2–7 s after the first, exactly one, lost 5 s after it.
func TestServerPolicy(t *testing.T) {
	for phase := time.Duration(0); phase < 5*time.Second; phase += step {
		want := 5*time.Second - phase
		if want <= 2*time.Second {
			want += 5 * time.Second // not yet older than 2 s at the first sweep
		}
		got := follow(t, qos.ServerPolicy, phase)
		if !slices.Equal(got.again, []time.Duration{want}) || got.lost != want+5*time.Second {
			t.Errorf("phase %v: copies after %v, lost after %v; want %v and %v", phase, got.again, got.lost, want, want+5*time.Second)
		}
		if want <= 2*time.Second || want > 7*time.Second {
			t.Errorf("phase %v: the second copy after %v is out of (2s, 7s]", phase, want)
		}
	}
}

// §4: first copy again after 3–8 s, second 5 s later, lost 5 s after that.
func TestClientPolicy(t *testing.T) {
	for phase := time.Duration(0); phase < 5*time.Second; phase += step {
		want := 5*time.Second - phase
		if want <= 3*time.Second {
			want += 5 * time.Second // not yet older than 3 s at the first sweep
		}
		got := follow(t, qos.ClientPolicy, phase)
		if !slices.Equal(got.again, []time.Duration{want, want + 5*time.Second}) || got.lost != want+10*time.Second {
			t.Errorf("phase %v: copies after %v, lost after %v; want the first after %v", phase, got.again, got.lost, want)
		}
		if want <= 3*time.Second || want > 8*time.Second {
			t.Errorf("phase %v: the first copy after %v is out of (3s, 8s]", phase, want)
		}
	}
}

// The bounds are exact to the nanosecond: a message has to be older than the
// minimum, not as old.
func TestMinAgeIsExclusive(t *testing.T) {
	tests := []struct {
		name   string
		policy qos.Policy
		phase  time.Duration
		want   time.Duration
	}{
		{"server, 2 s old", qos.ServerPolicy, 3 * time.Second, 7 * time.Second},
		{"server, over 2 s old", qos.ServerPolicy, 3*time.Second - 1, 2*time.Second + 1},
		{"client, 3 s old", qos.ClientPolicy, 2 * time.Second, 8 * time.Second},
		{"client, over 3 s old", qos.ClientPolicy, 2*time.Second - 1, 3*time.Second + 1},
	}
	for _, test := range tests {
		if got := follow(t, test.policy, test.phase); got.again[0] != test.want {
			t.Errorf("%s: first copy after %v, want %v", test.name, got.again[0], test.want)
		}
	}
}

// A sender that never retries still gives a young message its time.
func TestNoRetries(t *testing.T) {
	policy := qos.Policy{Sweep: 5 * time.Second, MinAge: 2 * time.Second}
	for phase, want := range map[time.Duration]time.Duration{0: 5 * time.Second, 4 * time.Second: 6 * time.Second} {
		if got := follow(t, policy, phase); len(got.again) != 0 || got.lost != want {
			t.Errorf("phase %v: copies after %v, lost after %v; want none and %v", phase, got.again, got.lost, want)
		}
	}
}

// sweepAt sweeps and returns the fingerprints that came out.
func sweepAt(s *qos.Sender, now time.Time) (again, lost []string) {
	copies, losses := s.Sweep(now)
	return fingerprints(copies), fingerprints(losses)
}

func fingerprints(messages []wire.Message) []string {
	var fps []string
	for _, m := range messages {
		fps = append(fps, m.Fingerprint.Value())
	}
	return fps
}

func TestAcknowledged(t *testing.T) {
	for sweeps := range 3 { // ACK before the first copy, after it, after the second
		s := qos.NewSender(qos.ClientPolicy, start)
		s.Sent(start, message("f-1"))
		s.Sent(start, message("f-2"))
		for range sweeps {
			s.Sweep(s.Next())
		}
		if m, ok := s.Acknowledged("f-1"); !ok || m != message("f-1") {
			t.Errorf("after %d sweeps: the ACK gives %s, %v", sweeps, m, ok)
		}
		if m, ok := s.Acknowledged("f-1"); ok || m != (wire.Message{}) {
			t.Errorf("after %d sweeps: the second ACK gives %s, %v", sweeps, m, ok)
		}
		again, lost := sweepAt(s, s.Next())
		if out := slices.Concat(again, lost); !slices.Equal(out, []string{"f-2"}) {
			t.Errorf("after %d sweeps and an ACK of f-1 the next sweep gives %v", sweeps, out)
		}
	}
}

func TestAcknowledgedUnknown(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, message("f-1"))
	for _, fp := range []string{"", "f-2", "F-1"} {
		if m, ok := s.Acknowledged(fp); ok || m != (wire.Message{}) {
			t.Errorf("ACK of %q gives %s, %v", fp, m, ok)
		}
	}
	if s.Waiting() != 1 {
		t.Errorf("%d messages wait, want 1", s.Waiting())
	}
}

// An ACK that comes when the message was given up changes nothing.
func TestAcknowledgedTooLate(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, message("f-1"))
	s.Sweep(s.Next())
	if _, lost := sweepAt(s, s.Next()); len(lost) != 1 {
		t.Fatalf("lost %v, want f-1", lost)
	}
	if m, ok := s.Acknowledged("f-1"); ok {
		t.Errorf("the ACK of a lost message gives %s", m)
	}
}

// A message that is sent again by its owner keeps its age, its place and its
// first form.
func TestSentTwice(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, message("f-1"))
	s.Sent(start, message("f-2"))
	other := message("f-1")
	other.DataContent = wire.Some("another content")
	s.Sent(start.Add(4*time.Second), other)
	again, _ := s.Sweep(s.Next())
	if !slices.Equal(again, []wire.Message{message("f-1"), message("f-2")}) || s.Waiting() != 2 {
		t.Errorf("copies %v, %d wait", again, s.Waiting())
	}
}

// A fingerprint may be used again when its message was acknowledged or lost.
func TestSentAfterTheEnd(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, message("f-1"))
	s.Acknowledged("f-1")
	s.Sent(start.Add(4*time.Second), message("f-1"))
	if again, _ := sweepAt(s, s.Next()); len(again) != 0 {
		t.Errorf("the second use has the age of the first: copies %v", again)
	}
	if again, _ := sweepAt(s, s.Next()); !slices.Equal(again, []string{"f-1"}) {
		t.Errorf("copies %v, want f-1", again)
	}
}

func TestSentWithoutFingerprint(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, wire.NewData("a", "b", "x"))
	if s.Waiting() != 0 {
		t.Errorf("%d messages wait, want none", s.Waiting())
	}
	empty := message("")
	s.Sent(start, empty) // an empty fingerprint is one
	if m, ok := s.Acknowledged(""); !ok || m != empty {
		t.Errorf("the ACK of an empty fingerprint gives %s, %v", m, ok)
	}
}

func TestAbandon(t *testing.T) {
	s := qos.NewSender(qos.ClientPolicy, start)
	next := s.Next()
	for _, fp := range []string{"c", "a", "b", "d"} {
		s.Sent(start, message(fp))
	}
	s.Acknowledged("a")
	if got := fingerprints(s.Abandon()); !slices.Equal(got, []string{"c", "b", "d"}) {
		t.Errorf("abandoned %v, want c b d", got)
	}
	if got := s.Abandon(); len(got) != 0 || s.Waiting() != 0 {
		t.Errorf("abandoned again: %v, %d wait", got, s.Waiting())
	}
	if s.Next() != next {
		t.Errorf("the next sweep moved to %v", s.Next())
	}
	s.Sent(start, message("e"))
	if again, lost := sweepAt(s, next); !slices.Equal(again, []string{"e"}) || len(lost) != 0 {
		t.Errorf("after Abandon: copies %v, lost %v", again, lost)
	}
}

// The order of sending is kept, whichever messages leave between.
func TestOrder(t *testing.T) {
	all := []string{"d", "a", "e", "b", "c"}
	for i, acknowledged := range all {
		s := qos.NewSender(qos.ServerPolicy, start)
		for _, fp := range all {
			s.Sent(start, message(fp))
		}
		s.Acknowledged(acknowledged)
		s.Sent(start, message("last"))
		want := append(slices.Delete(slices.Clone(all), i, i+1), "last")
		if again, _ := sweepAt(s, s.Next()); !slices.Equal(again, want) {
			t.Errorf("without %s: copies %v, want %v", acknowledged, again, want)
		}
		if _, lost := sweepAt(s, s.Next()); !slices.Equal(lost, want) {
			t.Errorf("without %s: lost %v, want %v", acknowledged, lost, want)
		}
	}
}

// One sweep may give copies of young messages and losses of old ones.
func TestCopiesAndLossesTogether(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, message("old"))
	s.Sweep(s.Next())
	s.Sent(start.Add(6*time.Second), message("young"))
	again, lost := sweepAt(s, s.Next())
	if !slices.Equal(again, []string{"young"}) || !slices.Equal(lost, []string{"old"}) {
		t.Errorf("copies %v, lost %v", again, lost)
	}
}

func TestSweepTooEarly(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	s.Sent(start, message("f-1"))
	again, lost := sweepAt(s, start.Add(5*time.Second-1))
	if len(again)+len(lost) != 0 || s.Next() != start.Add(5*time.Second) {
		t.Errorf("copies %v, lost %v, next after %v", again, lost, s.Next().Sub(start))
	}
}

// However late a sweep is, the next one is due at a multiple of 5 s after the
// start, and the late one counts once.
func TestLateSweepKeepsThePhase(t *testing.T) {
	tests := []struct{ at, next time.Duration }{
		{5 * time.Second, 10 * time.Second},
		{7300 * time.Millisecond, 10 * time.Second},
		{10*time.Second - 1, 10 * time.Second},
		{10 * time.Second, 15 * time.Second},
		{63 * time.Second, 65 * time.Second},
		{time.Hour, time.Hour + 5*time.Second},
	}
	for _, test := range tests {
		s := qos.NewSender(qos.ServerPolicy, start)
		s.Sent(start, message("f-1"))
		again, lost := sweepAt(s, start.Add(test.at))
		if len(again) != 1 || len(lost) != 0 {
			t.Errorf("swept after %v: copies %v, lost %v", test.at, again, lost)
		}
		if got := s.Next().Sub(start); got != test.next {
			t.Errorf("swept after %v: next after %v, want %v", test.at, got, test.next)
		}
	}
}

// FirstSent knows what waits, and whether it was sent again.
func TestFirstSent(t *testing.T) {
	s := qos.NewSender(qos.ServerPolicy, start)
	sent := start.Add(time.Second)
	s.Sent(sent, message("f-1"))
	for _, want := range []bool{false, true} {
		if at, again, ok := s.FirstSent("f-1"); !ok || again != want || !at.Equal(sent) {
			t.Errorf("first sent at %v, again %v, waiting %v; want %v, %v, true", at, again, ok, sent, want)
		}
		s.Sweep(s.Next())
	}
	if _, _, ok := s.FirstSent("f-1"); ok {
		t.Error("it is lost and still known")
	}
}
