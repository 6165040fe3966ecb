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

// pathFake answers goAhead with news unless that is lost, and does to the echoes
// that measure the path what the test says.
type pathFake struct {
	losesNews  func(attempt int) bool       // counted from 1
	measuring  func(echo int) (copies int)  // copies of the answer; nil for one
	delayed    func(echo int) time.Duration // delay of the answer; nil for none
	attempts   int
	pathEchoes int
}

func (f *pathFake) handle(m wire.Message, l fakeLink) {
	switch {
	case m == goAhead:
		if f.attempts++; !f.losesNews(f.attempts) {
			l.send(news)
		}
	case m.Type == wire.TypeEcho && m.From.Is("path") && strings.HasPrefix(m.DataContent.Value(), "path-"):
		f.pathEchoes++
		f.answerPathEcho(m, l)
	default:
		oblige(m, l)
	}
}

func (f *pathFake) answerPathEcho(m wire.Message, l fakeLink) {
	copies := 1
	if f.measuring != nil {
		copies = f.measuring(f.pathEchoes)
	}
	for range copies {
		if f.delayed != nil && f.delayed(f.pathEchoes) > 0 {
			l.after(f.delayed(f.pathEchoes), wire.NewEchoResponse(m))
		} else {
			l.send(wire.NewEchoResponse(m))
		}
	}
}

// A failure that a single datagram explains counts when it happens twice on a path
// that loses none.
func TestSingleDatagrams(t *testing.T) {
	always := func(int) bool { return true }
	never := func(int) bool { return false }
	firstTime := func(attempt int) bool { return attempt == 1 }
	copiesOf50th := func(copies int) func(int) int {
		return func(echo int) int {
			if echo == 50 {
				return copies
			}
			return 1
		}
	}
	for _, test := range []struct {
		name         string
		kind         wire.Transport
		fake         pathFake
		impair       []string
		want         reports.Verdict
		wantReason   string
		wantAttempts int
		wantEchoes   int
	}{
		{"it comes", wire.UDP, pathFake{losesNews: never}, nil, reports.Pass, "", 1, 0},
		{"missing twice", wire.UDP, pathFake{losesNews: always}, nil, reports.Fail, "nothing within 5s", 2, pathEchoes},
		{"missing once", wire.UDP, pathFake{losesNews: firstTime}, nil, reports.Inconclusive, "the second time all went well", 2, pathEchoes},
		{"missing on a path that loses", wire.UDP, pathFake{losesNews: always, measuring: copiesOf50th(0)}, nil,
			reports.Inconclusive, "of 100 echoes sent then 1 were lost, 0 doubled, 0 overtaken", 1, pathEchoes},
		{"missing on a path that doubles", wire.UDP, pathFake{losesNews: always, measuring: copiesOf50th(2)}, nil,
			reports.Inconclusive, "0 were lost, 1 doubled, 0 overtaken", 1, pathEchoes},
		{"missing on a path that reorders", wire.UDP, pathFake{losesNews: always, delayed: func(echo int) time.Duration {
			if echo == 50 {
				return 3 * time.Millisecond // pathInterval is 2 ms
			}
			return 0
		}}, nil, reports.Inconclusive, "0 were lost, 0 doubled, 1 overtaken", 1, pathEchoes},
		{"missing on a path that is impaired", wire.UDP, pathFake{losesNews: always}, []string{"udp out: reorder=0.001%, seed=1"},
			reports.Inconclusive, "the path is impaired", 1, 0},
		{"missing on a path that is only slow", wire.UDP, pathFake{losesNews: always}, []string{"udp: delay=50ms"},
			reports.Fail, "nothing within 5.1s", 2, pathEchoes},
		{"missing on a stream", wire.TCP, pathFake{losesNews: always}, nil, reports.Fail, "nothing within 5s", 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := test.fake
			r := fakeTest{kind: test.kind, handle: fake.handle, impair: test.impair}.run(t, func(s *Scene) { begin(s).Expect(news) })[0]
			if r.Verdict != test.want || !strings.Contains(r.Reason, test.wantReason) {
				t.Errorf("want %s, %q; got %s", test.want, test.wantReason, suite.Explain(r))
			}
			if fake.attempts != test.wantAttempts || fake.pathEchoes != test.wantEchoes {
				t.Errorf("the case was run %d times and %d echoes measured the path, want %d and %d",
					fake.attempts, fake.pathEchoes, test.wantAttempts, test.wantEchoes)
			}
		})
	}
}

// Another failure in the second attempt is the verdict.
func TestTheSecondAttemptDecides(t *testing.T) {
	fake := pathFake{losesNews: func(attempt int) bool { return attempt == 1 }}
	attempts := 0
	r := fakeTest{kind: wire.UDP, handle: fake.handle}.run(t, func(s *Scene) {
		attempts++
		begin(s).Expect(news)
		suite.Fail("this", fmt.Sprint("that, in attempt ", attempts))
	})[0]
	if r.Verdict != reports.Fail || r.Actual != "that, in attempt 2" {
		t.Error(suite.Explain(r))
	}
}

// Cases that miss a datagram at the same time measure the path once.
func TestMeasurementsAreShared(t *testing.T) {
	fake := pathFake{losesNews: func(int) bool { return true }}
	results := fakeTest{kind: wire.UDP, handle: fake.handle, cases: 3}.run(t, func(s *Scene) { begin(s).Expect(news) })
	for _, r := range results {
		if r.Verdict != reports.Fail {
			t.Error(suite.Explain(r))
		}
	}
	if fake.attempts != 6 || fake.pathEchoes != pathEchoes {
		t.Errorf("%d attempts of 3 cases, %d echoes; want 6 and %d", fake.attempts, fake.pathEchoes, pathEchoes)
	}
}
