package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/harness/client"
	"imcheck/harness/timing"
	"imcheck/harness/wire"
)

// epoch is any moment: the rules know differences only.
var epoch = time.UnixMilli(1_800_000_000_123)

// bench is a client and its clock; the test plays the server.
type bench struct {
	*testing.T
	*client.Client
	kind wire.Transport
	mode timing.SenseMode
	now  time.Time
}

func newBench(t *testing.T, kind wire.Transport, mode timing.SenseMode) *bench {
	c := client.New(client.Config{User: "u", Token: "t", Transport: kind, Mode: mode})
	return &bench{T: t, Client: c, kind: kind, mode: mode, now: epoch}
}

// onTransports runs a test of a client in sense mode 3S on every transport.
func onTransports(t *testing.T, test func(b *bench)) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) { test(newBench(t, kind, timing.Mode3S)) })
	}
}

// elapsed is the time since the start of the test.
func (b *bench) elapsed() time.Duration { return b.now.Sub(epoch) }

// advance lets time pass up to a moment after the start, ticking exactly when
// the client asks for it, and returns what happened with the time of each.
func (b *bench) advance(to time.Duration) (happened []string) {
	b.Helper()
	end := epoch.Add(to)
	for next := b.Next(); !next.IsZero() && !next.After(end); next = b.Next() {
		if next.Before(b.now) {
			b.Fatalf("after %v the next tick is for %v after the start", b.elapsed(), next.Sub(epoch))
		}
		b.now = next
		for _, effect := range show(b.Tick(b.now, nil)) {
			happened = append(happened, at(b.elapsed(), effect))
		}
		if next := b.Next(); !next.IsZero() && !next.After(b.now) {
			b.Fatalf("after %v nothing was done: it is due again at once", b.elapsed())
		}
	}
	b.now = end
	return happened
}

// answering is advance with a server that answers each keep-alive after a delay.
func (b *bench) answering(to, delay time.Duration) {
	b.Helper()
	for _, effect := range b.advance(min(to, b.untilNext())) {
		if strings.HasSuffix(effect, sends(wire.NewKeepAlive("u"))) {
			b.advance(b.elapsed() + delay)
			b.receive(wire.NewKeepAliveResponse("u"))
		}
	}
	if b.elapsed() < to {
		b.answering(to, delay)
	}
}

func (b *bench) untilNext() time.Duration { return b.Next().Sub(epoch) }

// receive hands in a message from the server.
func (b *bench) receive(m wire.Message) []string { return show(b.Receive(b.now, m, nil)) }

// comeOnline logs in, at once.
func (b *bench) comeOnline() {
	b.Helper()
	b.Start(nil)
	b.Connected(b.now, nil)
	b.receive(welcome(given))
	if !b.Online() {
		b.Fatal("the client is not online")
	}
}

// given is the first login time that the server gives.
const given = 1_700_000_000_000

// welcome is the response to a login that succeeded.
func welcome(firstLoginTime int64) wire.Message {
	return wire.NewLoginResponse("u", wire.CodeOK, firstLoginTime)
}

// login is what the client sends to log in.
func login(firstLoginTime int64) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some("u"), Token: wire.Some("t"), FirstLoginTime: firstLoginTime})
}

// notLoggedIn is the server's error 301.
func notLoggedIn() wire.Message {
	return wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u"))
}

func (b *bench) expect(what string, got []string, want ...string) {
	b.Helper()
	if !slices.Equal(got, want) {
		b.Errorf("%s:\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

var kinds = map[client.EffectKind]string{
	client.Connect: "connect", client.Disconnect: "disconnect", client.Send: "send", client.LoggedIn: "logged in",
	client.Refused: "refused", client.Delivered: "delivered", client.Duplicate: "duplicate", client.Received: "received",
	client.Lost: "lost", client.Alive: "alive", client.LinkClosed: "link closed", client.KickedOut: "kicked out", client.Failed: "failed",
}

func show(effects []client.Effect) (shown []string) {
	for _, e := range effects {
		shown = append(shown, effect(e))
	}
	return shown
}

func effect(e client.Effect) string {
	text := kinds[e.Kind]
	if e.Message != (wire.Message{}) {
		text += " " + e.Message.String()
	}
	if e.Code != 0 {
		text += fmt.Sprint(" code ", e.Code)
	}
	if e.Kind == client.Alive {
		text += fmt.Sprint(" ", e.Took, " ", e.TookSinceDue)
	}
	return text
}

// The forms of effects, for what is expected as for what happened.
func at(after time.Duration, effect string) string { return fmt.Sprintf("after %v: %s", after, effect) }

func sends(m wire.Message) string { return effect(client.Effect{Kind: client.Send, Message: m}) }

func told(kind client.EffectKind, code wire.Code, m wire.Message) string {
	return effect(client.Effect{Kind: kind, Code: code, Message: m})
}

// The effects without a message.
const (
	connects    = "connect"
	disconnects = "disconnect"
)

func linkClosed() string { return told(client.LinkClosed, wire.CodeConnectionBroken, wire.Message{}) }
