package client

import (
	"cmp"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Receive handles one message from the server.
func (c *Client) Receive(now time.Time, m wire.Message, out []Effect) []Effect {
	if c.state == idle {
		return out
	}
	if m.QoS && m.Fingerprint.Present() && !refusedLogin(m) {
		out = append(out, send(wire.NewReceived(m)))
		if after, again := c.seen(now, m.Fingerprint.Value()); again {
			return append(out, Effect{Kind: Duplicate, Message: m, Took: after})
		}
	}
	switch m.Type {
	case wire.TypeData:
		out = append(out, Effect{Kind: Delivered, Message: m})
	case wire.TypeLoginResponse:
		out = c.loginResponse(now, m, out)
	case wire.TypeKeepAliveResponse:
		out = c.keepAliveResponse(epoch.At(now), out)
	case wire.TypeReceived:
		out = c.acknowledged(m, out)
	case wire.TypeErrorResponse:
		out = c.errorResponse(now, m, out)
	case wire.TypeKickout:
		kick, _ := wire.ParseKickout(m.DataContent.Value()) // one that cannot be parsed ends the session as well
		out = append(out, Effect{Kind: KickedOut, Code: kick.Code, Message: m})
		out = c.stop(out)
	}
	return out
}

// refusedLogin reports whether a message refuses a login. Such a message is not
// acknowledged, whatever it asks for (§4).
func refusedLogin(m wire.Message) bool {
	if m.Type != wire.TypeLoginResponse {
		return false
	}
	body, err := wire.ParseLoginResponse(m.DataContent.Value())
	return err != nil || body.Code != wire.CodeOK
}

// seen records a copy, and returns the time since the one before where there was one.
func (c *Client) seen(now time.Time, fingerprint string) (after time.Duration, again bool) {
	if c.received == nil {
		c.received = qos.NewReceiver(c.config.dedupMemory(), qos.DedupSweep, cmp.Or(c.config.Remembered, Remembered), now)
	}
	return c.received.SeenAfter(now, fingerprint)
}

func (c *Client) loginResponse(now time.Time, m wire.Message, out []Effect) []Effect {
	body, err := wire.ParseLoginResponse(m.DataContent.Value())
	if c.state != loggingIn || err != nil {
		return out
	}
	if body.Code != wire.CodeOK {
		out = append(out, Effect{Kind: Refused, Code: body.Code, Message: m})
		return c.stop(out)
	}
	c.state, c.firstLoginTime = online, body.FirstLoginTime
	c.startKeepAlives(epoch.At(now))
	return append(out, Effect{Kind: LoggedIn, Message: m})
}

func (c *Client) keepAliveResponse(now timing.Instant, out []Effect) []Effect {
	c.lastAnswer = now
	if c.unansweredAt == timing.Never {
		return out
	}
	alive := Effect{Kind: Alive, Took: now.Sub(c.unansweredAt), TookSinceDue: now.Sub(c.unansweredDue)}
	c.unansweredAt = timing.Never
	return append(out, alive)
}

func (c *Client) acknowledged(ack wire.Message, out []Effect) []Effect {
	if c.sender == nil || !ack.DataContent.Present() {
		return out
	}
	if m, ok := c.sender.Acknowledged(ack.DataContent.Value()); ok {
		out = append(out, Effect{Kind: Received, Message: m})
	}
	return out
}

// errorResponse handles an error. "Not logged in" stops the keep-alives, and the
// client logs in again after a pause (§3).
func (c *Client) errorResponse(now time.Time, m wire.Message, out []Effect) []Effect {
	body, err := wire.ParseErrorResponse(m.DataContent.Value())
	if err != nil {
		return out
	}
	out = append(out, Effect{Kind: Failed, Code: body.Code, Message: m})
	if body.Code == wire.CodeServerNotLoggedIn && (c.state == online || c.state == loggingIn) {
		c.retryAfterPause(now)
	}
	return out
}
