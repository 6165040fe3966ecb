package loadgen

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Causes for which a session ended before the run did, or never came to be.
// Those of a refusal and of a kick-out carry a code; attribution.go has those of
// ends that the server gave no reason for.
const (
	causeReset       = "connection reset"
	causeTimeout     = "the server does not read"
	causeBroken      = "unreadable bytes from the server"
	causeUnanswered  = "heartbeat unanswered"
	causeNoConnect   = "could not connect"
	causeQueued      = reports.CauseQueued
	causeNoResponse  = "login unanswered"
	causeUnasked     = reports.CauseUnexpected
	causeOther       = "other"
	refusedWithCode  = "login refused with code %d"
	kickedOutForCode = "kicked out with code %d"
)

// maxCauses bounds how many causes are told apart: the codes in them are the
// server's choice.
const maxCauses = 32

// online counts the sessions of all workers.
type online struct{ now, peak atomic.Int64 }

func (o *online) add() {
	now := o.now.Add(1)
	for peak := o.peak.Load(); now > peak && !o.peak.CompareAndSwap(peak, now); {
		peak = o.peak.Load()
	}
}

func (o *online) remove() { o.now.Add(-1) }

// loss is one session that ended too soon.
type loss struct {
	at     time.Duration
	user   string
	on     wire.Transport
	cause  string
	detail error // what the network said; may be nil
}

func (l loss) String() string {
	text := fmt.Sprintf("%s on %s after %.1f s: %s", l.user, l.on, l.at.Seconds(), l.cause)
	if l.detail != nil {
		text += " (" + l.detail.Error() + ")"
	}
	return text
}

// sessions is what became of the clients of one worker, or of all. Make one
// with newSessions.
type sessions struct {
	loggedIn  int64 // logins that succeeded
	dismissed int64 // sessions that the server refused or kicked out, in so many words
	atEnd     int64
	lost      map[string]int64 // by cause
	first     *loss
}

func newSessions() sessions { return sessions{lost: map[string]int64{}} }

func (s *sessions) lose(l loss) {
	if s.lost[l.cause] == 0 && len(s.lost) >= maxCauses {
		l.cause = causeOther
	}
	s.lost[l.cause]++
	s.noteFirst(&l)
}

// noteFirst keeps the earlier loss. Of two at the same time it keeps the one that
// says something of the target.
func (s *sessions) noteFirst(l *loss) {
	if s.first == nil || l.at < s.first.at || l.at == s.first.at && s.first.cause == causeQueued {
		s.first = l
	}
}

func (s *sessions) merge(other *sessions) {
	s.loggedIn += other.loggedIn
	s.atEnd += other.atEnd
	s.dismissed += other.dismissed
	for cause, n := range other.lost {
		s.lost[cause] += n
	}
	if other.first != nil {
		s.noteFirst(other.first)
	}
}

// total is how many sessions were lost.
func (s *sessions) total() (n int64) {
	for _, count := range s.lost {
		n += count
	}
	return n
}

// linkCause tells from the error of a connection why it ended.
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
