package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// start is any moment: the rules know differences only. It has a fraction of a
// second, so that a rounded time would show.
var start = time.UnixMilli(1_800_000_000_123)

var timingOf3S = timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}

// streams are the transports whose sessions the server can be seen to close.
var streams = []wire.Transport{wire.TCP, wire.WS}

// application is an Application whose answers the tests set.
type application struct {
	verdict wire.Code
	veto    bool
	store   bool
	asked   []string // logins that were to be judged
}

func (a *application) Verify(user, token, extra string) wire.Code {
	a.asked = append(a.asked, strings.Join([]string{user, token, extra}, " "))
	return a.verdict
}

func (a *application) AllowC2S(wire.Message) bool     { return !a.veto }
func (a *application) AllowC2C(wire.Message) bool     { return !a.veto }
func (a *application) StoreOffline(wire.Message) bool { return a.store }

// bench is a server, its application and its clock.
type bench struct {
	*testing.T
	*server.Server
	application *application
	now         time.Time
}

// newBench has a server that keeps to §3 and §4 to the letter, quirks included.
func newBench(t *testing.T, change func(*server.Config)) *bench {
	t.Helper()
	b := &bench{T: t, application: &application{}, now: start}
	config := server.Config{
		Application: b.application,
		Policy:      server.DefaultPolicy(timingOf3S),
		Limits:      server.DefaultLimits,
		Quirks:      server.Observed,
	}
	if change != nil {
		change(&config)
	}
	b.Server = server.NewServer(config, start)
	return b
}

// open makes a session; its link is the label that effects are shown with.
func (b *bench) open(t wire.Transport, label string) *server.Session {
	b.Helper()
	session := b.Open(b.now, t, "anywhere", label)
	if session == nil {
		b.Fatalf("%s is not let in", label)
	}
	return session
}

// receive hands in a message and returns the effects.
func (b *bench) receive(from *server.Session, m wire.Message) []string {
	return b.raw(from, m.String())
}

// raw hands in any text.
func (b *bench) raw(from *server.Session, body string) []string {
	return show(b.Receive(b.now, from, server.Read([]byte(body))))
}

// ackOf is the server's ACK of a message: it never has the bridge (§1, type 4).
func ackOf(m wire.Message) wire.Message {
	ack := wire.NewReceived(m)
	ack.Bridge = false
	return ack
}

// login opens a session and logs a user in on it; the label is the user's name.
func (b *bench) login(t wire.Transport, user string) *server.Session {
	b.Helper()
	session := b.open(t, user)
	b.receive(session, login(user, 0))
	if !session.LoggedIn() || session.User() != user {
		b.Fatalf("%s is not logged in", user)
	}
	return session
}

// advance lets time pass up to a moment after start, ticking exactly when the
// server asks for it, and returns what happened with the time of each.
func (b *bench) advance(to time.Duration) (happened []string) {
	b.Helper()
	end := start.Add(to)
	for !b.Next().After(end) {
		if b.Next().Before(b.now) {
			b.Fatalf("Next is %v after the start, which is over", b.Next().Sub(start))
		}
		b.now = b.Next()
		for _, effect := range show(b.Tick(b.now)) {
			happened = append(happened, at(b.now.Sub(start), effect))
		}
		if !b.Next().After(b.now) {
			b.Fatalf("nothing was done at %v after the start: it is due again at once", b.now.Sub(start))
		}
	}
	b.now = end
	return happened
}

// expect compares effects, order included.
func (b *bench) expect(what string, got []string, want ...string) {
	b.Helper()
	if !slices.Equal(got, want) {
		b.Errorf("%s:\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func login(user string, firstLoginTime int64) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some(user), Token: wire.Some("t"), FirstLoginTime: firstLoginTime})
}

// clock returns the first login time that the server assigns after some time.
func clock(after time.Duration) int64 { return start.Add(after).UnixMilli() }

func show(effects []server.Effect) (shown []string) {
	for _, e := range effects {
		switch e.Kind {
		case server.Send:
			shown = append(shown, sent(e.Session.Link.(string), e.Message))
		case server.Close:
			shown = append(shown, closed(e.Session.Link.(string)))
		case server.Report:
			shown = append(shown, reported(e.Event))
		case server.Publish:
			shown = append(shown, published(e.Publication, e.Message))
		}
	}
	return shown
}

// The forms of effects, for what is expected as for what happened.
func at(after time.Duration, effect string) string { return fmt.Sprintf("after %v: %s", after, effect) }
func sent(label string, m wire.Message) string     { return label + " gets " + m.String() }
func published(number uint64, m wire.Message) string {
	return fmt.Sprintf("publication %d is %s", number, m)
}
func closed(label string) string { return label + " is closed" }

func reported(e server.Event) string {
	message := "no message"
	if e.Message != nil {
		message = e.Message.String()
	}
	return fmt.Sprintf("%s of %q, code %d, extra %v, fingerprint %v, %s", e.Kind, e.User, e.Code, e.Extra, e.Fingerprint, message)
}

// Events that need no more than a user and a code.
func verified(user string, verdict wire.Code) string {
	return reported(server.Event{Kind: server.EventVerify, User: user, Code: verdict})
}

func loggedIn(user string) string {
	return reported(server.Event{Kind: server.EventLogin, User: user})
}

func loggedOut(user string, code wire.Code) string {
	return reported(server.Event{Kind: server.EventLogout, User: user, Code: code})
}

func acknowledged(user, fingerprint string) string {
	return reported(server.Event{Kind: server.EventReceived, User: user, Fingerprint: wire.Some(fingerprint)})
}

// about is an event about a message.
func about(kind server.EventKind, user string, code wire.Code, m wire.Message) string {
	return reported(server.Event{Kind: kind, User: user, Code: code, Fingerprint: m.Fingerprint, Message: &m})
}

// welcome is the response to a login that succeeded.
func welcome(label, user string, firstLoginTime int64) string {
	return sent(label, wire.NewLoginResponse(user, wire.CodeOK, firstLoginTime))
}

// kickout returns the kick-out of a session that another one replaced.
func kickout(label, user string) string {
	return sent(label, wire.NewKickout(user, wire.Kickout{Code: wire.KickDuplicateLogin}))
}

// onStreams appends what follows on transports with connections only.
func onStreams(t wire.Transport, effects []string, more ...string) []string {
	if t.Connected() {
		return append(effects, more...)
	}
	return effects
}
