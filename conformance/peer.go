package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/record"
	"imcheck/harness/wire"
)

// Peer is one connection of a case. Its methods end the case when the target
// does not do what they expect.
type Peer struct {
	User string // that is logged in on it, "" before

	scene    *Scene
	label    string
	conn     *record.Conn
	arrivals chan arrival
	pongs    chan []byte // payloads of the pongs that came
	done     chan struct{}
	finish   func()
	ended    *transport.CloseError // once the peer was seen to be closed
}

// arrival is one thing that came from the target, and when.
type arrival struct {
	at   time.Time
	body []byte
	err  *transport.CloseError // the connection ended; the last arrival
}

// maxArrivals is how many messages wait until a case looks at them. A target
// that floods is no longer read, so it cannot make the harness grow.
const maxArrivals = 256

func newPeer(s *Scene, label string, conn transport.Conn) *Peer {
	p := &Peer{
		scene: s, label: label,
		arrivals: make(chan arrival, maxArrivals), pongs: make(chan []byte, maxPongs), done: make(chan struct{}),
	}
	p.watchPongs(conn)
	p.conn = s.transcript.Wrap(label, conn)
	p.finish = sync.OnceFunc(func() {
		close(p.done)
		_ = p.conn.Close() // nobody is left to tell
	})
	s.run.readers.Go(p.read)
	return p
}

// read takes the time of everything that arrives, however late the case looks
// at it.
func (p *Peer) read() {
	for {
		body, err := p.conn.Receive()
		a := arrival{at: time.Now(), body: append([]byte(nil), body...)}
		if err != nil && !errors.As(err, &a.err) {
			a.err = &transport.CloseError{Reason: transport.Broken, Err: err}
		}
		select {
		case p.arrivals <- a:
		case <-p.done:
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *Peer) close() { p.finish() }

// Close ends the connection from this side.
func (p *Peer) Close() { p.close() }

// Send sends a message. It returns just before the bytes went out, which is
// when a time that depends on it starts.
func (p *Peer) Send(m wire.Message) time.Time { return p.SendBody(m.Append(nil)) }

// SendBody sends bytes as one message, valid or not.
func (p *Peer) SendBody(body []byte) time.Time {
	at := time.Now()
	// An error shows on the receiving side too, with its reason.
	_ = p.conn.Send(body)
	return at
}

// next returns the next arrival, or ok false when none came before the
// deadline.
func (p *Peer) next(deadline time.Time) (a arrival, ok bool) {
	if p.ended != nil {
		return arrival{err: p.ended}, true
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case a = <-p.arrivals:
	case <-timer.C:
		select {
		case a = <-p.arrivals: // it came while this goroutine was late
		default:
			return arrival{}, false
		}
	case <-p.scene.ctx.Done():
		p.scene.checkAlive()
	}
	p.ended = a.err
	return a, true
}

// await returns the next arrival, which has to come within the time for an
// answer; expected says what should have come.
func (p *Peer) await(expected string) arrival {
	return p.awaitUntil(time.Now().Add(p.scene.run.timeouts.Reply), expected)
}

func (p *Peer) awaitUntil(deadline time.Time, expected string) arrival {
	started := time.Now()
	a, ok := p.next(deadline)
	if !ok {
		p.overdue(started, expected)
	}
	return a
}

// Receive returns the next message and when it came, or fails the case: then
// expected says what should have come.
func (p *Peer) Receive(expected string) (wire.Message, time.Time) {
	return p.receiveUntil(time.Now().Add(p.scene.run.timeouts.Reply), expected)
}

func (p *Peer) receiveUntil(deadline time.Time, expected string) (wire.Message, time.Time) {
	a := p.awaitUntil(deadline, expected)
	return p.decode(a, expected), a.at
}

// decode reads an arrival, which has to be a message.
func (p *Peer) decode(a arrival, expected string) wire.Message {
	if a.err != nil {
		fail(expected, a.err.Error())
	}
	m, err := wire.Decode(a.body)
	if err != nil {
		failf(expected, "%q, which is no message: %v", clip(a.body), err)
	}
	return m
}

// overdue ends the case because nothing came in time: by its own fault when
// this harness was late for a good part of that time.
func (p *Peer) overdue(started time.Time, expected string) {
	p.scene.overdue(started, expected)
}

// overdue is Peer.overdue for whatever was waited for.
func (s *Scene) overdue(started time.Time, expected string) {
	now := time.Now()
	waited := now.Sub(started)
	nothing := fmt.Sprintf("nothing within %v", waited.Round(time.Millisecond))
	if lag := s.run.lag.between(started, now); lag > waited/2 {
		inconclusive(fmt.Sprintf("%s, but the harness itself was up to %v late", nothing, lag.Round(time.Millisecond)))
	}
	fail(expected, nothing)
}

// ExpectType returns the next message, which has to be of a type.
func (p *Peer) ExpectType(t wire.Type) wire.Message {
	m, _ := p.ExpectTypeAt(t)
	return m
}

// ExpectTypeAt is ExpectType with the time at which the message came.
func (p *Peer) ExpectTypeAt(t wire.Type) (wire.Message, time.Time) {
	expected := "a message of the type " + t.String()
	m, at := p.Receive(expected)
	if m.Type != t {
		fail(expected, describe(m))
	}
	return m, at
}

// Expect returns when the next message came, which has to be this one. The
// server's stamp is not compared: it may be switched on (§4).
func (p *Peer) Expect(want wire.Message) time.Time {
	return p.expectUntil(time.Now().Add(p.scene.run.timeouts.Reply), "", want)
}

// expectUntil is Expect with a deadline; what stands before the message in a
// failure.
func (p *Peer) expectUntil(deadline time.Time, what string, want wire.Message) time.Time {
	m, at := p.receiveUntil(deadline, what+describe(want))
	p.compare(m, what, want)
	return at
}

// expectNothingBut is Expect for an answer before which nothing may come. It
// returns when that came.
func (p *Peer) expectNothingBut(want wire.Message) time.Time {
	return p.expectUntil(time.Now().Add(p.scene.run.timeouts.Reply), "nothing but ", want)
}

// compare ends the case when a message is not the one that was wanted.
func (p *Peer) compare(got wire.Message, what string, want wire.Message) {
	if !p.isSame(got, want) {
		fail(what+describe(want), describe(got))
	}
}

// isSame compares whole messages, the server's stamp left out when it stamps (§4).
func (p *Peer) isSame(got, want wire.Message) bool {
	if p.scene.Target.Has(target.CapabilityStamp) {
		got.ServerTime = want.ServerTime
	}
	return got == want
}

// describe is a message as a report shows it: what it is, then its text.
func describe(m wire.Message) string { return m.Type.String() + " " + string(clip(m.Append(nil))) }

// ExpectLoginResponse returns the content of the next message, which has to be
// a login response with this code.
func (p *Peer) ExpectLoginResponse(code wire.Code) wire.LoginResponse {
	m := p.ExpectType(wire.TypeLoginResponse)
	body, err := wire.ParseLoginResponse(m.DataContent.Value())
	expected := fmt.Sprintf("a login response with code %d", code)
	if err != nil || body.Code != code {
		fail(expected, describe(m))
	}
	return body
}

// KeepAlive makes a keep-alive round trip: the session is logged in, and
// nothing came before the response.
func (p *Peer) KeepAlive() Activity {
	sent := p.Send(wire.NewKeepAlive(p.User))
	return Activity{sent, p.expectNothingBut(wire.NewKeepAliveResponse(p.User))}
}

// Probe makes an echo round trip: the session is there, logged in or not, and
// nothing came before the response. It is how "must not answer" is shown.
func (p *Peer) Probe() Activity {
	echo := wire.NewEcho(p.User, p.scene.unique("probe"))
	sent := p.Send(echo)
	return Activity{sent, p.expectNothingBut(wire.NewEchoResponse(echo))}
}

// ExpectNotLoggedIn shows that the session is there and not logged in: a
// keep-alive gets error 301 (§3). A stream is closed after that.
func (p *Peer) ExpectNotLoggedIn() {
	beat := wire.NewKeepAlive(p.User)
	p.Send(beat)
	p.Expect(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, beat))
}

// ExpectRefused sends what only a session that is logged in may send. It gets
// error 301 with the message in it, and a stream is closed after that (§3).
func (p *Peer) ExpectRefused(m wire.Message) {
	p.Send(m)
	p.Expect(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, m))
	if p.conn.Transport().Connected() {
		p.ExpectClosed()
	}
}

// ExpectKicked waits for a kick-out. A stream is closed after it, a UDP
// session is not (§3).
func (p *Peer) ExpectKicked(kick wire.Kickout) {
	p.Expect(wire.NewKickout(p.User, kick))
	if p.conn.Transport().Connected() {
		p.ExpectClosed()
	}
}

// ExpectEnded shows that the server ended the session: a stream is closed, on
// UDP the session is forgotten, so that a keep-alive gets error 301 (§2).
func (p *Peer) ExpectEnded() {
	if p.conn.Transport().Connected() {
		p.ExpectClosed()
		return
	}
	p.ExpectNotLoggedIn()
}

// ExpectClosed returns when the server closed the stream, which has to be next
// and now.
func (p *Peer) ExpectClosed() time.Time {
	return p.expectClosedUntil(time.Now().Add(p.scene.run.timeouts.Close))
}

func (p *Peer) expectClosedUntil(deadline time.Time) time.Time {
	a := p.nextEnd(deadline, serverCloses)
	p.expectOrderly(a)
	return a.at
}

const serverCloses = "the server closes the connection"

// expectOrderly holds how a server ends a stream by itself (§2).
func (p *Peer) expectOrderly(end arrival) {
	switch {
	case !isOrderly(end.err):
		fail(serverCloses+" in an orderly way", end.err.Error())
	case p.conn.Transport() == wire.WS && end.err.Code != normalClosure:
		fail("a close frame with code 1000, then the end of the stream", end.err.Error())
	}
}

// normalClosure is the close code of a server that closes by itself (§2).
const normalClosure = 1000

// nextEnd returns the next arrival, which has to be the end of the connection,
// of whatever kind.
func (p *Peer) nextEnd(deadline time.Time, expected string) arrival {
	a := p.awaitUntil(deadline, expected)
	if a.err == nil {
		fail(expected, "the message "+string(clip(a.body)))
	}
	return a
}

// isOrderly reports whether the other end closed a connection as its transport
// has it: with a FIN, on WebSocket after a close frame.
func isOrderly(end *transport.CloseError) bool {
	return end.Reason == transport.ByPeer && end.Err == nil
}

// ExpectClosedWithCode is ExpectClosed with the WebSocket close code that has
// to be seen.
func (p *Peer) ExpectClosedWithCode(code uint16) {
	expected := fmt.Sprintf("a close frame with code %d, then the end of the stream", code)
	a := p.nextEnd(time.Now().Add(p.scene.run.timeouts.Close), expected)
	if !isOrderly(a.err) || a.err.Code != code {
		fail(expected, a.err.Error())
	}
}

// ExpectDropped shows that the server ended the stream, be it by a reset: that
// is what a close becomes when the server had not read everything.
func (p *Peer) ExpectDropped() {
	const expected = "the server ends the connection"
	a := p.nextEnd(time.Now().Add(p.scene.run.timeouts.Close), expected)
	if !isDropped(a.err) {
		fail(expected, a.err.Error())
	}
}

// isDropped reports whether the other end ended a connection, in whatever way.
func isDropped(end *transport.CloseError) bool {
	return end.Reason == transport.ByPeer || end.Reason == transport.Reset
}

// isDialError tells that there was nobody to connect to from a server that
// answered with something else than a connection.
func isDialError(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "dial" || errors.Is(err, context.DeadlineExceeded)
}
