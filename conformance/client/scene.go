package client

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/driver"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/record"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Scene is the test context of one case against a client on one transport: the client, and
// a scripted server for it. Its methods end the case when the client does not do what they
// expect. It is used from the case's goroutine only.
type Scene struct {
	*suite.Attempt
	User  string // that the client logs in, "" before
	Token string
	Extra wire.Text

	// The client and the server that is played to it.
	world    *world
	driver   *driver.Driver
	gate     *gate // between the server and the client's network
	acceptor *transport.Acceptor
	port     int
	working  sync.WaitGroup
	closed   bool
	// unfollowed is closed when the events of the driver mean nothing to the case any more,
	// and following then waits for their reader.
	unfollowed chan struct{}
	following  sync.WaitGroup

	// What happened.
	mu      sync.Mutex
	log     []*Entry // in the order in which it came
	changed chan struct{}
	links   []*Link
	failed  error // of the driver; nothing comes from it after that

	refusing bool // what comes from somebody who is not logged in gets error 301

	answering    atomic.Bool // keep-alives are answered
	loggedInOnce bool        // a login was waited for
	session      *Link       // where the client is logged in; nil when it is not
	allowances   []*allowance
}

// maxEntries bounds what a scene keeps of a client that floods.
const maxEntries = 20_000

// Mode returns the sense mode in which the client runs.
func (s *Scene) Mode() timing.SenseMode { return s.world.target.Modes[s.Transport] }

// GiveUp returns how long the client waits for a response to its keep-alives (§3).
func (s *Scene) GiveUp() time.Duration { return s.Mode().GiveUp(s.Transport) }

// Relogin returns the client's pause between login attempts (§3).
func (s *Scene) Relogin() time.Duration { return timing.Relogin(s.Transport) }

func (s *Scene) replyTime() time.Duration { return s.world.timeouts.Reply }

// SettleTime returns how long a scene listens for what must not happen.
func (s *Scene) SettleTime() time.Duration { return s.world.timeouts.Settle + s.PathDelay }

// Begin starts the server and the client.
func (s *Scene) Begin() {
	if s.driver != nil {
		return
	}
	s.gate = newGate(s.network())
	s.Listen(net.JoinHostPort(s.world.target.host(), "0"))
	launch := s.world.clients.Launch
	if s.Fresh {
		launch = s.world.clients.Fresh
	}
	d, err := launch(s.Context())
	if err != nil {
		s.Note(err)
		s.CheckAlive()
		suite.Broken(err)
	}
	s.driver = d
	s.Transcript.Line("driver", record.Received, d.Ready.String())
	if d.Played > 0 {
		s.Carried = fmt.Sprintf("a client that had played %d of the cases before", d.Played)
		s.Remark("this is %s", s.Carried)
	}
	s.following.Go(s.follow)
}

// network returns the network of the server, whose connections are impaired by the path of
// the target. Each attempt loses other datagrams, and a run with the same seed the same.
func (s *Scene) network() transport.Network {
	name := fmt.Sprintf("%s %s %d", s.Item.ID, s.Transport, s.Number)
	return s.world.target.Path.Listeners(impair.WithName(s.Context(), name), s.world.target.Network, s.Transport)
}

// Listen starts the server at an address; Begin does that at a free port.
func (s *Scene) Listen(address string) {
	a, err := transport.ListenForConns(s.gate, s.Transport, address, transport.Options{})
	if err != nil {
		s.Note(err)
		suite.Broken(err)
	}
	s.acceptor = a
	s.port = int(netip.MustParseAddrPort(a.Addr().String()).Port())
	s.working.Go(func() { s.accept(a) })
}

// StopListening closes the server's socket; connections that it has stay.
func (s *Scene) StopListening() { _ = s.acceptor.Close() }

// ListenAgain opens the server's socket at the port that it had.
func (s *Scene) ListenAgain() { s.Listen(net.JoinHostPort(s.world.target.host(), fmt.Sprint(s.port))) }

func (s *Scene) accept(a *transport.Acceptor) {
	for {
		conn, err := a.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		s.mu.Lock()
		l := &Link{scene: s, label: fmt.Sprintf("link %d", len(s.links)+1), raw: conn.Raw()}
		l.watchControl(conn)
		l.conn = s.Transcript.Wrap(l.label, conn)
		s.links = append(s.links, l)
		s.Opened++
		s.mu.Unlock()
		s.note(&Entry{Link: l, Opened: true})
		s.working.Go(l.read)
	}
}

// follow notes what the driver reports.
func (s *Scene) follow() {
	for {
		select {
		case e, ok := <-s.driver.Events():
			if !ok {
				s.driverEnded()
				return
			}
			s.Transcript.Line("driver", record.Received, e.String())
			s.note(&Entry{At: e.At, Event: &e.Event})
		case <-s.unfollowed:
			return
		}
	}
}

// driverEnded notes that the driver ended, unasked if the case still goes on.
func (s *Scene) driverEnded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.failed = s.driver.Err()
		s.wake()
	}
}

// note keeps an entry, now unless it has a time.
func (s *Scene) note(e *Entry) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log) < maxEntries {
		s.log = append(s.log, e)
	}
	s.wake()
}

// wake tells waiters that something has come; the lock is held.
func (s *Scene) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Do tells the client to do something.
func (s *Scene) Do(c driverapi.Command) time.Time {
	s.Begin()
	at := time.Now()
	line := c.Append(nil)
	s.Transcript.Line("driver", record.Sent, string(line[:len(line)-1]))
	if c.Do == driverapi.ActionLogin || c.Do == driverapi.ActionLogout { // the contract leaves open whether these are reported as sent
		s.allow(1, func(e *Entry) bool { return e.isEvent(driverapi.EventSent) })
	}
	if err := s.driver.Do(c); err != nil {
		suite.Broken(err)
	}
	return at
}

// LoseNetwork cuts the client off without a word, until RestoreNetwork.
func (s *Scene) LoseNetwork() time.Time {
	s.Transcript.Remark("network", "it is gone")
	s.gate.lose()
	return time.Now()
}

// RestoreNetwork brings the network back.
func (s *Scene) RestoreNetwork() time.Time {
	at := time.Now()
	s.Transcript.Remark("network", "it is back")
	s.gate.restore()
	return at
}

// Rebind makes the client come from another port from now on, which is that of somebody
// unknown, and drops what is sent to the port before: UDP only.
func (s *Scene) Rebind() time.Time {
	s.Transcript.Remark("network", "the client comes from another port")
	s.gate.rebind()
	return time.Now()
}

// RefuseStrangers answers what comes on a link that is not logged in with error 301 from now
// on, as a server does (§3), and asks nothing more of it; logins aside.
func (s *Scene) RefuseStrangers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusing = true
}

// Silence stops the answers to keep-alives, and Answer starts them again.
func (s *Scene) Silence() { s.answering.Store(false) }

// Answer answers keep-alives from now on.
func (s *Scene) Answer() { s.answering.Store(true) }

// Wait lets time pass.
func (s *Scene) Wait(d time.Duration) { s.WaitUntil(time.Now().Add(d)) }

// PathTrouble says whether the path is impaired: it is within this machine, and loses
// nothing by itself.
func (s *Scene) PathTrouble() string { return s.world.target.Path.Trouble(s.Transport) }

// Close ends the client, or gives it back for another case, and ends the server.
func (s *Scene) Close() {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	links := s.links
	s.mu.Unlock()
	if closed {
		return
	}
	close(s.unfollowed)
	s.following.Wait()
	switch {
	case s.driver == nil:
	case s.Passed():
		s.world.clients.Return(s.driver)
	default:
		s.driver.Stop()
	}
	if s.gate != nil {
		s.gate.close()
	}
	if s.acceptor != nil {
		_ = s.acceptor.Close() // nobody is left to report it to
	}
	for _, l := range links {
		_ = l.conn.Abort()
	}
	s.working.Wait()
}
