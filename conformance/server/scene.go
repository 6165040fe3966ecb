package server

import (
	"context"
	"net"
	"strings"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Scene is the test context of one case against a server on one transport: users and
// connections of its own, the target, and expectations that end the case when they do not
// hold. It is used from the case's goroutine only.
type Scene struct {
	*suite.Attempt
	Target *target.Target

	world   *world
	peers   []*Peer
	streams []net.Conn
	silent  bool // sessions are not kept up

	// Users that the case has borrowed, by ID.
	numbers map[string]int    // in the source of the target's users
	labels  map[string]string // in the transcript
	// passesOn is set when the server has had a QoS message for a user.
	passesOn bool

	// Round trips so far, and how long they took together.
	trips     int
	travelled time.Duration
	longest   time.Duration // the longest of them

	// What the end of the case checks.
	counts  []*EventWant     // events that are counted at the end of the case
	carried []*PublishedWant // messages on the bridge that are counted then
	once    map[string]bool  // fingerprints of messages of which every copy is asked for
}

// ExpectEveryCopy says that the case asks for every copy of a message: none is excused
// as a retransmission after a missed ACK (§7).
func (s *Scene) ExpectEveryCopy(m wire.Message) {
	if s.once == nil {
		s.once = map[string]bool{}
	}
	s.once[m.Fingerprint.Value()] = true
}

// Fingerprint returns a fingerprint that nobody else has.
func (s *Scene) Fingerprint() string { return s.Unique("fp") }

// Mode returns the target's sense mode on the case's transport.
func (s *Scene) Mode() timing.SenseMode { return s.Target.Modes[s.Transport] }

// Expiry returns how long the target keeps a silent session on the case's transport
// (§3).
func (s *Scene) Expiry() time.Duration { return s.Mode().Expiry(s.Transport) }

// Other returns a transport that the target serves besides the case's own, or the
// case's own when it is the only one.
func (s *Scene) Other() wire.Transport {
	for _, t := range s.Target.Transports() {
		if t != s.Transport {
			return t
		}
	}
	return s.Transport
}

// Connect opens a connection on the case's transport. label names it in the
// transcript.
func (s *Scene) Connect(label string) *Peer { return s.ConnectOn(s.Transport, label) }

// ConnectOn opens a connection on a given transport.
func (s *Scene) ConnectOn(t wire.Transport, label string) *Peer {
	ctx, cancel := context.WithTimeout(s.Context(), s.world.timeouts.Dial)
	defer cancel()
	conn, err := s.Target.Dial(s.named(ctx, t, label), t)
	if err != nil {
		s.dialFailed(t, err)
	}
	s.Opened++
	p := newPeer(s, label, conn)
	s.peers = append(s.peers, p)
	return p
}

// dialFailed ends the case. It fails only when the target was there: a proxy that
// refuses on its behalf is not the target.
func (s *Scene) dialFailed(t wire.Transport, err error) {
	s.Note(err)
	s.CheckAlive()
	if isDialError(err) {
		suite.Broken(err)
	}
	if gone := s.Target.Probe(s.Context(), t, suite.ProbeTime); t == wire.WS && gone != nil {
		suite.Broken(gone)
	}
	suite.Fail("a connection on "+t.String(), err.Error())
}

// Login opens a connection and logs a user in on it. It returns when the user
// is known to be registered: the response alone does not show that (§3).
func (s *Scene) Login(user string) *Peer { return s.LoginOn(s.Transport, user) }

// LoginAll logs several users in on the case's transport at the same time, so that
// a slow server does not let the first ones expire meanwhile.
func (s *Scene) LoginAll(users ...string) []*Peer {
	var peers []*Peer
	var responses, settled []Want
	for _, user := range users {
		p := s.Connect(s.labelOf(user))
		p.User = user
		peers = append(peers, p)
		responses = append(responses, p.GetsLoginResponse(wire.CodeOK))
		settled = append(settled, p.Gets(wire.NewKeepAliveResponse(user)))
	}
	lossy := s.anyLossy()
	s.until(lossy, func() {
		for _, p := range peers {
			p.Send(p.LoginMessage(0))
		}
	}, responses...)
	s.until(true, func() { // see settleLogin
		for _, p := range peers {
			p.Send(wire.NewKeepAlive(p.User))
		}
	}, settled...)
	return peers
}

// LoginOn logs a user in on a given transport, as Login does.
func (s *Scene) LoginOn(t wire.Transport, user string) *Peer {
	for _, other := range s.peers {
		if other.User == user && !other.closed { // it may still be registered: then it is kicked
			other.allow(other.copies(), func(a *arrival) bool { return a.end == nil && a.invalid == nil && a.message.Type == wire.TypeKickout })
			other.AllowEnd()
		}
	}
	p, _ := s.LoginAt(t, user, 0)
	p.KeepAlive()
	return p
}

// LoginAt logs in with a first login time, 0 for a first login, and returns the
// server's response. It does not settle. wants are further effects of the login to wait
// for.
func (s *Scene) LoginAt(t wire.Transport, user string, firstLoginTime int64, wants ...Want) (*Peer, wire.LoginResponse) {
	p := s.ConnectOn(t, s.labelOf(user))
	p.User = user
	return p, p.Login(firstLoginTime, wants...)
}

// labelOf returns the part of a user ID that distinguishes the users of one case.
func (s *Scene) labelOf(user string) string {
	if label, borrowed := s.labels[user]; borrowed {
		return label
	}
	label, _, _ := strings.Cut(user, "-")
	if i := strings.LastIndexByte(user, '-'); i >= 0 {
		label += user[i:]
	}
	return label
}

// replyTime, closeTime and settleTime return the timeouts of these names, extended by
// the delay of an impaired path.
func (s *Scene) replyTime() time.Duration  { return s.world.timeouts.Reply + s.PathDelay }
func (s *Scene) closeTime() time.Duration  { return s.world.timeouts.Close + s.PathDelay }
func (s *Scene) settleTime() time.Duration { return s.world.timeouts.Settle + s.PathDelay }

// Wait lets time pass and keeps sessions alive meanwhile.
func (s *Scene) Wait(d time.Duration) {
	s.keepSessionsAlive()
	s.WaitUntil(time.Now().Add(d))
}

// KeepSilent says that the case is about silent sessions: no echo is sent to keep them
// alive.
func (s *Scene) KeepSilent() { s.silent = true }

// keepSessionsAlive sends an echo on each connection that has been silent for as long
// as a client's heartbeat interval: a session must not expire because the case spends
// its time elsewhere.
func (s *Scene) keepSessionsAlive() {
	for _, p := range s.peers {
		t := p.conn.Transport()
		if s.silent || p.closed || p.mayEnd || p.byHand || p.keptAlive || time.Since(p.lastSent) < s.Target.Modes[t].Heartbeat() {
			continue
		}
		if p.drain(); p.end != nil {
			continue // what is sent after its end must not seem to have been sent before
		}
		echo := wire.NewEcho(p.User, s.Unique("upkeep"))
		p.Send(echo)
		p.Allow(1, wire.NewEchoResponse(echo))
	}
}

// Close logs users out and closes all connections.
func (s *Scene) Close() {
	for _, p := range s.peers {
		p.leave()
	}
	if s.anyLossy() { // the port is not free before the logout has arrived
		machine.Sleep(context.Background(), firstPause)
	}
	for _, p := range s.peers {
		p.Close()
	}
	for _, stream := range s.streams {
		_ = stream.Close()
	}
	if l := s.loan(); l != nil {
		l.after = s.lingering()
	}
}

// WaitForCopies waits until copies of datagrams that are under way have arrived, so
// that none of them undoes what the case does next. On streams there are none.
func (s *Scene) WaitForCopies() {
	if s.anyLossy() {
		s.Wait(s.world.timeouts.Resend + s.PathDelay)
	}
}

// WaitForEffects waits as long as one session may take to affect another, or the list
// of users (§7).
func (s *Scene) WaitForEffects() {
	s.Assume(suite.AssumesSettling)
	s.Wait(s.settleTime())
}
