package swarm

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/loadgen/books"
	"imcheck/protocol/qos"
	"imcheck/protocol/websocket"
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

// A close code comes from the server; without one a WebSocket was cut off by somebody else, or
// as the server ended. Of TCP that does not show.
func TestClosedCause(t *testing.T) {
	bare := &transport.CloseError{Reason: transport.ByPeer}
	framed := &transport.CloseError{Reason: transport.ByPeer, Code: websocket.CloseNormal}
	for _, test := range []struct {
		on   wire.Transport
		err  error
		want string
	}{{wire.TCP, bare, causeClosed}, {wire.WS, bare, causeCutOff}, {wire.WS, framed, causeClosedCode}} {
		if got := closedCause(test.on, test.err); got != test.want {
			t.Errorf("%v on %s is %q, want %q", test.err, test.on, got, test.want)
		}
		if !slices.Contains(LossCauses, test.want) {
			t.Errorf("a Snapshot does not know %q", test.want)
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
