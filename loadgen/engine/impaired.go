package engine

import (
	"fmt"
	"time"

	"imcheck/harness/transport/impair"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

const (
	// arrivalCost is what is held of an arrival besides its message, in bytes.
	arrivalCost = 256
	// impairedBatch is the number of connections for which something is due that one Wait
	// handles.
	impairedBatch = 128
	// drainTime bounds, besides the delays, the time for which Close waits for what clients
	// that are gone have in flight.
	drainTime = time.Second
)

// Impaired is an engine over a path that is bad on purpose: what passes between the worker
// and the engine below is dropped, doubled, reordered and delayed by the schedules of package
// impair, message by message. What remains is written and read by the engine below, as many
// messages in a system call as ever. Of a stream the messages are delayed; its TCP, TLS and
// WebSocket handshakes are not.
type Impaired struct {
	Engine
	path   *impair.Path
	start  time.Time
	client func(plan.Slot) plan.Client
	take   func(Arrival)
	watch  func(*Arrival, impair.Outcome)

	clients []impairedClient // by slot
	conns   []*impairedConn  // by number, nil for one that is not used
	free    []int32          // numbers that are not used
	wheel   host.Wheel       // of connections, by number
	held    int              // bytes that are held back
	closing int              // connections that the worker has closed and that have something in flight
	last    impair.Outcome
	broken  []Arrival // ends of connections that the next Wait reports
}

// impairedClient is what an engine knows of a client.
type impairedClient struct {
	on     wire.Transport // of its latest connection
	opened uint32         // number of connections that were asked for
	conn   *impairedConn  // nil without one, and on transports that are not impaired
}

// NewImpaired makes the engine of one worker over an impaired path. client returns the number
// of a client in the whole run, which with the seed of the policy determines what happens to
// its messages. watch is told of each arrival on an impaired connection before it is held back
// or dropped, and what becomes of it.
func NewImpaired(c *Config, path *impair.Path, client func(plan.Slot) plan.Client, take func(Arrival), watch func(*Arrival, impair.Outcome)) (*Impaired, error) {
	e := &Impaired{path: path, start: c.Start, client: client, take: take, watch: watch, wheel: host.NewWheel(0)}
	below, err := New(c, e.arrive)
	e.Engine = below
	return e, err
}

// Outcome says what becomes of the message that was sent last on an impaired connection.
func (e *Impaired) Outcome() impair.Outcome { return e.last }

// Open implements Engine.
func (e *Impaired) Open(t wire.Transport, id ConnectionID, seat plan.Seat) {
	for int(id.Client) >= len(e.clients) {
		e.clients = append(e.clients, impairedClient{})
	}
	c := &e.clients[id.Client]
	c.on = t
	c.opened++
	e.Engine.Open(t, id, seat)
}

// Wait implements Engine.
func (e *Impaired) Wait(limit time.Duration) error {
	if due, ok := e.wheel.Soonest(); ok {
		if wait := max(0, due-time.Since(e.start)); limit < 0 || wait < limit {
			limit = wait
		}
	}
	if len(e.broken) > 0 {
		limit = 0
	}
	if err := e.Engine.Wait(limit); err != nil {
		return err
	}
	e.step(time.Now())
	return nil
}

// step does what is due.
func (e *Impaired) step(now time.Time) {
	for range impairedBatch {
		number, _, ok := e.wheel.Pop(now.Sub(e.start))
		if !ok {
			break
		}
		c := e.conns[number]
		c.handOver(now)
		if err := c.write(now); err != nil {
			c.fail(err)
		}
	}
	for len(e.broken) > 0 {
		a := e.broken[0]
		e.broken = e.broken[1:]
		e.take(a)
	}
}

// arrive takes what the engine below reports.
func (e *Impaired) arrive(a Arrival) {
	client := &e.clients[a.ID.Client]
	switch a.Kind {
	case Opened:
		if e.path.Policy().Impairs(client.on) {
			client.conn = e.connect(a, client)
			a.Link = client.conn
		} else {
			client.conn = nil
		}
		e.take(a)
	case Failed:
		e.take(a)
	default:
		c := client.conn
		if c == nil || c.id != a.ID {
			e.take(a) // its transport is not impaired, or the worker has closed it
			return
		}
		c.receive(a)
	}
}

// connect returns the impaired connection over one that has opened.
func (e *Impaired) connect(a Arrival, client *impairedClient) *impairedConn {
	now, name := e.start.Add(a.At), fmt.Sprintf("client %d connection %d", e.client(a.ID.Client), client.opened)
	c := &impairedConn{
		engine: e, id: a.ID, on: client.on, link: a.Link, number: e.number(),
		out: impair.NewLane(e.path, client.on, impair.Out, name, now, func(b []byte) int { return len(b) }),
		in:  impair.NewLane(e.path, client.on, impair.In, name, now, func(a Arrival) int { return int(a.Size) }),
	}
	e.conns[c.number] = c
	return c
}

// number returns the number of a new connection.
func (e *Impaired) number() int32 {
	if last := len(e.free) - 1; last >= 0 {
		n := e.free[last]
		e.free = e.free[:last]
		return n
	}
	e.conns = append(e.conns, nil)
	e.wheel.Grow(1)
	return int32(len(e.conns) - 1)
}

// forget frees the number of a connection that is closed.
func (e *Impaired) forget(c *impairedConn) {
	e.closing--
	e.wheel.Set(c.number, 0, false)
	e.conns[c.number] = nil
	e.free = append(e.free, c.number)
}

// Close implements Engine. What clients have sent before they closed their connections still
// arrives.
func (e *Impaired) Close() {
	e.take = func(a Arrival) {
		if a.Link != nil {
			_ = a.Link.Close() // nobody wants it any more
		}
	}
	most := time.Duration(0)
	for _, kind := range wire.Transports {
		most = max(most, e.path.Delay(kind))
	}
	for end := time.Now().Add(most + drainTime); e.closing > 0 && time.Now().Before(end); {
		if e.Wait(time.Until(end)) != nil {
			break
		}
		e.Flush()
	}
	e.Engine.Close()
}
