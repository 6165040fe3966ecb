package fuzz

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// user is somebody who keeps to the protocol, with a name that no input has.
type user struct {
	on      wire.Transport
	id      string
	conn    transport.Conn
	answers chan wire.Message
	ended   chan struct{} // closed when nothing more comes
	reason  error         // of that

	mu         sync.Mutex
	leaving    bool
	unexpected []string // what came that nobody had asked for
}

// Bounds of what is kept of a flood.
const (
	maxUnexpected = 20   // texts
	maxText       = 2000 // bytes of one
)

// connect opens a connection for a user, and logs them in.
func connect(ctx context.Context, t *target.Target, on wire.Transport, role string, patience time.Duration) (*user, error) {
	dialing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := t.Dial(dialing, on)
	if err != nil {
		return nil, err
	}
	u := &user{on: on, id: role + "-" + strconv.FormatUint(rand.Uint64(), 36), conn: conn, answers: make(chan wire.Message, 64), ended: make(chan struct{})}
	go u.read()
	login := wire.NewLogin(wire.LoginInfo{UserID: wire.Some(u.id), Token: wire.Some(t.Token())})
	response, _, err := u.ask(ctx, login, wire.TypeLoginResponse, patience)
	if err == nil {
		if body, bad := wire.ParseLoginResponse(response.DataContent.Value()); bad != nil || body.Code != wire.CodeOK {
			err = fmt.Errorf("the login was refused: %s", response.Append(nil))
		}
	}
	if err != nil {
		u.leave()
		return nil, err
	}
	return u, nil
}

// leave closes the connection.
func (u *user) leave() {
	u.mu.Lock()
	u.leaving = true
	u.mu.Unlock()
	if !u.on.Connected() {
		_ = u.conn.Send(wire.NewLogout(u.id).Append(nil))
	}
	_ = u.conn.Close() // an error tells nobody anything
	<-u.ended
}

// read takes what comes until the connection ends.
func (u *user) read() {
	for {
		body, err := u.conn.Receive()
		if err != nil {
			u.note("the end of its session: " + err.Error())
			u.reason = err
			close(u.ended)
			return
		}
		m, err := wire.Decode(body)
		switch {
		case err != nil:
			u.note("not a message: " + string(body))
		case u.expects(m):
			select {
			case u.answers <- m:
			default: // nobody waits for so many
			}
		default:
			u.note(string(m.Append(nil)))
		}
	}
}

// echo returns the echo request of the user.
func (u *user) echo() string { return "echo of " + u.id }

// expects reports whether a message may be an answer to the user, or on UDP a copy of one.
func (u *user) expects(m wire.Message) bool {
	switch m.Type {
	case wire.TypeLoginResponse:
		return true // a refusal goes to nobody
	case wire.TypeKeepAliveResponse:
		return m.To.Is(u.id)
	case wire.TypeEchoResponse:
		return m.From.Is(u.id) && m.DataContent.Is(u.echo())
	}
	return false
}

func (u *user) note(text string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.leaving || len(u.unexpected) == maxUnexpected {
		return
	}
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	u.unexpected = append(u.unexpected, text)
}

// seen returns what came that nobody had asked for.
func (u *user) seen() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.unexpected
}

// asks is the largest number of times that a question is sent where its answer may be lost.
const asks = 8

// ask sends a message and waits for an answer of a type. What may be lost is sent again:
// everything on UDP, and a keep-alive, which may come too early for the server (§7).
func (u *user) ask(ctx context.Context, m wire.Message, want wire.Type, patience time.Duration) (answer wire.Message, took time.Duration, err error) {
	for len(u.answers) > 0 {
		<-u.answers // to what was asked before
	}
	body, begun := m.Append(nil), time.Now()
	repeated := !u.on.Connected() || m.Type == wire.TypeKeepAlive
	overdue, again := time.NewTimer(patience), time.NewTicker(max(patience/asks, time.Millisecond))
	defer overdue.Stop()
	defer again.Stop()
	_ = u.conn.Send(body) // an end shows to the reader
	for {
		select {
		case answer = <-u.answers:
			if answer.Type == want {
				return answer, time.Since(begun), nil
			}
		case <-again.C:
			if repeated {
				_ = u.conn.Send(body)
			}
		case <-u.ended:
			return answer, 0, fmt.Errorf("no answer to its %s: %w", m.Type, u.reason)
		case <-overdue.C:
			return answer, 0, fmt.Errorf("no answer to its %s within %v", m.Type, patience)
		case <-ctx.Done():
			return answer, 0, ctx.Err()
		}
	}
}

// use has the user ask for an echo and keep its session, and returns the slowest answer.
func (u *user) use(ctx context.Context, patience time.Duration) (slowest time.Duration, err error) {
	_, slowest, err = u.ask(ctx, wire.NewEcho(u.id, u.echo()), wire.TypeEchoResponse, patience)
	if err != nil {
		return 0, err
	}
	_, took, err := u.ask(ctx, wire.NewKeepAlive(u.id), wire.TypeKeepAliveResponse, patience)
	return max(slowest, took), err
}

// keep sends keep-alives until ctx is done, so often that no session expires.
func (u *user) keep(ctx context.Context) {
	for ctx.Err() == nil {
		machine.Sleep(ctx, keepEvery)
		if ctx.Err() == nil {
			_ = u.conn.Send(wire.NewKeepAlive(u.id).Append(nil))
		}
	}
}

// keepEvery is shorter than every expiry (§3), also when keep-alives get lost.
const keepEvery = time.Second
