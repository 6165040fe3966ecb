package server

import (
	"strings"
	"testing"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// A target that is slow to answer echoes may be late with what is measured, by as
// much as its answers were; nothing explains that it is early.
func TestSlowTargets(t *testing.T) {
	const nominal, ms = 7 * time.Second, time.Millisecond
	for _, test := range []struct {
		name    string
		answers time.Duration // lag of each
		took    time.Duration // measured time
		want    reports.Verdict
	}{
		{"on time", 300 * ms, nominal, reports.Pass},
		{"late within the tolerance", 300 * ms, nominal + 100*ms, reports.Pass},
		{"late, and so are the answers", 300 * ms, nominal + 400*ms, reports.Inconclusive},
		{"later than the answers", 300 * ms, nominal + 401*ms, reports.Fail},
		{"late, while the answers are prompt", 0, nominal + 101*ms, reports.Fail},
		{"early within the tolerance", 300 * ms, nominal - 100*ms, reports.Pass},
		{"early, while the answers are late", 300 * ms, nominal - 101*ms, reports.Fail},
	} {
		for _, kind := range []wire.Transport{wire.UDP, wire.TCP} {
			t.Run(test.name+"/"+kind.String(), func(t *testing.T) {
				handle := func(m wire.Message, l fakeLink) {
					if m.From.Is("busy?") {
						l.after(test.answers, wire.NewEchoResponse(m))
						return
					}
					oblige(m, l)
				}
				r := fakeTest{kind: kind, handle: handle}.run(t, func(s *Scene) {
					from := time.Now()
					s.Wait(test.took)
					s.Measure("pause", from, time.Now(), nominal, nominal)
				})[0]
				if r.Verdict != test.want || test.want == reports.Inconclusive && !strings.Contains(r.Reason, "to answer meanwhile") {
					t.Errorf("want %s, got %s", test.want, suite.Explain(r))
				}
			})
		}
	}
}

// An echo that a target does not answer at all makes it slow as well, and one that
// hangs up does not keep the run from going on.
func TestTargetsThatAnswerNoEcho(t *testing.T) {
	for name, test := range map[string]struct {
		busy func(wire.Message, fakeLink)
		want reports.Verdict
	}{
		"silent":   {func(wire.Message, fakeLink) {}, reports.Inconclusive},
		"hangs up": {func(_ wire.Message, l fakeLink) { l.end() }, reports.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			handle := func(m wire.Message, l fakeLink) {
				if m.From.Is("busy?") {
					if asked++; asked == 4 {
						test.busy(m, l)
						return
					}
				}
				oblige(m, l)
			}
			r := fakeTest{kind: wire.TCP, handle: handle}.run(t, func(s *Scene) {
				from := time.Now()
				s.Wait(4 * time.Second)
				s.Measure("pause", from, time.Now(), time.Second, time.Second)
			})[0]
			if r.Verdict != test.want {
				t.Errorf("want %s, got %s", test.want, suite.Explain(r))
			}
		})
	}
}

// A target that answers again after a silence was slow all the same, unless a
// datagram may have been lost.
func TestTargetsThatWereSilentForAWhile(t *testing.T) {
	for kind, want := range map[wire.Transport]reports.Verdict{wire.UDP: reports.Fail, wire.TCP: reports.Inconclusive} {
		asked := 0
		handle := func(m wire.Message, l fakeLink) {
			if m.From.Is("busy?") {
				if asked++; asked == 4 {
					return
				}
			}
			oblige(m, l)
		}
		r := fakeTest{kind: kind, handle: handle}.run(t, func(s *Scene) {
			from := time.Now()
			s.Wait(8 * time.Second)
			s.Measure("pause", from, time.Now(), 3*time.Second, 3*time.Second)
		})[0]
		if r.Verdict != want {
			t.Errorf("%s: want %s, got %s", kind, want, suite.Explain(r))
		}
	}
}

// A UDP session may be forgotten late by as much as the target's answers are late.
func TestSlowTargetsForgetLate(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name    string
		answers time.Duration // lag of each
		forgets time.Duration // after the last keep-alive
		want    reports.Verdict
	}{
		{"on time", 0, 7000 * ms, reports.Pass},
		{"early", 0, 6850 * ms, reports.Fail},
		{"early, while the answers are late", 300 * ms, 6850 * ms, reports.Fail},
		{"late within the tolerance", 0, 7099 * ms, reports.Pass},
		{"late", 0, 7150 * ms, reports.Fail},
		{"late, and so are the answers", 300 * ms, 7350 * ms, reports.Pass},
		{"later than the answers", 300 * ms, 7450 * ms, reports.Fail},
	} {
		t.Run(test.name, func(t *testing.T) {
			seen := map[string]time.Time{} // when each user said something
			handle := func(m wire.Message, l fakeLink) {
				switch last, known := seen[m.From.Value()]; {
				case m.From.Is("busy?"):
					l.after(test.answers, wire.NewEchoResponse(m))
				case m.Type == wire.TypeKeepAlive && known && time.Since(last) >= test.forgets:
					l.send(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, m))
				default:
					seen[m.From.Value()] = time.Now()
					oblige(m, l)
				}
			}
			r := fakeTest{kind: wire.UDP, handle: handle}.run(t, func(s *Scene) {
				s.KeepSilent()
				before, after := s.Connect("before"), s.Connect("after")
				before.User, after.User = "u", "v"
				s.MeasureForgotten(before, after, "expiry", before.KeepAlive(), after.KeepAlive(), 7*time.Second)
				s.WaitUntil(time.Now().Add(time.Second))
			})[0]
			if r.Verdict != test.want {
				t.Errorf("want %s, got %s", test.want, suite.Explain(r))
			}
		})
	}
}
