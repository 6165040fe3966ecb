package swarm

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/loadgen/plan"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// A server that dies and comes back is loaded again: the clients log in by
// their own rules, and what was measured before is kept.
func TestSwarmOutlivesItsTarget(t *testing.T) {
	c := load()
	c.Transports = []wire.Transport{wire.TCP, wire.WS}
	var report *reports.Load
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		s, described := startServer(t, network)
		again := make(chan *reference.Server, 1)
		go func() {
			time.Sleep(15*time.Second + 500*time.Millisecond) // virtual
			s.Close()
			time.Sleep(4 * time.Second) // virtual
			config := reference.Config{Network: network, Addresses: described.Addresses, Modes: described.Modes, Limits: server.DefaultLimits}
			s, err := reference.Start(config)
			if err != nil {
				t.Error(err)
			}
			again <- s
		}()
		c.Target = described
		var err error
		if report, err = Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		(<-again).Close()
	})
	expect(t, report, reports.OutcomeFail, 1, "60 sessions were lost; nobody was online from 16.0 s to 2")
	if got := report.Sessions; got.LoggedIn != 120 || got.AtEnd != 60 || len(got.Outages) != 1 {
		t.Errorf("sessions are %+v, want 120 logins and 60 at the end", got)
	}
	if report.SteadyMs != 30_000 {
		t.Errorf("%d ms counted, want all of them", report.SteadyMs)
	}
	for _, f := range []plan.Flow{plan.ToServer, plan.ToClient} {
		if got := ledgerOf(t, report, f); got.Unbalanced != 0 || got.Sent < 200 || got.Sent >= 300 {
			t.Errorf("got %+v, want most of 300 messages", got)
		}
	}
}

// What is under way at an interrupt is waited for, but nothing new is sent.
func TestSwarmDrainsAtAnInterrupt(t *testing.T) {
	c := load()
	c.Transports = []wire.Transport{wire.UDP}
	report := runVirtual(t, c, func(_ *reference.Server, cancel context.CancelFunc) {
		time.Sleep(15*time.Second + 5*time.Millisecond) // virtual
		cancel()
	}, "c2s-ack-late")
	expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after 15.0 s")
	got := ledgerOf(t, report, plan.ToServer)
	if got.Sent != 101 || got.Acknowledged != 101 || got.Pending != 0 {
		t.Errorf("got %+v, want 101 messages, and the ACKs of all", got)
	}
	if report.SteadyMs != 10_005 || report.DurationMs <= 15_005 {
		t.Errorf("%d ms counted, of %d in all; want 10,005 and the time of the late ACKs", report.SteadyMs, report.DurationMs)
	}
}

// One that is told that it is enough ends as if its time were up, and counts what it has
// sent until then.
func TestSwarmEndsWhenItIsEnough(t *testing.T) {
	var report *reports.Load
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		c, enough := load(), make(chan struct{})
		c.Target, c.Enough = described, enough
		time.AfterFunc(15*time.Second+5*time.Millisecond, func() { close(enough) })
		var err error
		if report, err = Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	})
	expect(t, report, reports.OutcomePass, 0, "")
	for f, want := range map[plan.Flow]int64{plan.ToServer: 101, plan.ToClient: 100} {
		if got := ledgerOf(t, report, f); got.Sent != want || got.Acknowledged != want || got.Pending != 0 {
			t.Errorf("got %+v, want %d messages, and the ACKs of all", got, want)
		}
	}
	if report.SteadyMs != 10_005 {
		t.Errorf("%d ms counted, want 10,005", report.SteadyMs)
	}
}

// One interrupted in its ramp lets nobody in who had not begun.
func TestSwarmIsInterruptedInItsRamp(t *testing.T) {
	report := runVirtual(t, load(), func(_ *reference.Server, cancel context.CancelFunc) {
		time.Sleep(2*time.Second + 5*time.Millisecond) // virtual
		cancel()
	})
	expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after 2.0 s")
	if got := report.Sessions; got.LoggedIn != 31 || got.AtEnd != 31 || report.SteadyMs != 0 {
		t.Errorf("sessions are %+v, want the 31 of the first two seconds", got)
	}
}

func TestSwarmRampsDown(t *testing.T) {
	c := load()
	c.RampDown = 20 * time.Second
	var phases []Phase
	var left []int64
	c.Progress = func(s Snapshot) {
		if s.Phase == PhaseRampDown {
			left = append(left, s.Second.Online)
		}
		phases = append(phases, s.Phase)
	}
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	if got := report.Sessions; got.AtEnd != 60 || len(got.LostByCause) != 0 {
		t.Errorf("sessions are %+v", got)
	}
	// Three clients leave in a second; a WebSocket waits for the server's close frame.
	for i, online := range left {
		if want := int64(57 - 3*i); online < want-3 || online > want+3 {
			t.Errorf("after %d s of the ramp down %d are online, want about %d", i+1, online, want)
		}
	}
	if len(left) < 19 {
		t.Errorf("the ramp down was seen %d times", len(left))
	}
	if got := report.DurationMs; got < 54_000 || got > 56_000 {
		t.Errorf("the run took %d ms, want 35 s and 20 s of ramp down", got)
	}
}
