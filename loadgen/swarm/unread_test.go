package swarm

import (
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// pickyServer serves TCP clients by the protocol, except that it lets the first few
// in and never reads from them again, or closes on each of them.
type pickyServer struct {
	listener net.Listener
	unread   int
	closes   bool
	serving  sync.WaitGroup
}

func startPickyServer(t *testing.T, network transport.Network, unread int, closes bool) (*pickyServer, *target.Target) {
	t.Helper()
	modes, err := timing.ParseModes("3S", wire.Transports[:])
	if err != nil {
		t.Fatal(err)
	}
	l, err := network.ListenStream("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &pickyServer{listener: l, unread: unread, closes: closes}
	s.serving.Go(s.accept)
	described := &target.Target{Network: network, Modes: modes}
	described.Addresses[wire.TCP] = l.Addr().String()
	return s, described
}

func (s *pickyServer) accept() {
	for n := 0; ; n++ {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() { s.serve(c, n < s.unread) })
	}
}

func (s *pickyServer) serve(c net.Conn, ignore bool) {
	defer c.Close()
	split, buffer := wire.Splitter{}, make([]byte, 4096)
	for {
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		for in := buffer[:n]; ; {
			body, ok, err := split.Next(&in)
			if err != nil || !ok {
				break
			}
			m, err := wire.Decode(body)
			if err != nil {
				return
			}
			if _, err := c.Write(wire.AppendFrame(nil, answerTo(m).Append(nil))); err != nil {
				return
			}
		}
		if s.closes {
			return
		}
		if ignore {
			time.Sleep(time.Hour) // virtual
			return
		}
	}
}

// answerTo returns a server's answer to a message.
func answerTo(m wire.Message) wire.Message {
	switch m.Type {
	case wire.TypeLogin:
		return wire.NewLoginResponse("u", wire.CodeOK, 1)
	case wire.TypeKeepAlive:
		return wire.NewKeepAliveResponse("u")
	}
	return wire.NewReceived(m)
}

// Connections that are not read cost their own sessions, and neither time nor
// sessions of the others.
func TestUnreadConnectionsHarmNobodyElse(t *testing.T) {
	var report *reports.Load
	synctest.Test(t, func(t *testing.T) {
		const clients, unread = 12, 3
		s, described := startPickyServer(t, memory.New(), unread, false)
		c := load()
		c.Target, c.Transports, c.Clients, c.Ramp = described, []wire.Transport{wire.TCP}, clients, 0
		c.Rate, c.Payload, c.Duration = 120, 5000, 8*time.Second
		var err error
		if report, err = Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		s.listener.Close()
		s.serving.Wait()
	})
	lost := report.Sessions.LostByCause
	if lost[causeTimeout] != 3 || len(lost) != 1 || report.Sessions.AtEnd != 12 {
		t.Errorf("sessions are %+v, want 3 lost as %q and all online again", report.Sessions, causeTimeout)
	}
	if got := report.Generator.LatenessMaxUs; got != 0 {
		t.Errorf("sends were up to %d µs late", got)
	}
}

// A target that lets its clients in and closes gets no more logins than the pause
// of the clients allows.
func TestSwarmPausesBetweenYoungSessions(t *testing.T) {
	const clients = 20
	var report *reports.Load
	synctest.Test(t, func(t *testing.T) {
		s, described := startPickyServer(t, memory.New(), 0, true)
		c := load()
		c.Target, c.Transports, c.Clients, c.Ramp, c.Warmup = described, []wire.Transport{wire.TCP}, clients, 0, 0
		c.Scenario, c.Duration = ScenarioIdle, 10*time.Second
		var err error
		if report, err = Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		s.listener.Close()
		s.serving.Wait()
	})
	// Two at once, and one after each pause of 3 s.
	if got := report.Sessions.LoggedIn; got != 5*clients {
		t.Errorf("there were %d logins in 10 s, want %d", got, 5*clients)
	}
	expect(t, report, reports.OutcomeFail, 1, "100 sessions were lost; nobody was online from ")
	if lost := report.Sessions.LostByCause; lost[causeClosed] != 5*clients {
		t.Errorf("lost are %v, want all by %q", lost, causeClosed)
	}
}
