package swarm

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/loadgen/books"
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

// A Snapshot counts the losses of all codes together, and nothing that it has no name for.
func TestLossClass(t *testing.T) {
	for cause, want := range map[string]string{
		causeClosed: causeClosed, causeUnasked: causeUnasked, books.CauseQueued: books.CauseQueued,
		fmt.Sprintf(refusedWithCode, 1025): causeRefused, fmt.Sprintf(kickedOutForCode, -1): causeKickedOut,
		"made up": books.CauseOther, "made up with code 7": books.CauseOther,
	} {
		if got := lossClass(cause); got != want {
			t.Errorf("%q counts as %q, want %q", cause, got, want)
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
