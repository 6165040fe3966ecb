package swarm

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// fakeEngine notes what a worker wants of an engine.
type fakeEngine struct {
	asked   []engine.ConnectionID
	waiting []engine.ConnectionID // in the queue
}

func (e *fakeEngine) Open(_ wire.Transport, id engine.ConnectionID, _ plan.Seat) {
	e.asked = append(e.asked, id)
}
func (e *fakeEngine) Wait(time.Duration) error { return nil }
func (e *fakeEngine) Took(time.Duration)       {}
func (e *fakeEngine) Flush()                   {}
func (e *fakeEngine) Queued(visit func(engine.ConnectionID)) {
	for _, id := range e.waiting {
		visit(id)
	}
}
func (e *fakeEngine) Wake()  {}
func (e *fakeEngine) Close() {}

// last is the connection that was asked for most recently.
func (e *fakeEngine) last() engine.ConnectionID { return e.asked[len(e.asked)-1] }

// fakeLink notes what is sent.
type fakeLink struct {
	sent   []string
	err    error // error of every Send
	closed bool
}

func (l *fakeLink) Send(body []byte) error {
	if l.err == nil {
		l.sent = append(l.sent, string(body))
	}
	return l.err
}

func (l *fakeLink) Close() error { l.closed = true; return nil }
func (l *fakeLink) Mute()        { l.err = errors.New("muted") }

// stage is one worker with one client on TCP, driven by hand in virtual time.
type stage struct {
	*testing.T
	*worker
	swarm  *swarm
	engine *fakeEngine
	link   *fakeLink
}

// onStage runs play on a client that has begun to log in. It has no ramp
// and no warm-up, and sends two messages a second.
func onStage(t *testing.T, play func(s *stage)) {
	t.Helper()
	onStageOf(t, func(*Config) {}, play)
}

// onStageOf is onStage for a load that change makes of the usual one.
func onStageOf(t *testing.T, change func(c *Config), play func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := goodConfig()
		c.Clients, c.Ramp, c.Warmup, c.Duration, c.Rate = 1, 0, 0, time.Minute, 2
		c.Transports = []wire.Transport{wire.TCP}
		change(&c)
		swarm := newSwarm(c)
		s := &stage{T: t, worker: swarm.workers[0], swarm: swarm, engine: &fakeEngine{}}
		s.worker.driver.engine = s.engine
		s.roster.started = 1
		s.driver.begin(&s.roster.members[0])
		play(s)
	})
}

func (s *stage) arrive(kind engine.ArrivalKind, m wire.Message, err error) {
	s.take(engine.Arrival{Kind: kind, ID: s.engine.last(), At: s.run.Now(), Message: m, Err: err})
}

// logIn lets the client in on a new link.
func (s *stage) logIn() {
	s.link = &fakeLink{}
	s.take(engine.Arrival{Kind: engine.Opened, ID: s.engine.last(), At: s.run.Now(), Began: s.run.Now(), Link: s.link})
	s.arrive(engine.Received, wire.NewLoginResponse(s.roster.members[0].rules.User(), wire.CodeOK, 1), nil)
	if !s.roster.members[0].online {
		s.Fatal("the client is not online after its login")
	}
}

// pass lets time go by, and the worker do what is due then.
func (s *stage) pass(d time.Duration) {
	time.Sleep(d) // virtual
	s.step()
}

// sentOf counts messages of one type on the link.
func (s *stage) sentOf(kind wire.Type) (n int) {
	for _, text := range s.link.sent {
		if m, err := wire.Decode([]byte(text)); err == nil && m.Type == kind {
			n++
		}
	}
	return n
}

func TestWorkerSendsOnSchedule(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.step()
		s.pass(500 * time.Millisecond)
		s.pass(499 * time.Millisecond)
		if got := s.sentOf(wire.TypeData); got != 2 {
			t.Errorf("%d messages were sent before the first second was over, want 2", got)
		}
		if wait, any := s.nextDue(); !any || wait != time.Millisecond {
			t.Errorf("the next is due in %v, %t; want 1 ms", wait, any)
		}
		if got := s.books.Latencies.Lateness.Max(); got != 0 {
			t.Errorf("sends in time are %d µs late", got)
		}
	})
}

// What is due in close succession is done together, and nothing before it is due.
func TestWorkerGathersWhatIsDue(t *testing.T) {
	onStageOf(t, func(c *Config) { c.Rate = 10_000 }, func(s *stage) { // one each 100 µs
		s.logIn()
		s.step()
		if wait, any := s.nextDue(); !any || wait != 100*time.Microsecond+gatherTime {
			t.Errorf("the worker waits for %v, %t; want %v after the next message is due", wait, any, gatherTime)
		}
		s.pass(100*time.Microsecond - 1)
		if got := s.sentOf(wire.TypeData); got != 1 {
			t.Errorf("%d messages were sent before the second one was due, want 1", got)
		}
		s.pass(gatherTime + 1)
		if got, late := s.sentOf(wire.TypeData), s.books.Latencies.Lateness.Max(); got != 4 || late < 249 || late > 251 {
			t.Errorf("%d messages were sent, up to %d µs late; want 4, and the first of the last three by 250", got, late)
		}
	})
}

func TestWorkerMakesUpForLateSends(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.pass(900 * time.Millisecond) // two are due: at 0 and at 500 ms
		if got := s.sentOf(wire.TypeData); got != 2 || s.books.NotMade[books.TooLate].Load() != 0 {
			t.Errorf("%d messages were sent and %d dropped, want 2 and none", got, s.books.NotMade[books.TooLate].Load())
		}
		if got := s.books.Latencies.Lateness.Max(); got < 899_000 || got > 901_000 {
			t.Errorf("the later one went out %d µs late, want 900,000", got)
		}
	})
}

func TestWorkerDropsSendsThatAreTooLate(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.pass(2600 * time.Millisecond) // due: 0, 500, 1000, 1500 are too late, 2000 and 2500 are not
		if got := s.sentOf(wire.TypeData); got != 2 || s.books.NotMade[books.TooLate].Load() != 4 {
			t.Errorf("%d messages were sent and %d dropped, want 2 and 4", got, s.books.NotMade[books.TooLate].Load())
		}
	})
}

func TestWorkerCountsSendsWithoutALogin(t *testing.T) {
	onStage(t, func(s *stage) {
		s.pass(600 * time.Millisecond)
		if s.books.NotMade[books.NotOnline].Load() != 2 || s.books.Messages[plan.ToServer].Sent.Load() != 0 {
			t.Errorf("%d sends found nobody online, want 2", s.books.NotMade[books.NotOnline].Load())
		}
	})
}

func TestWorkerCountsRetransmissions(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.step()
		s.pass(3 * time.Second)
		s.arrive(engine.Received, wire.NewKeepAliveResponse("u"), nil)
		s.pass(2 * time.Second) // §4: the sweep at 5 s repeats what is older than 3 s
		if got := s.books.Messages[plan.ToServer].Retransmits.Load(); got != 1 {
			t.Errorf("%d retransmissions were counted, want 1", got)
		}
	})
}

func TestWorkerTakesAFailedWriteForTheEnd(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.link.err = &transport.CloseError{Reason: transport.Timeout}
		s.step()
		if got := s.books.Sessions.Lost[causeTimeout]; got != 1 || !s.link.closed {
			t.Errorf("lost are %v, the link is closed: %t", s.books.Sessions.Lost, s.link.closed)
		}
		if len(s.engine.asked) != 2 {
			t.Errorf("%d connections were asked for, want one more after the loss", len(s.engine.asked))
		}
		s.logIn()
		if s.books.Sessions.LoggedIn != 2 || s.books.Latencies.Total(books.Login, "tcp", 0).TotalCount() != 1 {
			t.Error("the second login has to count, but not for the latency: it was not due at any time")
		}
	})
}

// A write may meet the end of a stream before the messages ahead of that end
// were handled: the reason that they give counts.
func TestWorkerWaitsForTheReaderAfterAReset(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.link.err = &transport.CloseError{Reason: transport.Reset, Err: syscall.EPIPE}
		s.step()
		if s.books.Sessions.Total() != 0 {
			t.Errorf("lost are %v before the reader told of the end", s.books.Sessions.Lost)
		}
		s.arrive(engine.Received, wire.NewKickout("u", wire.Kickout{Code: wire.KickAdministrator}), nil)
		s.arrive(engine.Ended, wire.Message{}, s.link.err)
		if s.books.Sessions.Lost["kicked out with code 2"] != 1 || s.books.Sessions.Total() != 1 {
			t.Errorf("lost are %v, want one kick", s.books.Sessions.Lost)
		}
	})
}

func TestWorkerPassesOverOldConnections(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		old := engine.ConnectionID{Serial: s.engine.last().Serial - 1}
		late := &fakeLink{}
		s.take(engine.Arrival{Kind: engine.Opened, ID: old, At: s.run.Now(), Link: late})
		s.take(engine.Arrival{Kind: engine.Ended, ID: old, At: s.run.Now(), Err: errors.New("gone")})
		if !late.closed || !s.roster.members[0].online || s.link.closed {
			t.Error("an old connection has to be closed, and must not touch the new one")
		}
	})
}

// What is read before a tick may be handled after it: the rules' time stops
// then, and does not go back.
func TestWorkerKeepsTheRulesTimeInOrder(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		read := s.run.Now()
		time.Sleep(3 * time.Second) // virtual
		s.driver.tick(&s.roster.members[0], s.run.Now())
		s.take(engine.Arrival{Kind: engine.Received, ID: s.engine.last(), At: read, Message: wire.NewKeepAliveResponse("u")})
		if got := s.books.Latencies.Total(books.Heartbeat, "tcp", 1); got.TotalCount() != 1 || got.Max() != 0 {
			t.Errorf("%d heartbeats, up to %d µs; want one that took no time", got.TotalCount(), got.Max())
		}
	})
}

func TestWorkerNamesRefusals(t *testing.T) {
	onStage(t, func(s *stage) {
		s.link = &fakeLink{}
		s.take(engine.Arrival{Kind: engine.Opened, ID: s.engine.last(), At: s.run.Now(), Link: s.link})
		s.arrive(engine.Received, wire.NewLoginResponse("u", 1025, 0), nil)
		if s.books.Sessions.Lost["login refused with code 1025"] != 1 || s.books.Sessions.Dismissed != 1 {
			t.Errorf("lost are %v", s.books.Sessions.Lost)
		}
	})
}

// On UDP a server that has forgotten the session answers with error 301 (§3).
func TestWorkerNamesForgottenSessions(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.arrive(engine.Received, wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u")), nil)
		s.arrive(engine.Received, wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u")), nil)
		if s.books.Sessions.Lost[causeExpired] != 1 || s.swarm.online.Now.Load() != 0 {
			t.Errorf("lost are %v, %d are online; want one lost once", s.books.Sessions.Lost, s.swarm.online.Now.Load())
		}
	})
}

// Messages of other runs, and such as were changed beyond recognition, are in
// nobody's account.
func TestWorkerPassesOverForeignMessages(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		user := s.roster.members[0].rules.User()
		s.arrive(engine.Received, wire.NewQoSData("x", user, "1.1.", "other.1.1"), nil)
		s.arrive(engine.Received, wire.NewQoSData("x", user, "nothing", string(s.swarm.Nonce)+".1.1"), nil)
		if got := s.books.Messages[plan.ToClient].Delivered.Load(); got != 0 {
			t.Errorf("%d foreign messages were counted", got)
		}
		if s.sentOf(wire.TypeReceived) != 2 {
			t.Error("they have to be acknowledged all the same")
		}
	})
}

func TestWorkerEndsWithLogouts(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		s.end()
		if s.books.Sessions.AtEnd != 1 || !s.link.closed || !strings.Contains(s.link.sent[len(s.link.sent)-1], `"type":3`) {
			t.Errorf("%d at the end, sent was %q", s.books.Sessions.AtEnd, s.link.sent)
		}
	})
}
