package server

import (
	"time"

	"imcheck/protocol/wire"
)

// unacknowledged keeps the messages that wait for their ACK (§4), within the
// bounds of Limits. Make one with newUnacknowledged.
type unacknowledged struct {
	retransmitter
	limits Limits
	all    share
	of     map[string]share // by receiver; empty ones are removed
}

// share counts messages and the bytes of their texts.
type share struct{ count, bytes int }

func newUnacknowledged(r retransmitter, limits Limits) *unacknowledged {
	return &unacknowledged{retransmitter: r, limits: limits, of: map[string]share{}}
}

// room reports whether a message can be kept, or need not be.
func (u *unacknowledged) room(m wire.Message) bool { return !u.begins(m) || u.fits(m) }

// begins reports whether a message is to be kept from now on: one that is a further
// copy is kept already.
func (u *unacknowledged) begins(m wire.Message) bool {
	if !m.QoS || !m.Fingerprint.Present() {
		return false
	}
	_, _, waits := u.FirstSent(m.Fingerprint.Value())
	return !waits
}

func (u *unacknowledged) fits(m wire.Message) bool {
	bytes, of := m.TextBytes(), u.of[m.To.Value()]
	return !u.limits.UnacknowledgedOfReceiver.Exceeded(of.count+1, of.bytes+bytes) &&
		!u.limits.Unacknowledged.Exceeded(u.all.count+1, u.all.bytes+bytes)
}

// sent keeps a message whose first copy goes out now, if it is QoS; false says that
// there is no room for it.
func (u *unacknowledged) sent(now time.Time, m wire.Message) bool {
	if !u.begins(m) {
		return true
	}
	if !u.fits(m) {
		return false
	}
	m = m.Clone()
	u.count(m, +1)
	u.Sent(now, m)
	return true
}

// acknowledged ends the wait for a fingerprint.
func (u *unacknowledged) acknowledged(fingerprint string) {
	if m, ok := u.Acknowledged(fingerprint); ok {
		u.count(m, -1)
	}
}

// sweep returns what is to be sent again now, and what is lost.
func (u *unacknowledged) sweep(now time.Time) (again, lost []wire.Message) {
	again, lost = u.Sweep(now)
	for _, m := range lost {
		u.count(m, -1)
	}
	return again, lost
}

// count adds a message, or with -1 takes it off.
func (u *unacknowledged) count(m wire.Message, sign int) {
	bytes, to := sign*m.TextBytes(), m.To.Value()
	u.all.count += sign
	u.all.bytes += bytes
	of := u.of[to]
	if of = (share{of.count + sign, of.bytes + bytes}); of.count == 0 {
		delete(u.of, to)
	} else {
		u.of[to] = of
	}
}
