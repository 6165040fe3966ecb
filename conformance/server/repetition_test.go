package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// requestLog notes when requests come to a fake target, counted from the first.
type requestLog struct {
	times []time.Duration
	first time.Time
}

func (l *requestLog) note() {
	if l.first.IsZero() {
		l.first = time.Now()
	}
	l.times = append(l.times, time.Since(l.first))
}

// requests are echoes with this content.
const request = "request"

func isRequest(m wire.Message) bool { return m.Type == wire.TypeEcho && m.DataContent.Is(request) }

// ask makes round trips.
func ask(trips int) func(*Scene) {
	return func(s *Scene) {
		p := s.Connect("u")
		p.User = "u"
		echo := wire.NewEcho(p.User, request)
		for range trips {
			p.SendUntil(echo, p.Gets(wire.NewEchoResponse(echo)))
			s.Wait(20 * time.Second) // the next request is far from all answers to this one
		}
	}
}

// inMs makes durations of milliseconds.
func inMs(all ...int) (durations []time.Duration) {
	for _, n := range all {
		durations = append(durations, time.Duration(n)*time.Millisecond)
	}
	return durations
}

// A datagram is sent again until it is answered, as often as its time allows; on a
// stream nothing is sent again.
func TestRequestsAreRepeatedOnUDPOnly(t *testing.T) {
	var seventeen []int
	for i := range 17 { // within 5 s
		seventeen = append(seventeen, 300*i)
	}
	for _, test := range []struct {
		name     string
		kind     wire.Transport
		lost     int           // number of requests that are not answered
		after    time.Duration // lag of the others
		want     []int         // times of the requests, in ms
		verdict  reports.Verdict
		actually string
	}{
		{name: "answered at once", kind: wire.UDP, want: []int{0}, verdict: reports.Pass},
		{name: "answered just in time", kind: wire.UDP, after: 299 * time.Millisecond, want: []int{0}, verdict: reports.Pass},
		{name: "answered late", kind: wire.UDP, after: 301 * time.Millisecond, want: []int{0, 300}, verdict: reports.Pass},
		{name: "two lost", kind: wire.UDP, lost: 2, want: []int{0, 300, 600}, verdict: reports.Pass},
		{name: "sixteen lost", kind: wire.UDP, lost: 16, want: seventeen, verdict: reports.Pass},
		{name: "all lost", kind: wire.UDP, lost: 1000, want: seventeen, verdict: reports.Fail, actually: "nothing within 5s"},
		{name: "answered at once", kind: wire.TCP, want: []int{0}, verdict: reports.Pass},
		{name: "answered late", kind: wire.TCP, after: 4999 * time.Millisecond, want: []int{0}, verdict: reports.Pass},
		{name: "not answered", kind: wire.TCP, lost: 1000, want: []int{0}, verdict: reports.Fail, actually: "nothing within 5s"},
	} {
		t.Run(fmt.Sprintf("%s/%s", test.name, test.kind), func(t *testing.T) {
			var requests requestLog
			handle := func(m wire.Message, l fakeLink) {
				if !isRequest(m) {
					oblige(m, l)
					return
				}
				if requests.note(); len(requests.times) > test.lost {
					l.after(test.after, wire.NewEchoResponse(m))
				}
			}
			r := fakeTest{kind: test.kind, handle: handle}.run(t, ask(1))[0]
			if r.Verdict != test.verdict || r.Actual != test.actually {
				t.Errorf("want %s, %q; got %s", test.verdict, test.actually, suite.Explain(r))
			}
			if !slices.Equal(requests.times, inMs(test.want...)) {
				t.Errorf("requests came after %v, want %v ms", requests.times, test.want)
			}
		})
	}
}

// Where answers take long a request is repeated less often.
func TestRepetitionAdaptsToSlowAnswers(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		want  []int // copies of each request
	}{
		{100 * time.Millisecond, []int{1, 1, 1}},
		{500 * time.Millisecond, []int{2, 1, 1}},   // then only after 1 s
		{2900 * time.Millisecond, []int{10, 2, 2}}, // then after 1.5 s, never later
	} {
		t.Run(test.after.String(), func(t *testing.T) {
			var requests requestLog
			handle := func(m wire.Message, l fakeLink) {
				if !isRequest(m) {
					oblige(m, l)
					return
				}
				requests.note()
				l.after(test.after, wire.NewEchoResponse(m))
			}
			r := fakeTest{kind: wire.UDP, handle: handle}.run(t, ask(len(test.want)))[0]
			if r.Verdict != reports.Pass {
				t.Error(suite.Explain(r))
			}
			var got []int
			for i, at := range requests.times {
				if i == 0 || at-requests.times[i-1] > 10*time.Second {
					got = append(got, 0)
				}
				got[len(got)-1]++
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("requests came %v times, want %v", got, test.want)
			}
		})
	}
}

// What an answer causes with another user may be wanted of the same request.
func TestEveryWantHasToBeMet(t *testing.T) {
	for answers, want := range map[int]reports.Verdict{1: reports.Fail, 2: reports.Pass} {
		handle := func(m wire.Message, l fakeLink) {
			if isRequest(m) && answers == 2 {
				l.send(news)
			}
			oblige(m, l)
		}
		for _, kind := range []wire.Transport{wire.UDP, wire.TCP} {
			r := fakeTest{kind: kind, handle: handle}.run(t, func(s *Scene) {
				p := s.Connect("u")
				p.User = "u"
				echo := wire.NewEcho(p.User, request)
				p.SendUntil(echo, p.Gets(wire.NewEchoResponse(echo)), p.Gets(news))
			})[0]
			if r.Verdict != want || want == reports.Fail && !strings.Contains(r.Expected, "news") {
				t.Errorf("%d answers on %s: want %s, got %s", answers, kind, want, suite.Explain(r))
			}
		}
	}
}

// When the connection ends nothing is waited for any longer.
func TestTheEndOfAStreamEndsTheWait(t *testing.T) {
	handle := func(m wire.Message, l fakeLink) {
		if isRequest(m) {
			l.end()
			return
		}
		oblige(m, l)
	}
	var took time.Duration
	r := fakeTest{kind: wire.TCP, handle: handle}.run(t, func(s *Scene) {
		started := time.Now()
		defer func() { took = time.Since(started) }()
		ask(1)(s)
	})[0]
	if r.Verdict != reports.Fail || took != 0 || !strings.Contains(r.Actual, "closed") {
		t.Errorf("after %v: %s", took, suite.Explain(r))
	}
}

// Nothing in time is not a failure of the target when the harness itself was late for
// most of that time.
func TestNothingInTimeWhileTheHarnessWasLate(t *testing.T) {
	for lag, want := range map[time.Duration]reports.Verdict{
		2500 * time.Millisecond: reports.Fail,
		2501 * time.Millisecond: reports.Inconclusive,
	} {
		r := fakeTest{kind: wire.TCP}.run(t, func(s *Scene) {
			p := s.Connect("u")
			time.AfterFunc(4*time.Second, func() { s.Lag().Note(time.Now(), lag) })
			p.Expect(news)
		})[0]
		if r.Verdict != want {
			t.Errorf("lag %v: want %s, got %s", lag, want, suite.Explain(r))
		}
	}
}

// A message that is allowed explains neither that another is missing, nor is it
// what came instead.
func TestNothingInTimeButWhatIsAllowed(t *testing.T) {
	for lag, want := range map[time.Duration]reports.Verdict{0: reports.Fail, 2501 * time.Millisecond: reports.Inconclusive} {
		r := fakeTest{kind: wire.TCP, handle: onGoAhead(sending{0, news})}.run(t, func(s *Scene) {
			p := begin(s)
			p.Allow(1, news)
			time.AfterFunc(4*time.Second, func() { s.Lag().Note(time.Now(), lag) })
			p.Expect(qosNews)
		})[0]
		if r.Verdict != want || !strings.Contains(r.Reason, "nothing within 5s") {
			t.Errorf("lag %v: want %s, got %s", lag, want, suite.Explain(r))
		}
	}
}
