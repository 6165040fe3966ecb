package client

import (
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Next is when Tick has to be called; the zero time when nothing is due.
func (c *Client) Next() time.Time {
	next := timing.Never
	sooner := func(m timing.Instant) {
		if next == timing.Never || m < next {
			next = m
		}
	}
	switch c.state {
	case waiting, loggingIn:
		sooner(c.attemptAt)
	case online:
		sooner(c.beatAt)
		sooner(c.checkAt)
	}
	if c.Unacknowledged() > 0 {
		sooner(epoch.At(c.sender.Next()))
	}
	if c.received != nil && c.received.Len() > 0 {
		sooner(epoch.At(c.received.Next()))
	}
	return epoch.Time(next)
}

// Tick does what is due.
func (c *Client) Tick(now time.Time, out []Effect) []Effect {
	switch c.state {
	case waiting, loggingIn:
		if epoch.At(now) >= c.attemptAt {
			out = c.attempt(now, out)
		}
	case online:
		out = c.tickOnline(epoch.At(now), out)
	}
	if c.received != nil {
		c.received.Sweep(now)
	}
	if c.Unacknowledged() > 0 {
		out = c.sweep(now, out)
	}
	return out
}

// tickOnline keeps the heartbeat, and gives the link up when the answers to it
// stay away (§3).
func (c *Client) tickOnline(now timing.Instant, out []Effect) []Effect {
	if now >= c.checkAt {
		for c.checkAt <= now {
			c.checkAt = c.checkAt.Add(timing.GiveUpCheck)
		}
		if now.Sub(c.lastAnswer) >= c.config.Mode.GiveUp(c.config.Transport) {
			return c.giveUp(out)
		}
	}
	if now >= c.beatAt {
		if c.beatSent == timing.Never {
			c.beatSent, c.beatDue = now, c.beatAt
		}
		for c.beatAt <= now {
			c.beatAt = c.beatAt.Add(c.config.Mode.Heartbeat())
		}
		out = append(out, send(wire.NewKeepAlive(c.user)))
	}
	return out
}

// giveUp closes the link, says so, and logs in again at once (§3).
func (c *Client) giveUp(out []Effect) []Effect {
	c.connected = false
	out = append(out, Effect{Kind: Disconnect}, Effect{Kind: LinkClosed, Code: wire.CodeConnectionBroken})
	return c.reconnect(out)
}

// startHeartbeat begins the pace of §3 with a login.
func (c *Client) startHeartbeat(now timing.Instant) {
	c.loggedInAt, c.lastAnswer, c.beatSent = now, now, timing.Never
	c.beatAt = now.Add(c.config.Mode.Heartbeat())
	c.checkAt = now.Add(timing.GiveUpCheck)
}

// sweep repeats unacknowledged messages and gives old ones up (§4). While the
// client is not logged in their time runs on, but no copy is sent.
func (c *Client) sweep(now time.Time, out []Effect) []Effect {
	again, lost := c.sender.Sweep(now)
	for _, m := range again {
		if c.state == online {
			out = append(out, send(m))
		}
	}
	for _, m := range lost {
		out = append(out, Effect{Kind: Lost, Message: m})
	}
	return out
}
