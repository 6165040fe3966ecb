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
	hooks   Hooks
	calls   chan func(now time.Time)
	arrived chan arrival
	done    chan struct{}

	start   time.Time
	conn    transport.Conn // used by the loop's goroutine only, as is what follows
	outbox  *outbox        // of the connection
	scratch []byte
}

// arrival is a report of a helper goroutine to the loop.
type arrival struct {
	conn    transport.Conn // the source of the message, or a new connection
	dialled bool
	message wire.Message
	err     error
}

// NewLoop returns a loop that is not running yet. observe is called with every effect
// that the loop does not carry out itself, on the loop's goroutine, and must return at
// once.
func NewLoop(rules *client.Client, dial Dial, observe func(at time.Time, e client.Effect)) *Loop {
	return &Loop{
		rules: rules, dial: dial, observe: observe,
		calls: make(chan func(time.Time)), arrived: make(chan arrival), done: make(chan struct{}),
	}
}

// Hooks change what a client does, as a fault would. A nil hook changes nothing. They are
// called on the loop's goroutine.
type Hooks struct {
	// Receive returns the message to handle in place of one that came; false for none.
	Receive func(m wire.Message) (wire.Message, bool)
	// Effects returns the effects to carry out and to report in place of others.
	Effects func(effects []client.Effect) []client.Effect
}

// Interpose sets hooks. Call it before Run.
func (l *Loop) Interpose(h Hooks) { l.hooks = h }

// now returns the time for the rules. It is not affected by changes of the machine's
// clock.
func (l *Loop) now() time.Time { return l.start.Add(time.Since(l.start)) }

// Run logs in and runs the client until it is over or ctx is done, which closes the
// connection without a logout.
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

// handle turns an arrival into effects.
func (l *Loop) handle(now time.Time, a arrival) []client.Effect {
	switch {
	case a.dialled && a.err != nil:
		return l.rules.ConnectFailed(now, nil)
	case a.dialled:
		l.conn, l.outbox = a.conn, newOutbox(a.conn)
		return l.rules.Connected(now, nil)
	case a.conn != l.conn:
		return nil // from an earlier connection, which has been dropped
	case a.err != nil:
		l.drop()
		return l.rules.Disconnected(now, nil)
	}
	if l.hooks.Receive != nil {
		var ok bool
		if a.message, ok = l.hooks.Receive(a.message); !ok {
			return nil
		}
	}
	return l.rules.Receive(now, a.message, nil)
}

func (l *Loop) carryOut(ctx context.Context, now time.Time, effects []client.Effect) {
	if l.hooks.Effects != nil {
		effects = l.hooks.Effects(effects)
	}
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

// send writes a message, without waiting for a server that does not read.
func (l *Loop) send(m wire.Message) {
	if l.conn != nil {
		l.scratch = m.Append(l.scratch[:0])
		l.outbox.send(l.scratch)
	}
}

// drop closes the connection: in an orderly way, unless the server does not read what was
// written.
func (l *Loop) drop() {
	if l.conn == nil {
		return
	}
	l.outbox.close()
	if l.outbox.stuck() {
		_ = l.conn.Abort() // nobody is left to report it to
	} else {
		_ = l.conn.Close()
	}
	l.conn, l.outbox = nil, nil
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
				continue // a client ignores what it cannot decode
			}
		}
		a.err = err
		if !l.tell(a) {
			return
		}
	}
}

// tell hands an arrival to the loop. It returns false if the loop has ended.
func (l *Loop) tell(a arrival) bool {
	select {
	case l.arrived <- a:
		return true
	case <-l.done:
		return false
	}
}

// Send sends data. The error is client.ErrOffline while the client is not logged in.
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

// call runs do on the loop's goroutine and returns its error.
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
