// Package clienttest writes what a client does as text, for the tests of the client's rules
// and of what drives them.
package clienttest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Given is the first login time that the server gives.
const Given = 1_700_000_000_000

// Welcome returns the response to a login that succeeded.
func Welcome(firstLoginTime int64) wire.Message {
	return wire.NewLoginResponse("u", wire.CodeOK, firstLoginTime)
}

// Login returns the message by which the client logs in.
func Login(firstLoginTime int64) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some("u"), Token: wire.Some("t"), FirstLoginTime: firstLoginTime})
}

// NotLoggedIn returns the server's error 301.
func NotLoggedIn() wire.Message {
	return wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u"))
}

var kinds = map[client.EffectKind]string{
	client.Connect: "connect", client.Disconnect: "disconnect", client.Send: "send", client.LoggedIn: "logged in",
	client.Refused: "refused", client.Delivered: "delivered", client.Duplicate: "duplicate", client.Received: "received",
	client.Lost: "lost", client.Alive: "alive", client.LinkClosed: "link closed", client.KickedOut: "kicked out", client.Failed: "failed",
}

// Show writes effects.
func Show(effects []client.Effect) (shown []string) {
	for _, e := range effects {
		shown = append(shown, Effect(e))
	}
	return shown
}

// Effect writes one effect: its kind, and what it carries.
func Effect(e client.Effect) string {
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

// At writes an effect with the time at which it happened.
func At(after time.Duration, effect string) string { return fmt.Sprintf("after %v: %s", after, effect) }

// Sends writes that a message is sent.
func Sends(m wire.Message) string { return Effect(client.Effect{Kind: client.Send, Message: m}) }

// Told writes that the application is told something.
func Told(kind client.EffectKind, code wire.Code, m wire.Message) string {
	return Effect(client.Effect{Kind: kind, Code: code, Message: m})
}

// The effects without a message.
const (
	Connects    = "connect"
	Disconnects = "disconnect"
)

// LinkClosed writes that the application is told of a broken connection.
func LinkClosed() string { return Told(client.LinkClosed, wire.CodeConnectionBroken, wire.Message{}) }

// Paces has the client's part of the table in docs/protocol.md §3, written out again.
var Paces = []struct {
	Mode              timing.SenseMode
	Transport         wire.Transport
	Heartbeat, GiveUp int // in seconds
}{
	{timing.Mode3S, wire.UDP, 3, 10}, {timing.Mode3S, wire.TCP, 3, 5}, {timing.Mode3S, wire.WS, 3, 5},
	{timing.Mode5S, wire.TCP, 5, 8}, {timing.Mode5S, wire.WS, 5, 8},
	{timing.Mode10S, wire.UDP, 10, 21}, {timing.Mode10S, wire.TCP, 10, 15}, {timing.Mode10S, wire.WS, 10, 15},
	{timing.Mode15S, wire.TCP, 15, 20}, {timing.Mode15S, wire.WS, 15, 20},
	{timing.Mode30S, wire.UDP, 30, 61}, {timing.Mode30S, wire.TCP, 30, 35}, {timing.Mode30S, wire.WS, 30, 35},
	{timing.Mode60S, wire.UDP, 60, 121}, {timing.Mode60S, wire.TCP, 60, 65}, {timing.Mode60S, wire.WS, 60, 65},
	{timing.Mode120S, wire.UDP, 120, 241}, {timing.Mode120S, wire.TCP, 120, 125}, {timing.Mode120S, wire.WS, 120, 125},
}

// Seconds returns n seconds.
func Seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// NextLook returns the first time, at or after a moment, at which a client looks whether
// it has to give up: it does so every 2 s after the login.
func NextLook(moment time.Duration) time.Duration {
	return (moment + 2*time.Second - 1) / (2 * time.Second) * (2 * time.Second)
}

// WithoutHeartbeat leaves the keep-alives out.
func WithoutHeartbeat(happened []string) []string {
	return slices.DeleteFunc(happened, func(s string) bool { return strings.HasSuffix(s, Sends(wire.NewKeepAlive("u"))) })
}
