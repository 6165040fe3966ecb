package swarm

import (
	"errors"
	"io"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var streams = []wire.Transport{wire.TCP, wire.WS}

func TestLinkCause(t *testing.T) {
	tests := map[string]error{
		causeClosed:  &transport.CloseError{Reason: transport.ByPeer},
		causeReset:   &transport.CloseError{Reason: transport.Reset},
		causeTimeout: &transport.CloseError{Reason: transport.Timeout},
		causeBroken:  io.ErrShortWrite,
	}
	for want, err := range tests {
		if got := linkCause(errors.Join(err)); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}

// What the outcome of a run says about limits is what they are.
func TestLimitsOfReports(t *testing.T) {
	if reports.HandshakesAtOnce != bounds.DialsAtOnce {
		t.Errorf("%d handshakes at once, reported are %d", bounds.DialsAtOnce, reports.HandshakesAtOnce)
	}
	if givenUp := 3*qos.SweepEvery + 3*time.Second; reports.TooLateAfter != givenUp {
		t.Errorf("messages are given up after %v, reported are %v", givenUp, reports.TooLateAfter)
	}
}
