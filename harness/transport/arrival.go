package transport

import (
	"net/netip"

	"imcheck/protocol/wire"
)

// BatchHandler is a Handler that takes many messages at once, so that what it needs a lock
// for takes one lock for all of them.
type BatchHandler interface {
	Handler
	// Messages delivers messages in the order of their arrival, those of each link like
	// Message. It has to skip those whose link is Closed when their turn comes.
	Messages(arrived []Arrival)
}

// Arrival is a message that has arrived on a link. Its body is valid during the call that
// delivers it.
type Arrival struct {
	Transport wire.Transport
	Remote    netip.AddrPort
	Body      []byte

	link     Link         // nil until somebody asks for that of a datagram
	datagram *udpListener // that it came to; nil on a stream
}

// ArrivalOn returns a message that has arrived on a link.
func ArrivalOn(l Link, body []byte) Arrival {
	return Arrival{Transport: l.Transport(), Remote: l.RemoteAddr(), Body: body, link: l}
}

// Link returns the link on which the message has arrived.
func (a *Arrival) Link() Link {
	if a.link == nil {
		a.link = udpLink{a.datagram, a.Remote}
	}
	return a.link
}

// Closed reports whether the link was closed after the message had arrived.
func (a *Arrival) Closed() bool {
	closing, ok := a.link.(interface{ isClosed() bool })
	return ok && closing.isClosed()
}

// deliver delivers messages to a handler of either kind.
func deliver(h Handler, arrived []Arrival) {
	if many, ok := h.(BatchHandler); ok {
		many.Messages(arrived)
		return
	}
	for i := range arrived {
		if a := &arrived[i]; !a.Closed() {
			h.Message(a.Link(), a.Body)
		}
	}
}
