// Package clienttest formats the effects of a client as text, for the tests of the
// client's rules and of their drivers.
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

// Given is the first login time that the server assigns.
const Given = 1_700_000_000_000

// Welcome returns the response to a successful login.
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

// Show formats effects.
func Show(effects []client.Effect) (shown []string) {
	for _, e := range effects {
		shown = append(shown, Effect(e))
	}
	return shown
}

// Effect formats one effect: its kind and its content.
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

// At formats an effect with its time.
func At(after time.Duration, effect string) string { return fmt.Sprintf("after %v: %s", after, effect) }

// Sends formats the effect that sends a message.
func Sends(m wire.Message) string { return Effect(client.Effect{Kind: client.Send, Message: m}) }

// Told formats an effect that reports something to the application.
func Told(kind client.EffectKind, code wire.Code, m wire.Message) string {
	return Effect(client.Effect{Kind: kind, Code: code, Message: m})
}

// Effects without a message.
const (
	Connects    = "connect"
	Disconnects = "disconnect"
)

// LinkClosed formats the effect that reports a broken connection.
func LinkClosed() string { return Told(client.LinkClosed, wire.CodeConnectionBroken, wire.Message{}) }

// Paces repeats the client's part of the table in docs/protocol.md §3.
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

// NextLook returns the first time, at or after another, at which a client checks for an
// overdue keep-alive response: it does so every 2 s after the login.
func NextLook(moment time.Duration) time.Duration {
	return (moment + 2*time.Second - 1) / (2 * time.Second) * (2 * time.Second)
}

// WithoutHeartbeat returns the effects without keep-alives.
func WithoutHeartbeat(happened []string) []string {
	return slices.DeleteFunc(happened, func(s string) bool { return strings.HasSuffix(s, Sends(wire.NewKeepAlive("u"))) })
}
