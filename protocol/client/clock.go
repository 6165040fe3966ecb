package client

import (
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Next is when Tick has to be called; the zero time when nothing is due.
func (c *Client) Next() time.Time {
	next := never
	sooner := func(m moment) {
		if next == never || m < next {
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
		sooner(momentOf(c.sender.Next()))
	}
	if c.received != nil && c.received.Len() > 0 {
		sooner(momentOf(c.received.Next()))
	}
	if next == never {
		return time.Time{}
	}
	return next.time()
}

// Tick does what is due.
func (c *Client) Tick(now time.Time, out []Effect) []Effect {
	switch c.state {
	case waiting, loggingIn:
		if momentOf(now) >= c.attemptAt {
			out = c.attempt(now, out)
		}
	case online:
		out = c.tickOnline(momentOf(now), out)
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
func (c *Client) tickOnline(now moment, out []Effect) []Effect {
	if now >= c.checkAt {
		for c.checkAt <= now {
			c.checkAt = c.checkAt.add(timing.GiveUpCheck)
		}
		if now.sub(c.lastAnswer) >= c.config.Mode.GiveUp(c.config.Transport) {
			return c.giveUp(out)
		}
	}
	if now >= c.beatAt {
		if c.beatSent == never {
			c.beatSent, c.beatDue = now, c.beatAt
		}
		for c.beatAt <= now {
			c.beatAt = c.beatAt.add(c.config.Mode.Heartbeat())
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
func (c *Client) startHeartbeat(now moment) {
	c.loggedInAt, c.lastAnswer, c.beatSent = now, now, never
	c.beatAt = now.add(c.config.Mode.Heartbeat())
	c.checkAt = now.add(timing.GiveUpCheck)
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
