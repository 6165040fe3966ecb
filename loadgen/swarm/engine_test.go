package swarm

import (
	"context"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// engines are the ways to drive connections over sockets of this machine.
var engines = []struct {
	name   string
	choose func(c *Config)
	secure bool // by TLS
	linux  bool // it is of use there only
}{
	{"a goroutine a connection", func(c *Config) { c.portable = true }, false, false},
	{"the system's own", func(*Config) {}, false, false},
	{"a goroutine a connection, TLS", func(c *Config) { c.portable = true }, true, false},
	{"the system's own, TLS", func(*Config) {}, true, false},
	{"a goroutine a connection, source addresses", func(c *Config) { c.portable, c.Sources = true, loopbacks(7) }, false, true},
	{"the system's own, source addresses", func(c *Config) { c.Sources = loopbacks(7) }, false, true},
}

// loopbacks are addresses of this machine: Linux has all of 127/8.
func loopbacks(n int) (list []netip.Addr) {
	for a := netip.MustParseAddr("127.0.9.1"); len(list) < n; a = a.Next() {
		list = append(list, a)
	}
	return list
}

// play is a load, and what befalls its server.
type play struct {
	Config
	secure    bool // by TLS
	faults    []string
	closed    bool                                                 // from the start
	meanwhile func(s *reference.Server, cancel context.CancelFunc) // called in the steady part; may be nil
}

// onEngines runs a load on each engine over sockets, on all of them at once: it
// counts, it does not time.
func onEngines(t *testing.T, p play, check func(t *testing.T, report *reports.Load)) {
	t.Parallel()
	results := make([]struct {
		report *reports.Load
		err    error
	}, len(engines))
	var running sync.WaitGroup
	for i, e := range engines {
		if e.linux && runtime.GOOS != "linux" || e.secure != p.secure {
			continue
		}
		start := startServer
		if e.secure {
			start = startSecureServer
		}
		s, described := start(t, transport.OS{}, p.faults...)
		defer s.Close()
		if p.closed {
			s.Close()
		}
		c := p.Config
		c.Target = described
		e.choose(&c)
		if p.meanwhile != nil {
			c.Duration += 1500 * time.Millisecond // a busy machine may tell of the steady part late
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var once sync.Once
		c.Progress = func(now Snapshot) {
			if p.meanwhile != nil && now.Phase == PhaseSteady {
				once.Do(func() { p.meanwhile(s, cancel) })
			}
		}
		running.Go(func() { results[i].report, results[i].err = Run(ctx, c) })
	}
	running.Wait()
	for i, e := range engines {
		if e.secure != p.secure {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			if results[i].err != nil {
				t.Fatal(results[i].err)
			}
			if results[i].report == nil {
				t.Skip("only Linux has the addresses")
			}
			check(t, results[i].report)
		})
	}
}

// shortLoad is in its steady part when it first reports its progress.
func shortLoad() Config {
	return Config{
		Transports: mixed,
		Options: options.Options{
			Clients: 60, Warmup: 500 * time.Millisecond,
			Duration: time.Second, Rate: 100, Payload: 64, Scenario: ScenarioSteady,
		},
	}
}

func lostSessions(report *reports.Load) (n int64) {
	for _, lost := range report.Sessions.LostByCause {
		n += lost
	}
	return n
}

func TestEnginesBalance(t *testing.T) {
	onEngines(t, play{Config: shortLoad()}, func(t *testing.T, report *reports.Load) {
		if got := report.Sessions; got.LoggedIn != 60 || got.AtEnd != 60 || len(got.LostByCause) != 0 {
			t.Errorf("sessions are %+v", got)
		}
		c2s, c2c := ledgerOf(t, report, plan.ToServer), ledgerOf(t, report, plan.ToClient)
		if total := c2s.Sent + c2c.Sent; total > 100 {
			t.Errorf("%d messages were sent, due were 100", total)
		}
		for _, l := range []reports.Ledger{c2s, c2c} {
			if l.Sent == 0 || l.Acknowledged != l.Sent || l.Missing != 0 || l.Unbalanced != 0 || l.Lost != 0 {
				t.Errorf("%+v does not balance", l)
			}
		}
		for _, kind := range mixed {
			if got := latencyOf(report, "login", kind.String(), reports.FromSend).Count; got != 20 {
				t.Errorf("%d logins on %s, want 20", got, kind)
			}
		}
	})
}

// A server with TLS is met in the same way, and its end shows as that of another.
func TestEnginesOverTLS(t *testing.T) {
	const clients = 12 // few, as the race detector makes handshakes slow
	c := shortLoad()
	c.Clients, c.Rate, c.Transports, c.Warmup = clients, 30, streams, 2*time.Second
	leave := func(s *reference.Server, _ context.CancelFunc) { s.Close() }
	t.Run("balance", func(t *testing.T) {
		onEngines(t, play{Config: c, secure: true}, func(t *testing.T, report *reports.Load) {
			if got := report.Sessions; got.LoggedIn != clients || got.AtEnd != clients || len(got.LostByCause) != 0 {
				t.Errorf("sessions are %+v", got)
			}
			for _, l := range []reports.Ledger{ledgerOf(t, report, plan.ToServer), ledgerOf(t, report, plan.ToClient)} {
				if l.Sent == 0 || l.Acknowledged != l.Sent || l.Missing != 0 || l.Unbalanced != 0 || l.Lost != 0 {
					t.Errorf("%+v does not balance", l)
				}
			}
		})
	})
	t.Run("the target goes away", func(t *testing.T) {
		onEngines(t, play{Config: c, secure: true, meanwhile: leave}, func(t *testing.T, report *reports.Load) {
			expect(t, report, reports.OutcomeUnreachable, 3, "the target went away")
			if got := report.Sessions; got.AtEnd != 0 || lostSessions(report) != clients {
				t.Errorf("sessions are %+v, want %d lost", got, clients)
			}
		})
	})
}

func TestEnginesShowDuplicates(t *testing.T) {
	onEngines(t, play{Config: shortLoad(), faults: []string{"c2c-doubled"}}, func(t *testing.T, report *reports.Load) {
		// The last ones may arrive when the run is over already.
		if got := ledgerOf(t, report, plan.ToClient); got.Delivered != got.Sent || got.Duplicated < got.Sent*9/10 {
			t.Errorf("got %+v, want every message twice", got)
		}
	})
}

// A kick-out is read before the end of the connection that comes with it.
func TestEnginesShowKicks(t *testing.T) {
	kick := func(s *reference.Server, _ context.CancelFunc) {
		for _, user := range s.Online()[:9] {
			s.Kick(user, wire.Kickout{Code: wire.KickAdministrator})
		}
	}
	onEngines(t, play{Config: shortLoad(), meanwhile: kick}, func(t *testing.T, report *reports.Load) {
		if got := report.Sessions; got.LostByCause["kicked out with code 2"] != 9 || len(got.LostByCause) != 1 || got.AtEnd != 51 {
			t.Errorf("sessions are %+v", got)
		}
	})
}

func TestEnginesShowThatTheTargetGoesAway(t *testing.T) {
	c := shortLoad()
	c.Transports = streams
	leave := func(s *reference.Server, _ context.CancelFunc) { s.Close() }
	onEngines(t, play{Config: c, meanwhile: leave}, func(t *testing.T, report *reports.Load) {
		expect(t, report, reports.OutcomeUnreachable, 3, "the target went away")
		if got := report.Sessions; got.AtEnd != 0 || lostSessions(report) != 60 {
			t.Errorf("sessions are %+v, want 60 lost", got)
		}
	})
}

func TestEnginesFindNobody(t *testing.T) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			c := shortLoad()
			c.Clients, c.Transports, c.Scenario = 10, []wire.Transport{kind}, ScenarioIdle
			onEngines(t, play{Config: c, closed: true}, func(t *testing.T, report *reports.Load) {
				expect(t, report, reports.OutcomeUnreachable, 3, "no client could log in; first load-")
				if lostSessions(report) != 10 || report.Sessions.LoggedIn != 0 {
					t.Errorf("sessions are %+v, want 10 that never came to be", report.Sessions)
				}
			})
		})
	}
}

func TestEnginesAreInterrupted(t *testing.T) {
	c := shortLoad()
	c.Duration = time.Hour
	interrupt := func(_ *reference.Server, cancel context.CancelFunc) { cancel() }
	onEngines(t, play{Config: c, meanwhile: interrupt}, func(t *testing.T, report *reports.Load) {
		expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after")
		if got := report.Sessions; got.AtEnd != 60 || len(got.LostByCause) != 0 {
			t.Errorf("sessions are %+v", got)
		}
	})
}

// Everybody is logged out at the end, and every connection closed.
func TestEnginesLogOut(t *testing.T) {
	c := shortLoad()
	var mu sync.Mutex
	var servers []*reference.Server
	note := func(s *reference.Server, _ context.CancelFunc) {
		mu.Lock()
		defer mu.Unlock()
		if len(s.Online()) != 60 {
			t.Errorf("%d are online in the steady part", len(s.Online()))
		}
		servers = append(servers, s)
	}
	onEngines(t, play{Config: c, meanwhile: note}, func(t *testing.T, _ *reports.Load) {
		for _, s := range servers {
			for end := time.Now().Add(10 * time.Second); len(s.Online()) > 0; runtime.Gosched() {
				if time.Now().After(end) {
					t.Fatalf("still online are %q", s.Online())
				}
			}
		}
	})
}
