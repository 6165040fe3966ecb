package engine

import (
	"fmt"
	"os"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// Outage is an engine on a network that is away for a while. Datagrams get lost meanwhile, in
// both directions. What is given to a stream, or comes from one, passes once the network is
// back, as TCP sends it again; so does the end of a stream, whichever end made it. An attempt to
// connect succeeds when the network is back, or fails after transport.DialTimeout before that.
type Outage struct {
	Engine
	when  plan.Outage
	start time.Time
	on    func(plan.Slot) wire.Transport
	most  int // bytes that may wait on one stream
	take  func(Arrival)

	over     bool
	attempts []attempt     // begun meanwhile, in this order
	links    []*outageLink // streams with something to send or to close, in this order
	arrivals []Arrival     // from streams, in this order
	size     int           // of arrivals, in bytes

	// Lost counts messages that got lost, of either end; Held those that arrived late.
	Lost, Held int64
}

// attempt is an attempt to connect that was begun during an outage.
type attempt struct {
	began     time.Duration
	transport wire.Transport
	id        ConnectionID
	seat      plan.Seat
}

// NewOutage makes the engine of one worker on a network with an outage. on returns the
// transport of a client.
func NewOutage(c *Config, when plan.Outage, on func(plan.Slot) wire.Transport, take func(Arrival)) (*Outage, error) {
	o := &Outage{when: when, start: c.Start, on: on, most: c.maxUnwritten(), take: take}
	var err error
	o.Engine, err = New(c, o.arrive)
	return o, err
}

// away reports whether nothing passes now.
func (o *Outage) away() bool { return !o.over && o.when.During(time.Since(o.start)) }

// Open implements Engine. A datagram socket needs no network to be opened.
func (o *Outage) Open(t wire.Transport, id ConnectionID, seat plan.Seat) {
	if t.Connected() && o.away() {
		o.attempts = append(o.attempts, attempt{time.Since(o.start), t, id, seat})
		return
	}
	o.Engine.Open(t, id, seat)
}

// Wait implements Engine.
func (o *Outage) Wait(limit time.Duration) error {
	if o.over {
		return o.Engine.Wait(limit)
	}
	now := time.Since(o.start)
	due := o.when.To
	if len(o.attempts) > 0 {
		due = min(due, o.attempts[0].began+transport.DialTimeout)
	}
	if now >= o.when.From && (limit < 0 || due-now < limit) {
		limit = max(0, due-now)
	}
	if err := o.Engine.Wait(limit); err != nil {
		return err
	}
	o.proceed(time.Since(o.start))
	return nil
}

// proceed does what is due.
func (o *Outage) proceed(now time.Duration) {
	for len(o.attempts) > 0 && now < o.when.To && now >= o.attempts[0].began+transport.DialTimeout {
		a := o.attempts[0]
		o.attempts = o.attempts[1:]
		o.take(Arrival{Kind: Failed, ID: a.id, At: now, Err: fmt.Errorf("connect by %s while the network is away: %w", a.transport, os.ErrDeadlineExceeded)})
	}
	if now >= o.when.To {
		o.end(now)
	}
}

// end lets everything pass that has waited.
func (o *Outage) end(now time.Duration) {
	o.over = true
	for _, l := range o.links {
		l.pass()
	}
	arrivals, attempts := o.arrivals, o.attempts
	o.links, o.arrivals, o.attempts = nil, nil, nil
	for _, a := range arrivals {
		a.At = now
		o.take(a)
	}
	for _, a := range attempts {
		o.Engine.Open(a.transport, a.id, a.seat)
	}
}

// arrive handles what the engine below reports.
func (o *Outage) arrive(a Arrival) {
	kind := o.on(a.ID.Client)
	if a.Kind == Opened {
		a.Link = &outageLink{Link: a.Link, outage: o, stream: kind.Connected()}
	}
	switch {
	case o.over || !o.when.During(a.At):
		if len(o.arrivals) > 0 && !o.over { // it is back, and what came earlier comes first
			o.proceed(time.Since(o.start))
		}
		o.take(a)
	case kind.Connected() || a.Kind == Ended:
		o.hold(a)
	case a.Kind == Received || a.Kind == Noise:
		o.Lost++
	default: // datagram sockets are opened, or not, without the network
		o.take(a)
	}
}

// hold keeps what has come from a stream for the end of the outage. Messages beyond a bound are
// lost.
func (o *Outage) hold(a Arrival) {
	if a.Kind == Received || a.Kind == Noise {
		if o.size += int(a.Size) + bounds.MessageCost; o.size > bounds.HeldArrivals {
			o.Lost++
			return
		}
		o.Held++
	}
	a.Message = a.Message.Clone() // it may be valid for the time of this call only
	o.arrivals = append(o.arrivals, a)
}

// outageLink is a link on such a network.
type outageLink struct {
	Link
	outage *Outage
	stream bool

	// Of a stream, meanwhile.
	listed  bool
	waiting []byte // messages, one after the other
	ends    []int  // end of each of them in waiting
	closed  bool
	muted   bool
}

// Send implements Link.
func (l *outageLink) Send(body []byte) error {
	o := l.outage
	switch {
	case !o.away():
		l.passEarly()
		return l.Link.Send(body)
	case !l.stream:
		o.Lost++
		return nil
	case len(l.waiting) > 0 && len(l.waiting)+len(body) > o.most:
		return &transport.CloseError{Reason: transport.Timeout, Err: transport.ErrOutboxFull}
	}
	l.list()
	o.Held++
	l.waiting = append(l.waiting, body...)
	l.ends = append(l.ends, len(l.waiting))
	return nil
}

// Close implements Link.
func (l *outageLink) Close() error {
	if !l.stream || !l.outage.away() {
		l.passEarly()
		return l.Link.Close()
	}
	l.closed = true
	l.list()
	return nil
}

// Mute implements Link.
func (l *outageLink) Mute() {
	l.muted, l.waiting, l.ends = true, nil, nil
	l.Link.Mute()
}

// list has the end of the outage look at the link.
func (l *outageLink) list() {
	if !l.listed {
		l.listed = true
		l.outage.links = append(l.outage.links, l)
	}
}

// passEarly lets pass what has waited, when the link is used after the outage and before the
// engine has noticed its end.
func (l *outageLink) passEarly() {
	if l.listed {
		l.pass()
	}
}

// pass sends what has waited. An error shows with the next use of the connection.
func (l *outageLink) pass() {
	if !l.listed {
		return
	}
	l.listed = false
	start := 0
	for _, end := range l.ends {
		if !l.muted {
			_ = l.Link.Send(l.waiting[start:end])
		}
		start = end
	}
	l.waiting, l.ends = nil, nil
	if l.closed {
		_ = l.Link.Close()
	}
}
