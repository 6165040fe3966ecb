package conformance

import (
	"time"

	"imcheck/harness/wire"
)

// What follows is for requirements that leave a server more than one way: each
// is one that observed servers take, or one that is safer.

// KeepAliveOrNotLoggedIn asks a session that may have been ended. Nothing may have
// come before the answer, and none but those of §3 is accepted.
func (p *Peer) KeepAliveOrNotLoggedIn() {
	beat := wire.NewKeepAlive(p.User)
	p.Send(beat)
	refusal := wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat)
	response := wire.NewKeepAliveResponse(p.User)
	expected := "nothing but " + describe(response) + " or " + describe(refusal)
	m, _ := p.Receive(expected)
	if !p.isSame(m, response) && !p.isSame(m, refusal) {
		fail(expected, describe(m))
	}
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
		a := p.await(expected)
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
	if a := p.await(expected); a.err != nil {
		p.expectOrderly(a)
	} else {
		p.compare(p.decode(a, expected), "", want)
	}
}

// ClosedOrProbe shows that the server ended a stream, or that its session is
// there and that nothing was sent on it; on UDP it is the latter.
func (p *Peer) ClosedOrProbe() {
	echo := wire.NewEcho(p.User, p.scene.unique("probe"))
	p.Send(echo)
	expected := "the end of the connection, or nothing but " + describe(wire.NewEchoResponse(echo))
	a := p.await(expected)
	if a.err != nil && p.conn.Transport().Connected() && isDropped(a.err) {
		return
	}
	p.compare(p.decode(a, expected), "nothing but ", wire.NewEchoResponse(echo))
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
		a := p.await(describe(answer))
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
