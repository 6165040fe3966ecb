package books

import (
	"fmt"
	"sync/atomic"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Causes for which a session ended that the accounts know of; the others are the texts
// that Lose is given.
const (
	CauseQueued = reports.CauseQueued
	CauseOther  = "other"
)

// MaxCauses bounds how many causes are distinguished: the codes in them are the
// server's choice.
const MaxCauses = 32

// Online counts the clients of all workers that are logged in, and the most at once.
type Online struct{ Now, Peak atomic.Int64 }

// Add counts a client that came online.
func (o *Online) Add() {
	now := o.Now.Add(1)
	for peak := o.Peak.Load(); now > peak && !o.Peak.CompareAndSwap(peak, now); {
		peak = o.Peak.Load()
	}
}

// Remove counts a client that has gone offline.
func (o *Online) Remove() { o.Now.Add(-1) }

// Loss is one session that ended too soon.
type Loss struct {
	At     time.Duration
	User   string
	On     wire.Transport
	Cause  string
	Detail error // the network's error; may be nil
}

// String describes the loss for the reason of an outcome.
func (l Loss) String() string {
	text := fmt.Sprintf("%s on %s after %.1f s: %s", l.User, l.On, l.At.Seconds(), l.Cause)
	if l.Detail != nil {
		text += " (" + l.Detail.Error() + ")"
	}
	return text
}

// Sessions counts what became of the clients of one worker, or of all. Make one
// with NewSessions.
type Sessions struct {
	LoggedIn  int64 // logins that succeeded
	Dismissed int64 // sessions that the server refused or kicked out, in so many words
	AtEnd     int64
	Lost      map[string]int64 // by cause
	First     *Loss
}

// NewSessions returns an empty account.
func NewSessions() Sessions { return Sessions{Lost: map[string]int64{}} }

// Lose counts a session that ended too soon.
func (s *Sessions) Lose(l Loss) {
	if s.Lost[l.Cause] == 0 && len(s.Lost) >= MaxCauses {
		l.Cause = CauseOther
	}
	s.Lost[l.Cause]++
	s.noteFirst(&l)
}

// noteFirst keeps the earlier loss, and one by the impairment of the path only if there is no
// other. Of two at the same time it keeps the one that
// says something of the target.
func (s *Sessions) noteFirst(l *Loss) {
	if s.First == nil || says(l) && !says(s.First) || says(l) == says(s.First) && l.At < s.First.At || l.At == s.First.At && s.First.Cause == CauseQueued {
		s.First = l
	}
}

// says reports whether a loss may be the target's.
func says(l *Loss) bool { return l.Cause != reports.CauseImpaired }

// Merge adds the sessions of another worker.
func (s *Sessions) Merge(other *Sessions) {
	s.LoggedIn += other.LoggedIn
	s.AtEnd += other.AtEnd
	s.Dismissed += other.Dismissed
	for cause, n := range other.Lost {
		s.Lost[cause] += n
	}
	if other.First != nil {
		s.noteFirst(other.First)
	}
}

// Total returns how many sessions were lost.
func (s *Sessions) Total() (n int64) {
	for _, count := range s.Lost {
		n += count
	}
	return n
}
