package server

import (
	"time"

	"imcheck/protocol/wire"
)

// unacknowledged keeps the unacknowledged messages (§4), within the bounds of Limits.
// Make one with newUnacknowledged.
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

// room reports whether a message can be kept, or does not have to be.
func (u *unacknowledged) room(m wire.Message) bool { return !u.begins(m) || u.fits(m) }

// begins reports whether a message has to be kept and is not kept yet.
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

// sent keeps a QoS message that is sent for the first time. It returns false if the
// limits leave no room for it.
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

// acknowledged removes a message by its fingerprint.
func (u *unacknowledged) acknowledged(fingerprint string) {
	if m, ok := u.Acknowledged(fingerprint); ok {
		u.count(m, -1)
	}
}

// sweep returns the messages to retransmit now and those that are lost.
func (u *unacknowledged) sweep(now time.Time) (again, lost []wire.Message) {
	again, lost = u.Sweep(now)
	for _, m := range lost {
		u.count(m, -1)
	}
	return again, lost
}

// count adds a message to the shares, or removes it with a sign of -1.
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
