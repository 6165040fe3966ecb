package swarm

import (
	"fmt"
	"time"

	"imcheck/harness/bounds"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// excess counts what one connection was sent that nobody asked for.
type excess struct {
	messages uint32
	units    uint32 // messages that have not been forgiven, see bounds.UnaskedUnit
}

// allowed returns how many units a connection may have received at an age.
func allowed(age time.Duration) uint32 {
	return bounds.UnaskedBurst + uint32(age.Seconds()*bounds.UnaskedRate)
}

// add counts a message, ping or unreadable text of so many bytes.
func (e *excess) add(size int32) {
	e.messages++
	e.units += 1 + uint32(size)/bounds.UnaskedUnit
}

// forgive makes up for messages that follow from one that was asked for.
func (e *excess) forgive() { e.units -= min(e.units, bounds.AskedWorth) }

// unaskedError ends a connection whose target sends without end.
type unaskedError struct{ messages uint32 }

func (e *unaskedError) Error() string {
	return fmt.Sprintf("the target had sent it %d messages that nobody asked for", e.messages)
}

// asked reports whether a message is one that the client had to expect: an answer
// that its rules had a use for, or the first copy of a message of this run.
func (r *run) asked(m wire.Message, effects []client.Effect) bool {
	for i := range effects {
		switch effects[i].Kind {
		case client.LoggedIn, client.Refused, client.Received, client.Alive, client.KickedOut:
			return true
		case client.Delivered:
			return m.QoS && r.Nonce.Owns(m.Fingerprint.Value())
		}
	}
	return false
}

// weigh counts what came on a client's connection when nobody had asked for it.
func (d *driver) weigh(m *member, size int32, asked bool) {
	if asked {
		m.excess.forgive()
		return
	}
	d.sessions.books.Unasked++
	m.excess.add(size)
}

// cutFlood ends the connection of a client that has been sent too much.
func (d *driver) cutFlood(m *member, now time.Duration) {
	if m.link == nil || m.excess.units <= allowed(now-m.dialBegan) {
		return
	}
	event := eventContext{now: now, cause: &unaskedError{m.excess.messages}}
	d.sessions.disconnected(m, event)
	d.disconnect(m, event)
}
