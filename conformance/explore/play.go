package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"imcheck/conformance/server"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// Pace has the waiting times of a conversation.
type Pace struct {
	// Quiet is how long nothing may come before the next step: what comes later is taken
	// for an effect of that.
	Quiet time.Duration
	// Patience bounds how long the effects of a step are waited for.
	Patience time.Duration
}

// player plays one conversation to a target.
type player struct {
	target    *target.Target
	control   *target.Control
	notified  *Notifications // nil when the target has no events
	pace      Pace
	reachable bool // the application, for pushes and kicks
	script    *script
	scene     *server.Scene // of the case that plays it; nil for none
	start     time.Time

	steps    []performed
	conns    map[int]*playedConn
	requests []transport.Conn // on which a WebSocket was requested by hand
	mu       sync.Mutex
	seen     []observation
	latest   time.Time
	given    map[string]int64 // first login times, by user
	clock    int64            // the server's at the start of the conversation, by its first stamp, in ms; 0 before that
	readers  sync.WaitGroup
}

type playedConn struct {
	on       wire.Transport
	conn     transport.Conn
	activity []time.Time // when its session may have been active last
	closed   bool        // by us
	half     bool        // what would be sent next would be the rest of a frame
	closes   []string    // close frames, of the reading goroutine
}

// margin is the least distance in time of a step from the expiry of a session, so that both ends agree
// on what came first.
const margin = 400 * time.Millisecond

// play plays a conversation and returns how it went. The error says that the target cannot
// be reached.
func play(ctx context.Context, t *target.Target, control *target.Control, notified *Notifications, c Conversation, nonce string, pace Pace) (*history, error) {
	return newPlayer(t, control, notified, nonce, pace).play(ctx, c)
}

func newPlayer(t *target.Target, control *target.Control, notified *Notifications, nonce string, pace Pace) *player {
	return &player{
		target: t, control: control, notified: notified, pace: pace, reachable: abilitiesOf(t).Control,
		script: newScript(cast{nonce, t.Has(controlapi.CapabilityOfflineStore), t.Conventions}),
		conns:  map[int]*playedConn{}, given: map[string]int64{},
	}
}

func (p *player) play(ctx context.Context, c Conversation) (*history, error) {
	p.start = time.Now()
	defer p.close()
	if p.notified != nil {
		defer p.notified.listen(p.script.cast.nonce, func(e target.Event) { p.note(seenEvent(e), nil) })()
	}
	var err error
	for _, s := range c {
		if err = p.step(ctx, s); err != nil {
			break
		}
	}
	h := &history{modes: p.target.Modes, app: applicationOf(p.target.Conventions), steps: p.steps, events: p.notified != nil, stamps: p.target.Has(controlapi.CapabilityStamp), alone: p.notified != nil && p.notified.alone}
	h.until = time.Since(p.start)
	h.limits = bounds{early: p.target.Tolerance, late: p.pace.Patience, quiet: p.pace.Quiet, expiry: p.pace.Patience}
	p.mu.Lock()
	defer p.mu.Unlock()
	h.seen = p.seen
	return h, err
}

func (p *player) close() {
	for _, c := range p.conns {
		if !c.closed {
			p.hangUp(c)
		}
	}
	for _, conn := range p.requests {
		_ = conn.Close()
	}
	p.readers.Wait()
}

// step does one step and waits until what it causes has come.
func (p *player) step(ctx context.Context, s Step) error {
	if !p.reachable && (s.Do == Push || s.Do == Kick) {
		return nil // of a conversation that was drawn for another target
	}
	p.keepClear(ctx)
	c := p.conns[s.Conn]
	var on wire.Transport
	if c != nil {
		on = c.on
	}
	done, ok := p.script.write(s, on)
	if !ok {
		return nil
	}
	if p.scene != nil {
		p.scene.Remark("%s", s)
	}
	switch s.Do {
	case Wait:
		machine.Sleep(ctx, s.For)
		done.at = time.Since(p.start)
		p.steps = append(p.steps, done)
		return ctx.Err()
	case Open:
		if err := p.open(ctx, s, &done); err != nil {
			return err
		}
	case Handshake:
		if err := p.shake(ctx, &done); err != nil {
			return err
		}
	case Close:
		done.at = time.Since(p.start)
		if c == nil || c.closed {
			return nil
		}
		p.hangUp(c)
	case Push, Kick:
		done.at = time.Since(p.start)
		if err := p.fromApplication(ctx, &done); err != nil && !errors.Is(err, target.ErrNotOnline) {
			return err
		}
	default:
		if c == nil || c.closed || c.half {
			return nil // there is nowhere to send it
		}
		c.half = s.Do == Frame && s.Kind == halfFrame
		p.send(&done, c)
	}
	p.steps = append(p.steps, done)
	p.settle(ctx, &done)
	return ctx.Err()
}

// fromApplication has the application push or kick.
func (p *player) fromApplication(ctx context.Context, done *performed) (err error) {
	if done.step.Do == Push {
		_, err = p.control.Push(ctx, done.message)
		return err
	}
	return p.control.Kick(ctx, done.message.To.Value(), done.step.kickout())
}

// open connects, and reads what comes.
func (p *player) open(ctx context.Context, s Step, done *performed) (err error) {
	if done.on, err = wire.ParseTransport(s.On); err != nil {
		return err
	}
	done.at = time.Since(p.start)
	conn, err := p.dial(ctx, s.Conn, done.on)
	if err != nil {
		return err
	}
	c := &playedConn{on: done.on, conn: conn, activity: []time.Time{time.Now()}}
	p.watchFrames(s.Conn, c)
	if p.scene != nil {
		c.conn = p.scene.Transcript.Wrap(place(s.Conn), conn)
	}
	p.mu.Lock()
	p.conns[s.Conn] = c
	p.mu.Unlock()
	p.readers.Go(func() { p.read(s.Conn, c) })
	return nil
}

func (p *player) dial(ctx context.Context, n int, on wire.Transport) (transport.Conn, error) {
	if p.scene != nil {
		return p.scene.Dial(ctx, on, place(n))
	}
	return p.target.Dial(ctx, on)
}

// hangUp closes a connection from this side, which its reader does not note as an end.
func (p *player) hangUp(c *playedConn) {
	p.mu.Lock()
	c.closed = true
	p.mu.Unlock()
	p.target.Leave(c.conn)
}

// send sends what a step sends on a connection.
func (p *player) send(done *performed, c *playedConn) {
	switch done.step.Do {
	case Frame:
		p.frame(done, c)
		return
	case Login:
		p.mu.Lock()
		claim := claimed(done.step.Claim, p.given[done.user])
		p.mu.Unlock()
		done.body = done.login(claim).Append(nil)
	}
	done.at = time.Since(p.start)
	c.active(done.step.Do != Bytes) // what is no message may count or not
	_ = c.conn.Send(done.body)      // an end shows to the reader
}

// frame writes what a Frame step is about, below the transport's own framing.
func (p *player) frame(done *performed, c *playedConn) {
	f := done.framing
	for i, piece := range f.pieces {
		if i > 0 {
			time.Sleep(f.pause)
		}
		_, _ = c.conn.Raw().Write(piece) // an end shows to the reader
	}
	done.at = time.Since(p.start)
	if len(f.messages)+len(f.parts) > 0 { // nothing else counts as activity (§3)
		c.active(len(f.parts) == 0)
	}
}

// watchFrames notes the control frames of a WebSocket.
func (p *player) watchFrames(n int, c *playedConn) {
	socket, ok := c.conn.(transport.FrameConn)
	if !ok {
		return
	}
	socket.OnControl(func(opcode websocket.Opcode, payload []byte) {
		switch opcode {
		case websocket.OpClose:
			text := "without a code"
			if len(payload) >= 2 {
				text = strings.TrimSpace(fmt.Sprint(websocket.ParseClose(payload), " ", string(payload[2:])))
			}
			c.closes = append(c.closes, text)
		case websocket.OpPong:
			p.note(observation{conn: n, kind: "pong", text: "pong " + string(payload)}, nil)
		}
	})
}

// read notes what comes on a connection.
func (p *player) read(n int, c *playedConn) {
	for {
		body, err := c.conn.Receive()
		if err != nil {
			if c.on.Connected() {
				closed, _ := errors.AsType[*transport.CloseError](err)
				p.note(observation{conn: n, text: ended, kind: ended, closes: c.closes, reset: closed != nil && closed.Reason == transport.Reset}, nil)
			}
			return
		}
		m, err := wire.Decode(body)
		if err != nil {
			p.note(observation{conn: n, kind: "unreadable", text: "no message: " + string(body)}, nil)
			continue
		}
		p.stamped(&m)
		p.note(observation{conn: n, text: messageText(m), kind: messageKind(m), fingerprint: m.Fingerprint.Value()}, &m)
	}
}

// stampTolerance is the largest distance of a stamp from the server's clock, as the other stamps of
// the conversation show it.
const stampTolerance = 1500 * time.Millisecond

// stamped replaces a stamp that has the server's clock (docs/protocol.md §4 sm).
func (p *player) stamped(m *wire.Message) {
	if m.ServerTime <= 0 {
		return
	}
	start := m.ServerTime - time.Since(p.start).Milliseconds()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clock == 0 {
		p.clock = start
	}
	if off := time.Duration(start-p.clock) * time.Millisecond; off.Abs() <= stampTolerance {
		m.ServerTime = freshStamp
	}
}

func (p *player) note(o observation, m *wire.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.conns[o.conn]; c != nil && c.closed && o.text == ended {
		return // by us
	}
	p.latest = time.Now()
	o.at = p.latest.Sub(p.start)
	p.seen = append(p.seen, o)
	if m != nil && m.Type == wire.TypeLoginResponse {
		if response, err := wire.ParseLoginResponse(m.DataContent.Value()); err == nil && response.Code == wire.CodeOK {
			p.given[m.To.Value()] = response.FirstLoginTime
		}
	}
}

// settle waits until nothing has come for a while, and a step that is always answered has
// its answer.
func (p *player) settle(ctx context.Context, done *performed) {
	begun := time.Now()
	for ctx.Err() == nil {
		p.mu.Lock()
		since, awaits := time.Since(p.latest), p.awaits(done)
		p.mu.Unlock()
		quiet := p.pace.Quiet - min(since, time.Since(begun))
		if quiet <= 0 && !awaits || time.Since(begun) >= p.pace.Patience {
			return
		}
		machine.Sleep(ctx, max(quiet, p.pace.Quiet/4))
	}
}

// awaits reports whether the answer to a login or an echo is missing, which the next steps
// may depend on.
func (p *player) awaits(done *performed) bool {
	if done.step.Do != Login && done.step.Do != Echo {
		return false
	}
	return !slices.ContainsFunc(p.seen, func(o observation) bool {
		return o.conn == done.step.Conn && (o.kind == ended || o.at >= done.at)
	})
}

// active notes that something is sent that counts as activity, or may count.
func (c *playedConn) active(certain bool) {
	if certain {
		c.activity = c.activity[:0]
	}
	c.activity = append(c.activity, time.Now())
}

// keepClear waits until no session is close to its expiry.
func (p *player) keepClear(ctx context.Context) {
	for again := true; again && ctx.Err() == nil; {
		again = false
		for _, c := range p.conns {
			if c.closed {
				continue
			}
			for _, at := range c.activity {
				left := time.Until(at.Add(p.target.Modes[c.on].Expiry(c.on)))
				if margin := max(margin, p.pace.Quiet); left > -margin && left < margin {
					machine.Sleep(ctx, left+margin)
					again = true
				}
			}
		}
	}
}
