package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/transport"
	"imcheck/harness/transport/record"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Peer is one connection of a case. What arrives on it is kept until the case
// asks for it, in whatever order; what no case asked for and nothing explains
// fails the case at its end. Its methods end the case when the target does not
// do what they expect.
type Peer struct {
	User string // logged in on it, "" before

	// Connection.
	scene  *Scene
	label  string
	conn   *record.Conn
	done   chan struct{}
	finish func()
	closed bool // by the case

	// What came, and what may come.
	arrivals  chan *arrival // from the reading goroutine
	waiting   atomic.Int64  // bytes of them
	room      chan struct{} // signals that they have become fewer
	inbox     []*arrival    // in the order in which they came
	kept      int           // bytes of it
	end       *arrival      // the connection's end; the last one
	mayEnd    bool          // the target is free to end the connection
	byHand    bool          // the case writes bytes or frames of its own
	keptAlive bool          // keep-alives are sent on it

	// Login.
	unsettled      bool  // it has logged in, and may not be registered yet
	firstLoginTime int64 // as the server gave it, ms since the Unix epoch
	allowances     []*allowance
	pings          int         // pings received; used by the reading goroutine
	pongs          chan []byte // payloads of the pongs that came
	closeFrames    [][]byte    // payloads of the close frames; complete once the end has come

	lastSent time.Time // time of the last message sent
}

// maxArrivals and maxWaiting bound the messages and bytes that wait for a case before
// another message is read. The harness stops reading from a target that floods, so
// that it does not grow.
const (
	maxArrivals = 256
	maxWaiting  = 128 << 10
)

// maxInbox and maxKept bound the messages and bytes that a case keeps of one
// connection.
const (
	maxInbox = 4096
	maxKept  = 2 << 20
)

func newPeer(s *Scene, label string, conn transport.Conn) *Peer {
	p := &Peer{
		scene: s, label: label,
		arrivals: make(chan *arrival, maxArrivals), pongs: make(chan []byte, maxPongs), done: make(chan struct{}),
		room:     make(chan struct{}, 1),
		lastSent: time.Now(),
	}
	p.watchControl(conn)
	p.conn = s.Transcript.Wrap(label, conn)
	p.finish = sync.OnceFunc(func() {
		close(p.done)
		_ = p.conn.Close() // nobody is left to report it to
	})
	s.world.readers.Go(p.read)
	return p
}

// read notes the time at which everything arrives, however late the case asks for it.
func (p *Peer) read() {
	for number := 0; p.hasRoom(); number++ {
		body, err := p.conn.Receive()
		a := &arrival{at: time.Now(), number: number, body: append([]byte(nil), body...)}
		if err != nil {
			if p.pings >= maxPings {
				err = fmt.Errorf("%d pings on one connection", p.pings)
			}
			if !errors.As(err, &a.end) {
				a.end = &transport.CloseError{Reason: transport.Broken, Err: err}
			}
		} else {
			a.message, a.invalid = wire.Decode(a.body)
		}
		p.waiting.Add(int64(len(a.body)))
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

// hasRoom waits until another message may be read; false when the connection is done.
func (p *Peer) hasRoom() bool {
	for p.waiting.Load() >= maxWaiting {
		select {
		case <-p.room:
		case <-p.done:
			return false
		}
	}
	return true
}

// take keeps an arrival for the case, and makes room for another one.
func (p *Peer) take(a *arrival) {
	p.waiting.Add(-int64(len(a.body)))
	select {
	case p.room <- struct{}{}:
	default:
	}
	p.inbox, p.kept = append(p.inbox, a), p.kept+len(a.body)
	switch {
	case len(p.inbox) > maxInbox:
		suite.Failf("an answer now and then", "more than %d messages on one connection, the last of them %s", maxInbox, a)
	case p.kept > maxKept:
		suite.Failf("an answer now and then", "more than %d KiB of messages on one connection, the last of them %s", maxKept>>10, a)
	}
}

// Close ends the connection from this side.
func (p *Peer) Close() {
	p.closed = true
	p.finish()
}

// leave logs out on UDP, where a session outlives its socket: the next one may get the
// same port, and would find itself logged in.
func (p *Peer) leave() {
	if p.lossy() && p.User != "" && !p.closed {
		p.SendUnanswered(wire.NewLogout(p.User))
	}
}

// lossy reports whether datagrams carry the connection, any of which may be
// lost, doubled or overtaken (§7).
func (p *Peer) lossy() bool { return !p.conn.Transport().Connected() }

// Send sends a message. It returns the time just before the bytes went out, at which a
// measured time starts.
func (p *Peer) Send(m wire.Message) time.Time {
	p.scene.notePassedOn(m)
	p.unsettled = p.unsettled || m.Type == wire.TypeLogin
	return p.SendBody(m.Append(nil))
}

// SendBody sends bytes as one message, valid or not.
func (p *Peer) SendBody(body []byte) time.Time {
	p.lastSent = time.Now()
	// The end of a connection shows on the receiving side too, with its reason.
	p.scene.Note(p.conn.Send(body))
	return p.lastSent
}

// lossyCopies is the number of copies of a datagram that nothing answers. With one in
// twenty lost, all of them are lost one time in 160,000.
const lossyCopies = 4

// copies returns the number of copies that SendUnanswered sends.
func (p *Peer) copies() int {
	if p.lossy() {
		return lossyCopies
	}
	return 1
}

// SendUnanswered sends a message that nothing answers, and on UDP copies of it, so that
// at least one arrives. A copy has to mean the same as one message. The application may
// be notified of each copy.
func (p *Peer) SendUnanswered(m wire.Message, told ...*EventWant) Activity {
	for _, w := range told {
		w.begin(time.Now())
		for range p.copies() {
			w.allow()
		}
	}
	p.scene.notePassedOn(m)
	return p.SendBodyUnanswered(m.Append(nil))
}

// SendBodyUnanswered is SendUnanswered for bytes.
func (p *Peer) SendBodyUnanswered(body []byte) Activity {
	if p.lossy() {
		p.scene.Assume(suite.AssumesRepetition)
	}
	first := p.SendBody(body)
	for range p.copies() - 1 {
		p.SendBody(body)
	}
	return Activity{Sent: first, Answered: p.lastSent.Add(p.scene.longest), unanswered: true}
}

// isSame compares whole messages, the server's stamp left out when it stamps (§4).
func (p *Peer) isSame(got, want wire.Message) bool {
	if p.scene.Target.Has(controlapi.CapabilityStamp) {
		got.ServerTime = want.ServerTime
	}
	return got == want
}

// isOrderly reports whether the other end closed a connection as its transport
// has it: with a FIN, on WebSocket after a close frame.
func isOrderly(end *transport.CloseError) bool {
	return end.Reason == transport.ByPeer && end.Err == nil
}

// isDropped reports whether the other end ended a connection, orderly or not.
func isDropped(end *transport.CloseError) bool {
	return end.Reason == transport.ByPeer || end.Reason == transport.Reset
}

// isReset reports whether a reset ended a connection, possibly after a close frame.
func isReset(end *transport.CloseError) bool {
	after, ok := errors.AsType[*transport.CloseError](end.Err)
	return end.Reason == transport.Reset || ok && after.Reason == transport.Reset
}

// isDialError distinguishes an address where nobody answers from a server that
// answered with something other than a connection.
func isDialError(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "dial" || errors.Is(err, context.DeadlineExceeded)
}
