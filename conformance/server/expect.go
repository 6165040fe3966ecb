package server

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gobwas/ws"

	"imcheck/conformance/suite"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// Expect waits for a message that another session, or the application, causes, and
// returns when it came. On UDP it depends on a single datagram: a case that can repeat
// the cause uses SendUntil instead.
func (p *Peer) Expect(want wire.Message) time.Time { return p.expect(p.Gets(want)).At() }

// expect waits for something that was caused once.
func (p *Peer) expect(w *MessageWant) *MessageWant {
	if p.scene.Assume(suite.AssumesAnswer); p.lossy() {
		p.scene.Assume(suite.AssumesOneDatagram)
	}
	started := time.Now()
	w.allow()
	if !w.met(started.Add(p.scene.replyTime())) {
		w.miss(started, 1)
	}
	return w
}

// ExpectNotLoggedIn shows that the session is there and not logged in: a
// keep-alive gets error 301 (§3). A stream is closed after that.
func (p *Peer) ExpectNotLoggedIn() {
	beat := wire.NewKeepAlive(p.User)
	p.SendUntil(beat, p.Gets(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat)))
	p.AllowEnd()
}

// ExpectRefused sends what only a session that is logged in may send. It gets
// error 301 with the message in it, and a stream is closed after that (§3).
func (p *Peer) ExpectRefused(m wire.Message) {
	p.SendUntil(m, p.Gets(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, m)))
	if !p.lossy() {
		p.ExpectClosed()
	}
}

// ExpectKicked waits for a kick-out. A stream is closed after it, a UDP
// session is not (§3).
func (p *Peer) ExpectKicked(kick wire.Kickout) {
	p.Expect(wire.NewKickout(p.User, kick))
	p.AllowEnd()
	if !p.lossy() {
		p.ExpectClosed()
	}
}

// ExpectEnded shows that the server ended the session: a stream is closed, on
// UDP the session is forgotten, so that a keep-alive gets error 301 (§2).
func (p *Peer) ExpectEnded() {
	if p.lossy() {
		p.ExpectNotLoggedIn()
	} else {
		p.ExpectClosed()
	}
}

// A case stays silent after a datagram that ends a session: what comes at once
// after it is lost (§7). The pause is doubled each time up to the longest one.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 400 * time.Millisecond
)

// EndWith sends what has to end the session and shows that it did, as
// ExpectEnded does. A copy of it has to mean the same.
func (p *Peer) EndWith(body []byte) {
	if !p.lossy() {
		p.SendBody(body)
		p.ExpectClosed()
		return
	}
	beat, pause := wire.NewKeepAlive(p.User), firstPause
	p.scene.until(true, func() {
		p.SendBody(body)
		p.scene.Wait(pause)
		p.Send(beat)
		p.Allow(1, wire.NewKeepAliveResponse(p.User)) // the body may have been lost
		pause = min(2*pause, longestPause)
	}, p.Gets(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat)))
	p.AllowEnd()
}

// KeepAliveOrNotLoggedIn sends a keep-alive on a session that may have ended, and
// expects either answer.
func (p *Peer) KeepAliveOrNotLoggedIn() {
	p.AllowEnd()
	beat := wire.NewKeepAlive(p.User)
	p.SendUntil(beat, p.GetsOneOf(wire.NewKeepAliveResponse(p.User), wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat)))
}

// ClosedOrProbe expects that the server ended a stream, or that the session still
// answers; on UDP it expects the latter.
func (p *Peer) ClosedOrProbe() {
	if p.lossy() {
		p.Probe()
		return
	}
	echo := wire.NewEcho(p.User, p.scene.Unique("probe"))
	answer := p.Gets(wire.NewEchoResponse(echo))
	p.Send(echo)
	p.orEnd(answer)
}

// ExpectOrClosed waits for a message on a stream, or for the server to close it.
func (p *Peer) ExpectOrClosed(want wire.Message) { p.orEnd(p.Gets(want)) }

// orEnd waits for a message on a stream, or for the end of the stream. A reset counts
// as an end: there may be bytes that the server has not read (§7).
func (p *Peer) orEnd(w *MessageWant) {
	started := time.Now()
	match := func(a *arrival) bool { return w.match(a) || a.end != nil && isDropped(a.end) }
	expected := w.expected + ", or the end of the connection"
	if a := p.find(started.Add(p.scene.replyTime()), match); a == nil {
		p.missed(started, expected)
	}
}

// missed ends the case because a stream brought something else, or nothing.
func (p *Peer) missed(started time.Time, expected string) {
	if a := p.unaccounted(); a != nil {
		suite.Fail(expected, a.String())
	}
	p.scene.Overdue(started, expected, false)
}

const serverCloses = "the server closes the connection"

// ExpectClosed waits for the server to close the stream in the way it does so of its
// own accord (§2), and returns when it did.
func (p *Peer) ExpectClosed() time.Time {
	return p.expectClosedUntil(time.Now().Add(p.scene.closeTime()))
}

func (p *Peer) expectClosedUntil(deadline time.Time) time.Time {
	end := p.expectEnd(deadline, serverCloses)
	switch {
	case !isOrderly(end.end):
		suite.Fail(serverCloses+" in an orderly way", end.String())
	case p.conn.Transport() == wire.WS && (len(p.closeFrames) == 0 || !p.closeCodesAre(uint16(ws.StatusNormalClosure))):
		suite.Fail("a close frame with code 1000, then the end of the stream", p.describeEnd(end))
	}
	return end.at
}

// expectEnd waits for the end of a stream, orderly or not.
func (p *Peer) expectEnd(deadline time.Time, expected string) *arrival {
	started := time.Now()
	end := p.find(deadline, func(a *arrival) bool { return a.end != nil })
	if end == nil {
		p.missed(started, expected)
	}
	return end
}

// ExpectAnsweredClose expects the end of a close handshake: the server answers the
// client's close frame with one that has this code and text, then ends the stream.
func (p *Peer) ExpectAnsweredClose(code uint16, text string) {
	expected := fmt.Sprintf("a close frame with code %d and text %q, then the end of the stream", code, text)
	end := p.expectEnd(time.Now().Add(p.scene.closeTime()), expected)
	frames := p.closeFrames
	if !isOrderly(end.end) || len(frames) != 1 || !slices.Equal(frames[0], ws.NewCloseFrameBody(ws.StatusCode(code), text)) {
		suite.Fail(expected, p.describeEnd(end))
	}
}

// ExpectFailed shows that the server failed a WebSocket connection after a
// violation of RFC 6455: with one or two close frames that have one of the codes,
// then the end of the stream, or with a reset where it left bytes unread (§2, §7).
func (p *Peer) ExpectFailed(codes ...uint16) {
	expected := fmt.Sprintf("a close frame with one of the codes %v, then the end of the stream", codes)
	end := p.expectEnd(time.Now().Add(p.scene.closeTime()), expected)
	reset := isReset(end.end)
	if !reset && !isOrderly(end.end) || len(p.closeFrames) == 0 && !reset || len(p.closeFrames) > 2 || !p.closeCodesAre(codes...) {
		suite.Fail(expected, p.describeEnd(end))
	}
}

// closeCodesAre reports whether every close frame that came has one of the codes.
func (p *Peer) closeCodesAre(codes ...uint16) bool {
	for _, payload := range p.closeFrames {
		if !slices.Contains(codes, uint16(websocket.ParseClose(payload))) {
			return false
		}
	}
	return true
}

// describeEnd describes how a stream ended, with all its close frames.
func (p *Peer) describeEnd(end *arrival) string {
	text := end.String()
	if len(p.closeFrames) > 1 {
		text += "; close frames"
		for _, payload := range p.closeFrames {
			text += " " + strconv.Quote(string(payload))
		}
	}
	return text
}

// ExpectDropped expects the server to end the stream, orderly or with a reset: a close
// becomes a reset when the server has not read everything.
func (p *Peer) ExpectDropped() {
	const expected = "the server ends the connection"
	end := p.expectEnd(time.Now().Add(p.scene.closeTime()), expected)
	if !isDropped(end.end) {
		suite.Fail(expected, end.String())
	}
}

// ExpectInOrder fails the case unless messages came in this order. Only what a
// session's own messages cause on a stream has an order (§7).
func ExpectInOrder(wants ...*MessageWant) {
	wants[0].peer.scene.Assume(suite.AssumesOrder)
	for i, w := range wants[1:] {
		inbox := w.peer.inbox
		if slices.Index(inbox, wants[i].got) > slices.Index(inbox, w.got) {
			suite.Fail(wants[i].expected+", and after it "+w.expected, "the second came first")
		}
	}
}

// ServerACK returns the ACK that a server writes for a message: its bridge is false,
// whatever the bridge of the message (§1).
func ServerACK(m wire.Message) wire.Message {
	ack := wire.NewReceived(m)
	ack.Bridge = false
	return ack
}

// Accepts sends data that a server may refuse, and reports whether it was accepted:
// then its ACK comes. A refusal is an error response, silence, or the end of the
// connection.
func (p *Peer) Accepts(m wire.Message) (accepted bool) {
	ack := p.matches(ServerACK(m))
	refused := func(a *arrival) bool {
		return a.end != nil && isDropped(a.end) || a.end == nil && a.invalid == nil && a.message.Type == wire.TypeErrorResponse
	}
	p.scene.Assume(suite.AssumesSettling)
	p.SendUnanswered(m)
	a := p.find(time.Now().Add(p.scene.settleTime()), func(a *arrival) bool { return ack(a) || refused(a) })
	if a == nil {
		return false
	}
	p.allow(p.copies()-1, ack) // the copies are answered as well
	p.allow(p.copies()-1, refused)
	return ack(a)
}

// Arrival is a message that came, and when.
type Arrival struct {
	Message wire.Message
	At      time.Time
}

// Gather returns the messages that have come without the case asking for them.
func (p *Peer) Gather() (came []Arrival) {
	p.drain()
	for _, a := range p.inbox {
		if !a.accounted && a.end == nil && a.invalid == nil {
			a.accounted = true
			came = append(came, Arrival{a.message, a.at})
		}
	}
	return came
}

// GatherUntil waits up to a moment for something to come, and returns what has, as Gather
// does.
func (p *Peer) GatherUntil(at time.Time) []Arrival {
	if !p.fetch(at) {
		p.scene.WaitUntil(at)
	}
	return p.Gather()
}

// describe returns the type and the text of a message for a report.
func describe(m wire.Message) string { return m.Type.String() + " " + string(clip(m.Append(nil))) }

func quoted(body []byte) string { return strconv.Quote(string(clip(body))) }
