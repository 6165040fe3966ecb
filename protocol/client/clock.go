package client

import (
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Next returns the time at which Tick has to be called, or the zero time if nothing
// is due.
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
		sooner(c.keepAliveAt)
		sooner(c.giveUpAt())
	}
	if c.Unacknowledged() > 0 {
		sooner(epoch.At(c.sender.Next()))
	}
	if c.received != nil && c.received.Len() > 0 {
		sooner(epoch.At(c.received.Next()))
	}
	return epoch.Time(next)
}

// Tick does everything that is due.
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

// tickOnline sends keep-alives, and gives the connection up when they are not
// answered (§3).
func (c *Client) tickOnline(now timing.Instant, out []Effect) []Effect {
	if now >= c.giveUpAt() {
		return c.giveUp(out)
	}
	for c.checkAt <= now {
		c.checkAt = c.checkAt.Add(timing.GiveUpCheck)
	}
	if now >= c.keepAliveAt {
		if c.unansweredAt == timing.Never {
			c.unansweredAt, c.unansweredDue = now, c.keepAliveAt
		}
		for c.keepAliveAt <= now {
			c.keepAliveAt = c.keepAliveAt.Add(c.config.heartbeat())
		}
		out = append(out, send(wire.NewKeepAlive(c.user)))
	}
	return out
}

// giveUp closes the connection, reports that, and logs in again at once (§3).
func (c *Client) giveUp(out []Effect) []Effect {
	c.connected = false
	out = append(out, Effect{Kind: Disconnect}, Effect{Kind: LinkClosed, Code: wire.CodeConnectionBroken})
	return c.reconnect(out)
}

// giveUpAt returns the time of the first check that finds the answers overdue, should none
// come until then (§3). The checks before it have no effect, so that nobody has to wake up
// for them.
func (c *Client) giveUpAt() timing.Instant {
	const every = timing.Instant(timing.GiveUpCheck)
	due := c.lastAnswer.Add(c.config.giveUp())
	if due <= c.checkAt {
		return c.checkAt
	}
	return c.checkAt + (due-c.checkAt+every-1)/every*every
}

// startKeepAlives starts the keep-alives of §3 at a login.
func (c *Client) startKeepAlives(now timing.Instant) {
	c.loggedInAt, c.lastAnswer, c.unansweredAt = now, now, timing.Never
	c.keepAliveAt = now.Add(c.config.heartbeat())
	c.checkAt = now.Add(timing.GiveUpCheck)
}

// sweep retransmits unacknowledged messages and gives old ones up (§4). While the
// client is not logged in they grow older, but no copy is sent.
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
