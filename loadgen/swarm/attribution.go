package swarm

import (
	"errors"
	"math"
	"syscall"
	"time"

	"imcheck/harness/transport"
	"imcheck/reports"
)

// Causes for which a server that keeps the protocol ends a session without a
// word: it has heard nothing for the expiry time (§3). The times of the client's
// own messages show whether that was so.
const (
	causeLateHeartbeat = "our heartbeat was late, and the server expired the session"
	causeExpired       = "expired by the server (error 301), though our heartbeat was in time"
	causeClosed        = "closed by the server, though our heartbeat was in time"
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
	refusedWithCode  = "login refused with code %d"
	kickedOutForCode = "kicked out with code %d"
)

// onTheWay is the time before the expiry from which a silence counts as too
// long: the two ends do not see it to be equally long.
const onTheWay = 500 * time.Millisecond

// heartbeatCheck knows how long the server has heard nothing of a client. Every
// message counts (§3).
type heartbeatCheck struct {
	last    time.Duration // time of the latest message
	longest int32         // silence between two messages of this session, in ms
}

// begin starts with a login.
func (h *heartbeatCheck) begin(now time.Duration) { *h = heartbeatCheck{last: now} }

// sent notes a message.
func (h *heartbeatCheck) sent(now time.Duration) {
	h.longest = max(h.longest, h.since(now))
	h.last = now
}

// since returns how long nothing has been sent, in ms.
func (h *heartbeatCheck) since(now time.Duration) int32 {
	return int32(min(max(now-h.last, 0).Milliseconds(), math.MaxInt32))
}

// late reports whether the server may have expired the session for a silence
// of ours.
func (h *heartbeatCheck) late(now, expiry time.Duration) bool {
	longest := time.Duration(max(h.longest, h.since(now))) * time.Millisecond
	return longest >= expiry-onTheWay
}

// expired is the cause of an end that the server gave no reason for: a silence
// of ours, or what it looks like otherwise.
func (w *worker) expired(m *member, event eventContext, otherwise string) string {
	expiry := w.swarm.config.Target.Modes[m.transport].Expiry(m.transport)
	if m.heartbeat.late(event.now, expiry) {
		return causeLateHeartbeat
	}
	return otherwise
}

// unlessPaused returns the cause of an end, unless this process was stopped within the
// expiry time before it: neither end heard the other then.
func (w *worker) unlessPaused(m *member, event eventContext, cause string) string {
	if cause == causeUnasked || cause == causeBroken {
		return cause
	}
	now := w.swarm.Start.Add(event.now)
	expiry := w.swarm.config.Target.Modes[m.transport].Expiry(m.transport)
	if _, paused := w.swarm.pauses.During(now.Add(-expiry), now); paused {
		return causePaused
	}
	return cause
}

// isNetwork reports whether an error is one of the network, and not bytes that break
// the rules.
func isNetwork(err error) bool {
	_, isErrno := errors.AsType[syscall.Errno](err)
	return isErrno
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
