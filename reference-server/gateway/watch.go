package gateway

import (
	"errors"
	"net/netip"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// SessionEventKind is a kind of event in the life of a session.
type SessionEventKind uint8

// Kinds of session events.
const (
	Connected SessionEventKind = iota // a stream was accepted
	LoggedIn
	Refused // its login was refused: Code is the verdict
	Ended   // Cause says why
)

// SessionEvent is something that happened to a session, or to a stream without a login.
type SessionEvent struct {
	At        time.Time
	Kind      SessionEventKind
	Number    uint64 // of the session; 0 on UDP before the login
	Transport wire.Transport
	Remote    netip.AddrPort
	User      string
	Code      wire.Code    // Refused
	Cause     server.Cause // Ended
	Reason    error        // Ended with server.CauseClosed: what the network said; may be nil
}

// Watcher is told what happens to sessions, and which limits are run into. It is called with a
// lock held, must return at once, and must not call back.
type Watcher interface {
	Session(e SessionEvent)
	// Limited is told of a limit; from is not valid when nobody's address is to blame.
	Limited(at time.Time, l server.Limit, from netip.Addr)
}

// Watch has a watcher told of everything from now on.
func (g *Gateway) Watch(w Watcher) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watcher = w
}

// limitedSession notes that a session has run into a limit of the rules; it may be nil.
func (g *Gateway) limitedSession(l server.Limit, session *server.Session) {
	from := netip.Addr{}
	if session != nil {
		from = sourceOf(session.Link.(transport.Link))
	}
	g.limited(time.Now(), l, from)
}

func (g *Gateway) limited(now time.Time, l server.Limit, from netip.Addr) {
	g.counts.Limited[l]++
	if g.watcher != nil {
		g.watcher.Limited(now, l, from)
	}
}

// noteSession counts what happened to a session, and tells the watcher.
func (g *Gateway) noteSession(now time.Time, session *server.Session, e SessionEvent) {
	switch e.Kind {
	case Connected:
		g.counts.Opened[session.Transport]++
	case LoggedIn:
		g.counts.Logins[session.Transport]++
	case Refused:
		countCode(g.counts.RefusedLogins, e.Code)
	case Ended:
		g.counts.Ended[e.Cause]++
	}
	if g.watcher == nil {
		return
	}
	e.At, e.Number, e.Transport = now, session.Number(), session.Transport
	e.Remote = session.Link.(transport.Link).RemoteAddr()
	g.watcher.Session(e)
}

// noteReport notes what an event says about its session.
func (g *Gateway) noteReport(now time.Time, e *server.Effect) {
	if e.Session == nil {
		return
	}
	switch e.Event.Kind {
	case server.EventLogin:
		g.noteSession(now, e.Session, SessionEvent{Kind: LoggedIn, User: e.Event.User})
	case server.EventVerify:
		if e.Event.Code != wire.CodeOK {
			g.noteSession(now, e.Session, SessionEvent{Kind: Refused, User: e.Event.User, Code: e.Event.Code})
		}
	}
}

// noteEnd notes the end of a session, or of a stream without one.
func (g *Gateway) noteEnd(now time.Time, e *server.Effect) {
	if e.Session.Number() == 0 {
		return // a stranger on UDP has no session
	}
	ended := SessionEvent{Kind: Ended, User: e.Session.User(), Cause: e.Cause}
	if e.Cause == server.CauseClosed {
		ended.Reason = g.closedBy
	}
	g.noteSession(now, e.Session, ended)
}

// noteUnread notes that a link was given up because its peer does not read.
func (g *Gateway) noteUnread(now time.Time, l transport.Link, reason error) {
	if errors.Is(reason, transport.ErrOutboxFull) {
		g.limited(now, server.LimitUnread, sourceOf(l))
	}
}
