package conformance

import (
	"time"

	"imcheck/harness/wire"
)

// What follows is for requirements that leave a server more than one way: each
// is one that observed servers take, or one that is safer.

// KeepAliveOrNotLoggedIn asks a session that may have been ended, and reports
// whether it is logged in. Nothing may have come before the answer, and none but
// those of §3 is accepted.
func (p *Peer) KeepAliveOrNotLoggedIn() (loggedIn bool) {
	beat := wire.NewKeepAlive(p.User)
	p.Send(beat)
	refusal := wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat)
	response := wire.NewKeepAliveResponse(p.User)
	expected := "nothing but " + describe(response) + " or " + describe(refusal)
	m, _ := p.Receive(expected)
	switch {
	case p.isSame(m, response):
		return true
	case !p.isSame(m, refusal):
		fail(expected, describe(m))
	}
	return false
}

// Takes sends data that a server may refuse, and reports whether it was taken:
// then the next thing that comes is its ACK. A refusal is an error response,
// silence, or the end of the connection. What came last is the answer to a
// keep-alive, unless the connection ended.
func (p *Peer) Takes(m wire.Message) (taken bool) {
	p.Send(m)
	p.Send(wire.NewKeepAlive(p.User))
	ack, response := wire.NewReceived(m), wire.NewKeepAliveResponse(p.User)
	const expected = "the ACK of the message or a refusal, then the answer to a keep-alive"
	for {
		started := time.Now()
		a, ok := p.next(started.Add(p.scene.run.timeouts.Reply))
		if !ok {
			p.overdue(started, expected)
		}
		if a.err != nil && !taken && isDropped(a.err) {
			return false
		}
		got := p.decode(a, expected)
		switch {
		case p.isSame(got, response):
			return taken
		case p.isSame(got, ack) && !taken:
			taken = true
		case got.Type != wire.TypeErrorResponse || taken:
			fail(expected, describe(got))
		}
	}
}

// ExpectOrClosed waits for a message, or for the server to close the stream in
// an orderly way.
func (p *Peer) ExpectOrClosed(want wire.Message) {
	expected := describe(want) + ", or the end of the connection"
	started := time.Now()
	a, ok := p.next(started.Add(p.scene.run.timeouts.Reply))
	switch {
	case !ok:
		p.overdue(started, expected)
	case a.err != nil:
		p.expectOrderly(a)
	default:
		p.compare(p.decode(a, expected), "", want)
	}
}

// ClosedOrProbe shows that the server ended a stream, or that its session is
// there and that nothing was sent on it; on UDP it is the latter.
func (p *Peer) ClosedOrProbe() (closed bool) {
	echo := wire.NewEcho(p.User, p.scene.unique("probe"))
	p.Send(echo)
	expected := "the end of the connection, or nothing but " + describe(wire.NewEchoResponse(echo))
	started := time.Now()
	a, ok := p.next(started.Add(p.scene.run.timeouts.Reply))
	if !ok {
		p.overdue(started, expected)
	}
	if a.err != nil && p.conn.Transport().Connected() && isDropped(a.err) {
		return true
	}
	p.compare(p.decode(a, expected), "nothing but ", wire.NewEchoResponse(echo))
	return false
}

// Arrival is a message that came, and when.
type Arrival struct {
	Message wire.Message
	At      time.Time
}

// Gather makes an echo round trip and returns what came before its answer, or
// before the connection ended. What is no message is left out.
func (p *Peer) Gather() (came []Arrival) {
	echo := wire.NewEcho(p.User, p.scene.unique("probe"))
	p.Send(echo)
	answer := wire.NewEchoResponse(echo)
	for {
		started := time.Now()
		a, ok := p.next(started.Add(p.scene.run.timeouts.Reply))
		if !ok {
			p.overdue(started, describe(answer))
		}
		if a.err != nil {
			return came
		}
		m, err := wire.Decode(a.body)
		switch {
		case err != nil:
		case p.isSame(m, answer):
			return came
		default:
			came = append(came, Arrival{m, a.at})
		}
	}
}
