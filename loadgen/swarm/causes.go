package swarm

import (
	"errors"
	"slices"
	"strings"
	"syscall"

	"imcheck/harness/transport"
	"imcheck/loadgen/books"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Causes for which a server that keeps the protocol ends a session without a
// word: it has heard nothing for the expiry time (§3). The times of the client's
// own messages show whether that was so.
const (
	causeLateHeartbeat = "our heartbeat was late, and the server expired the session"
	causeExpired       = "expired by the server (error 301), though our heartbeat was in time"
	causeUnknown       = "unknown to the server (error 301), though our heartbeat was in time: it expired the session, or a proxy or NAT in front of it gave us another address"
	causeClosed        = "closed by the server or by a proxy in front of it, though our heartbeat was in time"
	causeClosedCode    = "closed by the server with a close code, though our heartbeat was in time"
	causeCutOff        = "cut off without the close code that a server sends: by a proxy in front of it, or as it ended"
	causeNetwork       = "network error"
	causePaused        = "this process was stopped meanwhile"
)

// Other causes for which a session ended before the run did, or never came to be. Those
// of a refusal and of a kick-out carry a code.
const (
	causeReset       = "connection reset"
	causeTimeout     = "the server does not read"
	causeBroken      = "unreadable bytes from the server"
	causeUnanswered  = "heartbeat unanswered"
	causeNoConnect   = "could not connect"
	causeNoResponse  = "login unanswered"
	causeUnasked     = reports.CauseUnexpected
	refusedWithCode  = reports.CauseRefused + "%d"
	kickedOutForCode = causeKickedOut + withCode + "%d"
	// causeSelfKicked is that of a client which a storm had dropped, and which the server takes for
	// a second one of its user when it is back.
	causeSelfKicked = "kicked out for its own return"
)

// Classes of the causes that carry a code, which is the server's choice.
const (
	causeRefused   = "login refused"
	causeKickedOut = "kicked out"
	withCode       = " with code "
)

// LossCauses are the causes by which a Snapshot counts sessions: those of the report, but
// all codes together.
var LossCauses = []string{
	causeLateHeartbeat, causeExpired, causeUnknown, causeClosed, causeClosedCode, causeCutOff, causeNetwork, causePaused, causeReset, causeTimeout, causeBroken,
	reports.CauseImpaired, causeUnanswered, causeNoConnect, causeNoResponse, causeUnasked, causeRefused, causeKickedOut, causeSelfKicked, books.CauseQueued, books.CauseOther,
}

// lossClass returns the one of LossCauses that a cause counts as.
func lossClass(cause string) string {
	class, _, _ := strings.Cut(cause, withCode)
	if slices.Contains(LossCauses, class) {
		return class
	}
	return books.CauseOther
}

// linkClosedCause returns the cause for which a session's link is gone: a tick that closes it does
// so because the heartbeat was not answered.
func (b *sessionBooks) linkClosedCause(m *member, event eventContext) string {
	if event.ticked && event.cause == nil {
		if b.path.unanswered(m, event.now, b.run.Target.Modes[m.transport].GiveUp(m.transport)+timing.GiveUpCheck) {
			return reports.CauseImpaired
		}
		return causeUnanswered
	}
	if cause := linkCause(event.cause); cause != causeClosed {
		return cause
	}
	return b.expired(m, event, closedCause(m.transport, event.cause))
}

// closedCause returns the cause for which a stream was closed in order. A server closes a
// WebSocket with a close frame that has a code (§2), which a proxy passes on and does not make up; of TCP
// nothing shows who closed it.
func closedCause(t wire.Transport, err error) string {
	closed, _ := errors.AsType[*transport.CloseError](err)
	switch {
	case t != wire.WS:
		return causeClosed
	case closed != nil && closed.Code != 0:
		return causeClosedCode
	}
	return causeCutOff
}

// unknownCause returns the cause for which a server does not know a session. On UDP it knows
// a client by its address alone (§2), which may change on the way.
func unknownCause(t wire.Transport) string {
	if t == wire.UDP {
		return causeUnknown
	}
	return causeExpired
}

// expired is the cause of an end that the server gave no reason for: a silence
// of ours, or what it looks like otherwise.
func (b *sessionBooks) expired(m *member, event eventContext, otherwise string) string {
	if m.heartbeat.late(event.now, b.run.expiry(m.transport)) {
		return causeLateHeartbeat
	}
	if b.path.silenced(m, event.now) {
		return reports.CauseImpaired
	}
	return otherwise
}

// unlessPaused returns the cause of an end, unless this process was stopped within the
// expiry time before it: neither end heard the other then.
func (b *sessionBooks) unlessPaused(m *member, event eventContext, cause string) string {
	if cause == causeUnasked || cause == causeBroken {
		return cause
	}
	now := b.run.Start.Add(event.now)
	if _, paused := b.run.pauses.During(now.Add(-b.run.expiry(m.transport)), now); paused {
		return causePaused
	}
	return cause
}

// linkCause returns the cause that the error of a connection shows.
func linkCause(err error) string {
	if _, ok := errors.AsType[*unaskedError](err); ok {
		return causeUnasked
	}
	var closed *transport.CloseError
	if !errors.As(err, &closed) {
		return causeBroken
	}
	switch closed.Reason {
	case transport.ByPeer:
		return causeClosed
	case transport.Reset:
		return causeReset
	case transport.Timeout:
		return causeTimeout
	}
	if isNetwork(closed.Err) {
		return causeNetwork
	}
	return causeBroken
}

// isNetwork reports whether an error is one of the network, and not bytes that break
// the rules.
func isNetwork(err error) bool {
	_, isErrno := errors.AsType[syscall.Errno](err)
	return isErrno
}
