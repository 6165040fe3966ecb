package conformance

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"imcheck/harness/target"
	"imcheck/harness/transport/record"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Scene is what one case on one transport has to work with: users and
// connections of its own, the target, and expectations that end the case when
// they do not hold. It is used from the case's goroutine only.
type Scene struct {
	Transport wire.Transport
	Target    *target.Target

	g            gomega.Gomega
	item         Item
	run          *run
	begun        func()          // tells the gate that the case has had an answer
	parent, ctx  context.Context // of the run, and bounded to the time of the case
	cancel       context.CancelFunc
	started      time.Time
	transcript   *record.Transcript
	peers        []*Peer
	streams      []net.Conn
	opened       int    // connections
	trouble      string // what this machine did not give
	measurements []reports.Measurement
	found        string // by an INFO case
	assumed      []Assumption
	names        int // users and fingerprints given out

	// Round trips so far, and how long they took together.
	trips     int
	travelled time.Duration
	longest   time.Duration // of them
	silent    bool          // sessions are not kept up

	counts []*EventWant    // what the application has been told is counted at the end
	once   map[string]bool // fingerprints of messages of which every copy is asked for
}

func newScene(ctx context.Context, r *run, item Item) *Scene {
	s := &Scene{Transport: item.Transport, Target: r.target, item: item, run: r, parent: ctx, started: time.Now()}
	most := r.timeouts.Case + item.Takes
	s.ctx, s.cancel = context.WithTimeoutCause(ctx, most, fmt.Errorf("the case took longer than %v", most))
	s.transcript = record.New(s.started, record.Limits{})
	s.g = gomega.NewGomega(func(message string, _ ...int) { fail(item.Requirement, oneLine(message)) })
	return s
}

// again is a scene to run the same case in once more: the transcript goes on, and
// the users are others.
func (s *Scene) again() *Scene {
	second := newScene(s.parent, s.run, s.item)
	second.transcript, second.names, second.started, second.begun = s.transcript, s.names, s.started, s.begun
	return second
}

// NoSpareCopies says that the case asks for every copy of a message that may come:
// no retransmission is taken for one that a missed ACK explains (§7).
func (s *Scene) NoSpareCopies(m wire.Message) {
	if s.once == nil {
		s.once = map[string]bool{}
	}
	s.once[m.Fingerprint.Value()] = true
}

// User makes a user id that nobody else has. It carries the case's ID, so that
// a server's log can be matched; prefix comes first and may mean something to
// the application behind the server.
func (s *Scene) User(prefix string) string { return s.unique(prefix) }

// Fingerprint makes a fingerprint that nobody else has.
func (s *Scene) Fingerprint() string { return s.unique("fp") }

func (s *Scene) unique(prefix string) string {
	s.names++
	return fmt.Sprintf("%s-%s-%s-%s-%d", prefix, strings.ReplaceAll(s.item.ID, "/", "."), s.Transport, s.run.nonce, s.names)
}

// Mode is the target's sense mode on the case's transport.
func (s *Scene) Mode() timing.SenseMode { return s.Target.Modes[s.Transport] }

// Expiry is how long the target keeps a silent session on the case's transport (§3).
func (s *Scene) Expiry() time.Duration { return s.Mode().Expiry(s.Transport) }

// Tolerance is granted on both sides of every measured time.
func (s *Scene) Tolerance() time.Duration { return s.Target.Tolerance }

// Other is a transport that the target serves besides the case's own; it is
// the case's own when there is no other.
func (s *Scene) Other() wire.Transport {
	for _, t := range s.Target.Transports() {
		if t != s.Transport {
			return t
		}
	}
	return s.Transport
}

// Remark writes a line into the transcript.
func (s *Scene) Remark(format string, args ...any) {
	s.transcript.Remark("case", fmt.Sprintf(format, args...))
}

// Found says what an INFO case has found, in one sentence.
func (s *Scene) Found(format string, args ...any) { s.found = fmt.Sprintf(format, args...) }

// Connect opens a connection on the case's transport. label names it in the
// transcript.
func (s *Scene) Connect(label string) *Peer { return s.ConnectOn(s.Transport, label) }

// ConnectOn opens a connection on a given transport.
func (s *Scene) ConnectOn(t wire.Transport, label string) *Peer {
	ctx, cancel := context.WithTimeout(s.ctx, s.run.timeouts.Dial)
	defer cancel()
	conn, err := s.Target.Dial(s.named(ctx, t, label), t)
	if err != nil {
		s.dialFailed(t, err)
	}
	s.opened++
	p := newPeer(s, label, conn)
	s.peers = append(s.peers, p)
	return p
}

// dialFailed ends the case: with a failure only when the target was there. A proxy that
// refuses for it is somebody else.
func (s *Scene) dialFailed(t wire.Transport, err error) {
	s.note(err)
	s.checkAlive()
	if isDialError(err) {
		broken(err)
	}
	if gone := s.Target.Probe(s.ctx, t, probeWait); t == wire.WS && gone != nil {
		broken(gone)
	}
	fail("a connection on "+t.String(), err.Error())
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
		p := s.Connect(labelOf(user))
		p.User = user
		peers = append(peers, p)
		responses = append(responses, p.GetsLoginResponse(wire.CodeOK))
		settled = append(settled, p.Gets(wire.NewKeepAliveResponse(user)))
	}
	lossy := s.anyLossy()
	s.until(lossy, func() {
		for _, p := range peers {
			p.Send(LoginMessage(p.User, s.Target.Token(), 0))
		}
	}, responses...)
	s.until(true, func() { // see settleLogin
		for _, p := range peers {
			p.Send(wire.NewKeepAlive(p.User))
		}
	}, settled...)
	return peers
}

// LoginOn is Login on a given transport.
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

// LoginAt logs in with a first login time, 0 for a first login, and returns
// the server's response. It does not settle. What else the login causes may be
// wanted of it too.
func (s *Scene) LoginAt(t wire.Transport, user string, firstLoginTime int64, wants ...Want) (*Peer, wire.LoginResponse) {
	p := s.ConnectOn(t, labelOf(user))
	p.User = user
	return p, p.Login(firstLoginTime, wants...)
}

// labelOf is the part of a user id that tells the users of one case apart.
func labelOf(user string) string {
	label, _, _ := strings.Cut(user, "-")
	if i := strings.LastIndexByte(user, '-'); i >= 0 {
		label += user[i:]
	}
	return label
}

// pathDelay is the most that an impaired path adds to a round trip on any of the
// target's transports.
func (s *Scene) pathDelay() (most time.Duration) {
	for _, t := range s.Target.Transports() {
		most = max(most, s.Target.PathDelay(t))
	}
	return most
}

// replyTime, closeTime and settleTime are the timeouts of these names over the path
// that there is.
func (s *Scene) replyTime() time.Duration  { return s.run.timeouts.Reply + s.pathDelay() }
func (s *Scene) closeTime() time.Duration  { return s.run.timeouts.Close + s.pathDelay() }
func (s *Scene) settleTime() time.Duration { return s.run.timeouts.Settle + s.pathDelay() }

// Wait lets time pass.
func (s *Scene) Wait(d time.Duration) {
	s.keepUp()
	s.WaitUntil(time.Now().Add(d))
}

// KeepSilent says that the case is about sessions that say nothing but what it
// lets them say.
func (s *Scene) KeepSilent() { s.silent = true }

// keepUp sends an echo on each connection that has been silent for as long as a
// client's heartbeat: a session must not expire because the case takes its time
// elsewhere.
func (s *Scene) keepUp() {
	for _, p := range s.peers {
		t := p.conn.Transport()
		if s.silent || p.closed || p.mayEnd || p.byHand || p.hasHeart || time.Since(p.lastSent) < s.Target.Modes[t].Heartbeat() {
			continue
		}
		if p.drain(); p.end != nil {
			continue // what is sent after its end must not seem to have been sent before
		}
		echo := wire.NewEcho(p.User, s.unique("upkeep"))
		p.Send(echo)
		p.Allow(1, wire.NewEchoResponse(echo))
	}
}

// WaitUntil lets time pass up to a moment.
func (s *Scene) WaitUntil(at time.Time) {
	s.begun() // it asks nothing of the target meanwhile
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		s.checkAlive()
	}
}

// checkAlive ends the case when the run has been given up, for instance
// because the target is gone.
func (s *Scene) checkAlive() {
	if s.ctx.Err() != nil {
		broken(context.Cause(s.ctx))
	}
}

func (s *Scene) close() {
	s.cancel()
	for _, p := range s.peers {
		p.leave()
	}
	if s.anyLossy() { // the port is not free before the logout has arrived
		pause(context.Background(), firstPause)
	}
	for _, p := range s.peers {
		p.Close()
	}
	for _, stream := range s.streams {
		_ = stream.Close()
	}
}

// LetCopiesCome waits until copies of datagrams that are under way have arrived:
// what the case does next must not be undone by one. On streams there are none.
func (s *Scene) LetCopiesCome() {
	if s.anyLossy() {
		s.Wait(s.run.timeouts.Resend + s.pathDelay())
	}
}

// LetEffectsCome waits for as long as something may take that one session
// causes in another, or in what the server knows of its users (§7).
func (s *Scene) LetEffectsCome() {
	s.assume(AssumesSettling)
	s.Wait(s.settleTime())
}
