package server

import (
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Any datagram may be lost (§7), so no verdict depends on a single one: on UDP a
// request is repeated until everything that it causes has come. On streams nothing is
// repeated.

// Want is something that has to come because of an action of the case.
type Want interface {
	// begin starts a use of the want: what came earlier does not count.
	begin(time.Time)
	// allow permits it to come once more: it is called each time the case repeats the
	// action.
	allow()
	// met waits until a moment for it to come, and reports whether it has.
	met(until time.Time) bool
	// lossy reports whether a datagram carries it.
	lossy() bool
	// miss ends the case because it did not come although the action was done acts
	// times since started.
	miss(started time.Time, acts int)
	// at returns when it came.
	at() time.Time
}

// leastActs is the least number of times that an action is repeated on a lossy path
// before a missing result is a failure. With one in twenty lost in each direction, all
// of them are lost one time in 10^8.
const leastActs = 8

// maxResend is the longest time between two repetitions, which otherwise is
// resendFactor times the average round trip so far.
const (
	maxResend    = 1500 * time.Millisecond
	resendFactor = 2
)

// resend returns the time after which an action is repeated.
func (s *Scene) resend() time.Duration {
	after := s.world.timeouts.Resend
	if s.trips > 0 {
		after = max(after, min(maxResend, resendFactor*s.travelled/time.Duration(s.trips)))
	}
	return after
}

// Activity is a message that the server noticed between two moments, which bound the
// start of the session's expiry time. On a busy machine they can be further apart than
// the tolerance.
type Activity struct {
	Sent     time.Time // just before it was sent
	Answered time.Time // time at which an answer to it was seen, or would have been

	unanswered bool
}

// until does something until everything wanted has come; it repeats it where datagrams
// may be lost.
func (s *Scene) until(lossy bool, act func(), wants ...Want) Activity {
	first := time.Now()
	for _, w := range wants {
		w.begin(first)
		lossy = lossy || w.lossy()
	}
	if s.Assume(suite.AssumesAnswer); lossy {
		s.Assume(suite.AssumesRepetition)
	}
	every, deadline := s.resend(), first.Add(s.replyTime())
	if enough := first.Add(leastActs * every); lossy && deadline.Before(enough) {
		deadline = enough
	}
	for acts := 1; ; acts++ {
		for _, w := range wants {
			w.allow()
		}
		s.keepSessionsAlive()
		last := time.Now()
		act()
		wait := deadline
		if again := last.Add(every); lossy && again.Before(deadline) {
			wait = again
		}
		missing := firstUnmet(wants, wait)
		if missing == nil {
			return s.activity(first, last, wants)
		}
		// It ends early when the connection has ended.
		if !wait.Before(deadline) || time.Now().Before(wait) {
			missing.miss(first, acts)
		}
	}
}

// firstUnmet waits for everything wanted, and returns the first that does not come, or
// nil.
func firstUnmet(wants []Want, until time.Time) Want {
	for _, w := range wants {
		if !w.met(until) {
			return w
		}
	}
	return nil
}

// activity bounds when the server noticed the last of several copies. Which of them was
// answered is not known: the last may have taken as long as all.
func (s *Scene) activity(first, last time.Time, wants []Want) Activity {
	answered := first
	for _, w := range wants {
		if at := w.at(); at.After(answered) {
			answered = at
		}
	}
	s.Begun()
	took := answered.Sub(first)
	s.trips, s.travelled, s.longest = s.trips+1, s.travelled+took, max(s.longest, took)
	if !last.Equal(first) {
		if latest := last.Add(took); latest.After(answered) {
			answered = latest
		}
	}
	return Activity{Sent: first, Answered: answered}
}

// MessageWant is a message that has to come on a connection.
type MessageWant struct {
	peer     *Peer
	expected string
	match    func(*arrival) bool
	allowed  *allowance
	since    time.Time // anything earlier is something else
	got      *arrival
}

// Gets expects a message. The server's stamp is not compared: stamping may be switched
// on (§4).
func (p *Peer) Gets(m wire.Message) *MessageWant { return p.gets(describe(m), p.matches(m)) }

// GetsOneOf expects one of several messages.
func (p *Peer) GetsOneOf(messages ...wire.Message) *MessageWant {
	expected := ""
	for i, m := range messages {
		if i > 0 {
			expected += ", or "
		}
		expected += describe(m)
	}
	return p.gets(expected, func(a *arrival) bool {
		for _, m := range messages {
			if p.matches(m)(a) {
				return true
			}
		}
		return false
	})
}

// GetsType expects a message of a type.
func (p *Peer) GetsType(t wire.Type) *MessageWant {
	return p.gets("a message of the type "+t.String(), func(a *arrival) bool {
		return a.end == nil && a.invalid == nil && a.message.Type == t
	})
}

// GetsBody expects a message that is equal byte by byte: the order of its fields and
// its escapes are the server's (§1). The number in sm may differ when the server
// stamps.
func (p *Peer) GetsBody(want string) *MessageWant {
	stamped := p.scene.Target.Has(controlapi.CapabilityStamp)
	if stamped {
		want = string(withoutStamp([]byte(want)))
	}
	return p.gets(want, func(a *arrival) bool {
		got := a.body
		if stamped {
			got = withoutStamp(got)
		}
		return a.end == nil && string(got) == want
	})
}

// GetsLoginResponse expects a login response with a code.
func (p *Peer) GetsLoginResponse(code wire.Code) *MessageWant {
	return p.gets(fmt.Sprintf("a login response with code %d", code), p.isLoginResponse(code))
}

func (p *Peer) isLoginResponse(code wire.Code) func(*arrival) bool {
	return func(a *arrival) bool {
		if a.end != nil || a.invalid != nil || a.message.Type != wire.TypeLoginResponse {
			return false
		}
		body, err := wire.ParseLoginResponse(a.message.DataContent.Value())
		return err == nil && body.Code == code
	}
}

func (p *Peer) gets(expected string, match func(*arrival) bool) *MessageWant {
	return &MessageWant{peer: p, expected: expected, match: match, allowed: p.allow(0, match)}
}

// Expect waits for what the case has caused without SendUntil.
func (w *MessageWant) Expect() { w.peer.expect(w) }

// Message returns the message that came.
func (w *MessageWant) Message() wire.Message { return w.got.message }

// At returns when it came.
func (w *MessageWant) At() time.Time { return w.got.at }

// Before reports whether it came before another one on the same connection.
func (w *MessageWant) Before(other *MessageWant) bool { return w.got.number < other.got.number }

func (w *MessageWant) begin(now time.Time) { w.got, w.since = nil, now }

func (w *MessageWant) allow() { w.allowed.left++ }

func (w *MessageWant) lossy() bool { return w.peer.lossy() }

func (w *MessageWant) at() time.Time { return w.got.at }

func (w *MessageWant) met(until time.Time) bool {
	if w.got == nil {
		fresh := func(a *arrival) bool { return !a.at.Before(w.since) && w.match(a) }
		if w.got = w.peer.find(until, fresh); w.got != nil {
			w.allowed.left--
		}
	}
	return w.got != nil
}

// miss lets a lossy path explain only an action that was done once.
func (w *MessageWant) miss(started time.Time, acts int) {
	p := w.peer
	single := p.lossy() && acts == 1
	if p.end != nil {
		suite.FailOn(single, w.expected, p.end.String())
	}
	if a := p.unaccounted(); a != nil {
		suite.FailOn(single, w.expected, a.String())
	}
	p.scene.Overdue(started, w.expected, single)
}

// SendUntil sends a message until everything wanted has come; it repeats it on UDP
// only.
func (p *Peer) SendUntil(m wire.Message, wants ...Want) Activity {
	return p.scene.until(p.lossy(), func() { p.Send(m) }, wants...)
}

// SendBodyUntil is SendUntil for bytes that need not be a message.
func (p *Peer) SendBodyUntil(body []byte, wants ...Want) Activity {
	return p.scene.until(p.lossy(), func() { p.SendBody(body) }, wants...)
}

// Probe makes an echo round trip, which shows that the session is there, logged in or
// not. On a stream everything that the session's own messages caused has come by then,
// except what is written on behalf of another session (§7).
func (p *Peer) Probe() Activity {
	echo := wire.NewEcho(p.User, p.scene.Unique("probe"))
	return p.SendUntil(echo, p.Gets(wire.NewEchoResponse(echo)))
}

// FirstToArrive calls send until one of the messages sent arrives, and returns that
// one. On a lossy path the next one to arrive is not a copy.
func (s *Scene) FirstToArrive(to *Peer, send func() wire.Message) *MessageWant {
	var sent []wire.Message
	w := to.gets("a message", func(a *arrival) bool {
		for _, m := range sent {
			if to.matches(m)(a) {
				return true
			}
		}
		return false
	})
	s.until(s.anyLossy(), func() {
		sent = append(sent, send())
		w.expected = describe(sent[0])
	}, w)
	return w
}
