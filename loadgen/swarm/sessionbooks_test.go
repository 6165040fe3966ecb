package swarm

import (
	"maps"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/engine"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// In sense mode 3S a server expires a session on TCP after 7 s of silence (§3).
func TestEndsAreAttributed(t *testing.T) {
	closed := &transport.CloseError{Reason: transport.ByPeer}
	tests := []struct {
		name    string
		silence time.Duration // before the end; the client is not driven meanwhile
		end     func(s *stage)
		want    string
	}{
		{"closed in time", 3 * time.Second, func(s *stage) { s.arrive(engine.Ended, wire.Message{}, closed) }, causeClosed},
		{"closed just before it may expire", 6499 * time.Millisecond, func(s *stage) { s.arrive(engine.Ended, wire.Message{}, closed) }, causeClosed},
		{"closed after our silence", 6500 * time.Millisecond, func(s *stage) { s.arrive(engine.Ended, wire.Message{}, closed) }, causeLateHeartbeat},
		{"forgotten in time", time.Second, func(s *stage) {
			s.arrive(engine.Received, wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u")), nil)
		}, causeExpired},
		{"forgotten after our silence", 8 * time.Second, func(s *stage) {
			m := &s.roster.members[0]
			m.heartbeat.sent(s.run.Now()) // the message that is answered so
			s.arrive(engine.Received, wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u")), nil)
		}, causeLateHeartbeat},
		{"reset after our silence", 8 * time.Second, func(s *stage) {
			s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.Reset})
		}, causeReset},
		{"kicked", time.Second, func(s *stage) {
			s.arrive(engine.Received, wire.NewKickout("u", wire.Kickout{Code: wire.KickDuplicateLogin}), nil)
		}, "kicked out with code 1"},
		{"no route", time.Second, func(s *stage) {
			err := &transport.CloseError{Reason: transport.Broken, Err: os.NewSyscallError("read", syscall.EHOSTUNREACH)}
			s.arrive(engine.Ended, wire.Message{}, err)
		}, causeNetwork},
		{"bad bytes", time.Second, func(s *stage) {
			s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.Broken, Err: transport.ErrMidMessage})
		}, causeBroken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				s.logIn()
				time.Sleep(test.silence) // virtual
				test.end(s)
				if s.books.Sessions.Lost[test.want] != 1 || s.books.Sessions.Total() != 1 {
					t.Errorf("lost are %v, want one by %q", s.books.Sessions.Lost, test.want)
				}
			})
		})
	}
}

// A new session begins without the silence of the one before.
func TestSilenceIsOfOneSession(t *testing.T) {
	onStage(t, func(s *stage) {
		s.logIn()
		time.Sleep(time.Minute) // virtual
		s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.Reset})
		s.logIn()
		s.arrive(engine.Ended, wire.Message{}, &transport.CloseError{Reason: transport.ByPeer})
		if s.books.Sessions.Lost[causeClosed] != 1 {
			t.Errorf("lost are %v", s.books.Sessions.Lost)
		}
	})
}

// A server that expires sessions too early is not excused by our heartbeat.
func TestSwarmShowsEarlyExpiry(t *testing.T) {
	c := load()
	c.Scenario = ScenarioIdle
	report := runVirtual(t, c, nil, "keep-alive-not-counted")
	if report.Outcome != reports.OutcomeFail {
		t.Errorf("the outcome is %s: %s", report.Outcome, report.Reason)
	}
	for _, cause := range slices.Sorted(maps.Keys(report.Sessions.LostByCause)) {
		if !slices.Contains([]string{causeClosed, causeClosedCode, causeUnknown}, cause) { // on TCP, WS and UDP
			t.Errorf("%d sessions were lost by %q", report.Sessions.LostByCause[cause], cause)
		}
	}
}
