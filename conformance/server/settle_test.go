package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// The messages that the fake target sends of itself, a QoS message and one
// without, and the message of the case that has it do so.
var (
	news     = wire.NewData(wire.ServerID, "u", "news")
	qosNews  = wire.NewQoSData(wire.ServerID, "u", "news", "fp")
	goAhead  = wire.NewData("u", wire.ServerID, "go ahead")
	late301  = wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u"))
	other302 = wire.NewErrorResponse(302, wire.NewKeepAlive("u"))
)

// sending is a message that a fake target sends so long after goAhead.
type sending struct {
	after   time.Duration
	message wire.Message
}

// onGoAhead sends messages on request.
func onGoAhead(sendings ...sending) fakeHandler {
	return func(m wire.Message, l fakeLink) {
		if m != goAhead {
			oblige(m, l)
			return
		}
		for _, s := range sendings {
			if s.after == 0 {
				l.send(s.message)
			} else {
				l.after(s.after, s.message)
			}
		}
	}
}

// begin connects, and has the fake target send what the test says.
func begin(s *Scene) *Peer {
	p := s.Connect("u")
	p.User = "u"
	p.Probe()
	p.Send(goAhead)
	return p
}

// longWait is longer than any copy may take to come.
const longWait = 10 * time.Second

// What came and was not asked for fails the case at its end, unless §7 explains it.
func TestNothingElseMayCome(t *testing.T) {
	const ms = time.Millisecond
	asks := func(m wire.Message) func(*Scene) {
		return func(s *Scene) {
			begin(s).Expect(m)
			s.Wait(longWait)
		}
	}
	asksOnce := func(s *Scene) {
		s.ExpectEveryCopy(qosNews)
		asks(qosNews)(s)
	}
	allows := func(n int, m wire.Message) func(*Scene) {
		return func(s *Scene) {
			begin(s).Allow(n, m)
			s.Wait(longWait)
		}
	}
	both := []wire.Transport{wire.UDP, wire.TCP}
	udp, tcp := both[:1], both[1:]
	for _, test := range []struct {
		name     string
		on       []wire.Transport
		sendings []sending
		run      func(*Scene)
		want     reports.Verdict
	}{
		{"what was asked for", both, []sending{{0, news}}, asks(news), reports.Pass},
		{"what nobody asked for", both, []sending{{0, news}}, func(s *Scene) { begin(s) }, reports.Fail},
		{"late, while the case settles", both, []sending{{1999 * ms, news}}, func(s *Scene) { begin(s) }, reports.Fail},
		{"a message to another", both, []sending{{0, news}, {0, wire.NewData(wire.ServerID, "v", "news")}}, asks(news), reports.Fail},

		{"a copy at once", udp, []sending{{0, news}, {0, news}}, asks(news), reports.Pass},
		{"a copy at once", tcp, []sending{{0, news}, {0, news}}, asks(news), reports.Fail},
		{"the last copy of a path", udp, []sending{{0, news}, {pathCopy, news}}, asks(news), reports.Pass},
		{"a copy later than a path makes it", udp, []sending{{0, news}, {pathCopy + ms, news}}, asks(news), reports.Fail},

		{"copies of copies", udp, []sending{{0, news}, {1000 * ms, news}, {2000 * ms, news}}, asks(news), reports.Fail},

		{"the earliest retransmission", both, []sending{{0, qosNews}, {1600 * ms, qosNews}}, asks(qosNews), reports.Pass},
		{"a retransmission that is too early", tcp, []sending{{0, qosNews}, {999 * ms, qosNews}}, asks(qosNews), reports.Fail},
		{"the earliest retransmission", tcp, []sending{{0, qosNews}, {1000 * ms, qosNews}}, asks(qosNews), reports.Pass},
		{"the latest retransmission", both, []sending{{0, qosNews}, {8000 * ms, qosNews}}, asks(qosNews), reports.Pass},
		{"a retransmission that is too late", both, []sending{{0, qosNews}, {8001 * ms, qosNews}}, asks(qosNews), reports.Fail},
		{"two retransmissions", both, []sending{{0, qosNews}, {3000 * ms, qosNews}, {6000 * ms, qosNews}}, asks(qosNews), reports.Fail},
		{"a retransmission without QoS", both, []sending{{0, news}, {3000 * ms, news}}, asks(news), reports.Fail},
		{"a retransmission of what nobody asked for", both, []sending{{0, news}, {3000 * ms, qosNews}}, asks(news), reports.Fail},
		{"a retransmission where every copy is asked for", both, []sending{{0, qosNews}, {3000 * ms, qosNews}}, asksOnce, reports.Fail},

		{"what is allowed need not come", both, nil, allows(1, news), reports.Pass},
		{"what is allowed", both, []sending{{3000 * ms, news}}, allows(1, news), reports.Pass},
		{"more than is allowed", both, []sending{{3000 * ms, news}, {6000 * ms, news}}, allows(1, news), reports.Fail},
		{"as much as is allowed", both, []sending{{3000 * ms, news}, {6000 * ms, news}}, allows(2, news), reports.Pass},
		{"something else than is allowed", both, []sending{{0, qosNews}}, allows(1, news), reports.Fail},

		{"an error 301 to a session that may be over", udp, []sending{{0, late301}}, func(s *Scene) { begin(s).AllowEnd() }, reports.Pass},
		{"an error 301 to a session that may be over", tcp, []sending{{0, late301}}, func(s *Scene) { begin(s).AllowEnd() }, reports.Fail},
		{"an error 301 to a session that is there", both, []sending{{0, late301}}, func(s *Scene) { begin(s) }, reports.Fail},
		{"another error to a session that may be over", both, []sending{{0, other302}}, func(s *Scene) { begin(s).AllowEnd() }, reports.Fail},
	} {
		for _, kind := range test.on {
			t.Run(fmt.Sprintf("%s/%s", test.name, kind), func(t *testing.T) {
				for _, r := range (fakeTest{kind: kind, handle: onGoAhead(test.sendings...)}).run(t, test.run) {
					if r.Verdict != test.want {
						t.Errorf("want %s, got %s", test.want, suite.Explain(r))
					}
					if r.Verdict == reports.Fail && r.Expected != "nothing further on u" {
						t.Errorf("it fails for another reason: %s", suite.Explain(r))
					}
				}
			})
		}
	}
}

// A stream that ends is like a message that nobody asked for.
func TestEndOfAStream(t *testing.T) {
	hangUp := func(m wire.Message, l fakeLink) {
		if m == goAhead {
			time.AfterFunc(time.Second, l.end)
			return
		}
		oblige(m, l)
	}
	for _, test := range []struct {
		name string
		run  func(*Scene)
		want reports.Verdict
	}{
		{"unexpected", func(s *Scene) { begin(s); s.Wait(longWait) }, reports.Fail},
		{"unexpected, while the case settles", func(s *Scene) { begin(s) }, reports.Fail},
		{"allowed", func(s *Scene) { begin(s).AllowEnd(); s.Wait(longWait) }, reports.Pass},
		{"asked for", func(s *Scene) { begin(s).ExpectClosed() }, reports.Pass},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range (fakeTest{kind: wire.TCP, handle: hangUp}).run(t, test.run) {
				if r.Verdict != test.want {
					t.Errorf("want %s, got %s", test.want, suite.Explain(r))
				}
			}
		})
	}
}

// A session may expire while the case waits for something else, and what is sent to
// keep it up comes too late then.
func TestExpiryMeanwhile(t *testing.T) {
	for expiry, want := range map[time.Duration]reports.Verdict{
		7 * time.Second:         reports.Pass,
		6899 * time.Millisecond: reports.Fail,
	} {
		sends := onGoAhead(sending{4 * time.Second, news}, sending{7900 * time.Millisecond, qosNews})
		handle := func(m wire.Message, l fakeLink) {
			if m.From.Is("quiet") {
				time.AfterFunc(expiry, l.end)
			}
			sends(m, l)
		}
		r := fakeTest{kind: wire.TCP, handle: handle}.run(t, func(s *Scene) {
			quiet := s.Connect("quiet")
			quiet.User = "quiet"
			quiet.Probe()
			p := begin(s)
			p.Expect(news)
			p.Expect(qosNews)
			s.Wait(time.Second)
		})[0]
		if r.Verdict != want {
			t.Errorf("expiry after %v: want %s, got %s", expiry, want, suite.Explain(r))
		}
	}
}

// An answer that may be missing may not come twice either.
func TestAnswerOrEnd(t *testing.T) {
	for copies, want := range map[int]reports.Verdict{0: reports.Fail, 1: reports.Pass, 2: reports.Fail} {
		handle := func(m wire.Message, l fakeLink) {
			if m != goAhead {
				oblige(m, l)
				return
			}
			for range copies {
				l.send(news)
			}
		}
		r := fakeTest{kind: wire.TCP, handle: handle}.run(t, func(s *Scene) { begin(s).ExpectOrClosed(news) })[0]
		if r.Verdict != want {
			t.Errorf("%d copies: want %s, got %s", copies, want, suite.Explain(r))
		}
	}
}

// What is sent to a user may come on any connection of theirs, and counts once.
func TestAllowancesOfAUser(t *testing.T) {
	for copies, want := range map[int]reports.Verdict{1: reports.Pass, 2: reports.Fail} {
		sendings := make([]sending, copies)
		for i := range sendings {
			sendings[i] = sending{time.Duration(i+1) * 3 * time.Second, news}
		}
		results := fakeTest{kind: wire.TCP, handle: onGoAhead(sendings...)}.run(t, func(s *Scene) {
			old := s.Connect("old")
			old.User = "u"
			old.Allow(1, news)
			begin(s)
			s.Wait(longWait)
		})
		if results[0].Verdict != want {
			t.Errorf("%d copies: want %s, got %s", copies, want, suite.Explain(results[0]))
		}
	}
}

// The end of a case shows that the server is still there.
func TestTheLastEchoHasToBeAnswered(t *testing.T) {
	for _, kind := range []wire.Transport{wire.UDP, wire.TCP} {
		mute := false
		handle := func(m wire.Message, l fakeLink) {
			mute = mute || m == goAhead
			if !mute || !m.From.Is("u") { // the harness asks for others
				oblige(m, l)
			}
		}
		r := fakeTest{kind: kind, handle: handle}.run(t, func(s *Scene) { begin(s) })[0]
		if r.Verdict != reports.Fail || !strings.Contains(r.Expected, "echo response") || r.Actual != "nothing within 5s" {
			t.Errorf("%s: %s", kind, suite.Explain(r))
		}
	}
}
