// Package peer runs one client of the protocol over a connection: the rules of
// protocol/client, with a goroutine, a clock and a transport.
package peer

import (
	"context"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// Dial opens a connection to the server.
type Dial func(ctx context.Context) (transport.Conn, error)

// Loop drives one client over real connections. Make one with NewLoop and run
// it with Run; the other methods may be called from any goroutine meanwhile.
type Loop struct {
	rules   *client.Client
	dial    Dial
	observe func(at time.Time, e client.Effect)
	calls   chan func(now time.Time)
	arrived chan arrival
	done    chan struct{}

	start   time.Time
	conn    transport.Conn // of the loop's goroutine
	scratch []byte
}

// arrival is what a helper goroutine reports to the loop.
type arrival struct {
	conn    transport.Conn // it came from, or that was dialled
	dialled bool
	message wire.Message
	err     error
}

// NewLoop prepares to drive a client. observe is told of every effect that is not the
// loop's own to carry out; it is called on the loop's goroutine and must
// return at once.
func NewLoop(rules *client.Client, dial Dial, observe func(at time.Time, e client.Effect)) *Loop {
	return &Loop{
		rules: rules, dial: dial, observe: observe,
		calls: make(chan func(time.Time)), arrived: make(chan arrival), done: make(chan struct{}),
	}
}

// now is the rules' time. It goes on evenly when the machine's clock is set.
func (l *Loop) now() time.Time { return l.start.Add(time.Since(l.start)) }

// Run logs in and keeps the client going until it is over or ctx is done. On
// ctx the connection is closed without a logout.
func (l *Loop) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer close(l.done)
	defer l.drop()
	l.start = time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	l.carryOut(ctx, l.now(), l.rules.Start(nil))
	for !l.rules.Over() {
		if next := l.rules.Next(); !next.IsZero() {
			timer.Reset(next.Sub(l.now()))
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			now := l.now()
			l.carryOut(ctx, now, l.rules.Tick(now, nil))
		case call := <-l.calls:
			call(l.now())
		case a := <-l.arrived:
			now := l.now()
			l.carryOut(ctx, now, l.handle(now, a))
		}
	}
}

// handle turns what a helper goroutine reports into effects.
func (l *Loop) handle(now time.Time, a arrival) []client.Effect {
	switch {
	case a.dialled && a.err != nil:
		return l.rules.ConnectFailed(now, nil)
	case a.dialled:
		l.conn = a.conn
		return l.rules.Connected(now, nil)
	case a.conn != l.conn:
		return nil // an earlier connection, which has been dropped
	case a.err != nil:
		l.drop()
		return l.rules.Disconnected(now, nil)
	}
	return l.rules.Receive(now, a.message, nil)
}

func (l *Loop) carryOut(ctx context.Context, now time.Time, effects []client.Effect) {
	for _, e := range effects {
		switch e.Kind {
		case client.Connect:
			l.drop()
			go l.connect(ctx)
		case client.Disconnect:
			l.drop()
		case client.Send:
			l.send(e.Message)
		default:
			l.observe(now, e)
		}
	}
}

// send writes a message. An error is not reported here: the reader of the same
// connection meets it too.
func (l *Loop) send(m wire.Message) {
	if l.conn != nil {
		l.scratch = m.Append(l.scratch[:0])
		_ = l.conn.Send(l.scratch)
	}
}

func (l *Loop) drop() {
	if l.conn != nil {
		l.conn.Close()
		l.conn = nil
	}
}

// connect opens a connection and then reads from it until it ends.
func (l *Loop) connect(ctx context.Context) {
	conn, err := l.dial(ctx)
	if !l.tell(arrival{conn: conn, dialled: true, err: err}) {
		if err == nil {
			conn.Close()
		}
		return
	}
	for err == nil {
		var body []byte
		a := arrival{conn: conn}
		if body, err = conn.Receive(); err == nil {
			if a.message, a.err = wire.Decode(body); a.err != nil {
				continue // a client passes over what it cannot read
			}
		}
		a.err = err
		if !l.tell(a) {
			return
		}
	}
}

// tell hands something to the loop; false when the loop has ended.
func (l *Loop) tell(a arrival) bool {
	select {
	case l.arrived <- a:
		return true
	case <-l.done:
		return false
	}
}

// Send sends data; client.ErrOffline while the client is not logged in.
func (l *Loop) Send(ctx context.Context, m wire.Message) error {
	return l.call(ctx, func(now time.Time) error {
		effects, err := l.rules.Send(now, m, nil)
		l.carryOut(ctx, now, effects)
		return err
	})
}

// Logout logs out and ends Run.
func (l *Loop) Logout(ctx context.Context) error {
	return l.call(ctx, func(now time.Time) error {
		l.carryOut(ctx, now, l.rules.Logout(nil))
		return nil
	})
}

// call runs do on the loop's goroutine.
func (l *Loop) call(ctx context.Context, do func(now time.Time) error) error {
	result := make(chan error, 1)
	select {
	case l.calls <- func(now time.Time) { result <- do(now) }:
		return <-result
	case <-l.done:
		return client.ErrOffline
	case <-ctx.Done():
		return ctx.Err()
	}
}
