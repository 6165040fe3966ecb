package client

import (
	"errors"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// ErrOffline is returned by Send while the client is not logged in.
var ErrOffline = errors.New("the client is not logged in")

// Config configures a client.
type Config struct {
	User      string
	Token     string
	Extra     wire.Text
	Transport wire.Transport
	Mode      timing.SenseMode // has to exist on Transport
	// Remembered is the largest number of fingerprints to remember, at least 2; 0
	// means the constant Remembered.
	Remembered int
	Policy     *Policy // nil for the rules
}

// state is the state of a client's login.
type state uint8

const (
	idle       state = iota // not started, or over: kicked out, refused, logged out
	connecting              // a Connect is under way
	waiting                 // between two attempts
	loggingIn               // connected, the login is sent
	online
)

// Client is the state machine of one client. Its methods append the effects to out.
// They must not be called concurrently, and now must not go backwards. A client has
// no buffers and no timers, so that hundreds of thousands are cheap.
type Client struct {
	config *Config // its User aside
	user   string

	// Login.
	state          state
	connected      bool           // there is a connection
	unsettled      bool           // the last session broke when it was young
	attemptAt      timing.Instant // next login attempt, while not online
	loggedInAt     timing.Instant
	firstLoginTime int64 // assigned by the server, 0 before (§3)

	// Keep-alives, while online.
	keepAliveAt   timing.Instant // due time of the next one
	checkAt       timing.Instant // next check for an overdue response
	lastAnswer    timing.Instant // arrival of the last response, or the login
	unansweredAt  timing.Instant // send time of the oldest unanswered one, or Never
	unansweredDue timing.Instant // due time of that one

	// Delivery.
	sender   *qos.Sender   // nil until the first QoS message is sent
	received *qos.Receiver // nil until the first arrives
}

// New returns a client that has not started.
func New(config Config) *Client {
	c := config.Client(config.User)
	return &c
}

// Client returns one of many clients that share a configuration except for User. The
// configuration must not be changed after that, nor the client be copied once it
// has started.
func (c *Config) Client(user string) Client { return Client{config: c, user: user} }

// epoch is the clock of every client's instants.
var epoch timing.Clock

// User returns the client's user id.
func (c *Client) User() string { return c.user }

// Online reports whether the client is logged in.
func (c *Client) Online() bool { return c.state == online }

// Over reports whether the client has stopped for good: it was kicked out,
// refused or logged out.
func (c *Client) Over() bool { return c.state == idle }

// FirstLoginTime returns the time that the server assigned to the first login, in ms
// since the Unix epoch. It is 0 before that and once the client is over.
func (c *Client) FirstLoginTime() int64 { return c.firstLoginTime }

// Unacknowledged returns the number of sent messages without an ACK so far.
func (c *Client) Unacknowledged() int {
	if c.sender == nil {
		return 0
	}
	return c.sender.Waiting()
}

// SinceCopy returns the time since the last copy of a QoS message came, and since the Send of
// its ACK; ok is false when none is remembered.
func (c *Client) SinceCopy(now time.Time, fingerprint string) (since time.Duration, ok bool) {
	if c.received == nil {
		return 0, false
	}
	return c.received.Since(now, fingerprint)
}

// Start begins the first login.
func (c *Client) Start(out []Effect) []Effect {
	if c.state != idle {
		return out
	}
	c.state = connecting
	return append(out, Effect{Kind: Connect})
}

// Connected has to be called when a Connect has succeeded.
func (c *Client) Connected(now time.Time, out []Effect) []Effect {
	if c.state != connecting {
		return append(out, Effect{Kind: Disconnect})
	}
	c.connected = true
	return c.sendLogin(now, out)
}

// ConnectFailed has to be called when a Connect has failed: the next attempt follows
// after the pause of §3.
func (c *Client) ConnectFailed(now time.Time, out []Effect) []Effect {
	if c.state == connecting {
		c.retryAfterPause(now)
	}
	return out
}

// Disconnected has to be called when the connection is lost. A session that breaks is
// replaced at once. If the one before it broke as young, the pause of §3 comes first,
// so that a server that accepts logins and then closes is not flooded with them.
func (c *Client) Disconnected(now time.Time, out []Effect) []Effect {
	c.connected = false
	switch c.state {
	case online:
		out = append(out, Effect{Kind: LinkClosed, Code: wire.CodeConnectionBroken})
		again := c.unsettled
		c.unsettled = epoch.At(now).Sub(c.loggedInAt) < YoungSession
		if c.unsettled && again {
			c.retryAfterPause(now)
			return out
		}
		return c.reconnect(out)
	case loggingIn:
		c.retryAfterPause(now)
	}
	return out
}

// Send sends data, and retransmits a QoS message until it is acknowledged or lost.
// The error is ErrOffline.
func (c *Client) Send(now time.Time, m wire.Message, out []Effect) ([]Effect, error) {
	if c.state != online {
		return out, ErrOffline
	}
	if m.QoS {
		if c.sender == nil {
			c.sender = qos.NewSender(c.config.retransmission(), epoch.Time(c.loggedInAt))
		}
		if c.sender.Waiting() == 0 {
			c.sender.Sweep(now) // no sweep was due while nothing waited: catch up with the phase
		}
		c.sender.Sent(now, m)
	}
	return append(out, send(m)), nil
}

// Logout ends the session and the client.
func (c *Client) Logout(out []Effect) []Effect {
	if c.state == online {
		out = append(out, send(wire.NewLogout(c.user)))
	}
	if c.received != nil {
		c.received.Clear() // §4: cleared on logout
	}
	return c.stop(out)
}

// stop ends the client: nothing is due any more. Started again, it makes a first
// login.
func (c *Client) stop(out []Effect) []Effect {
	c.state, c.firstLoginTime = idle, 0
	if c.connected {
		c.connected = false
		out = append(out, Effect{Kind: Disconnect})
	}
	return out
}

// sendLogin logs in over the open connection; without a response the login is
// repeated after the pause of §3.
func (c *Client) sendLogin(now time.Time, out []Effect) []Effect {
	c.state = loggingIn
	c.attemptAt = epoch.At(now).Add(c.config.relogin())
	return append(out, send(wire.NewLogin(wire.LoginInfo{
		UserID: wire.Some(c.user), Token: wire.Some(c.config.Token),
		Extra: c.config.Extra, FirstLoginTime: c.firstLoginTime,
	})))
}

// attempt makes a login attempt, over a new connection unless one is open.
func (c *Client) attempt(now time.Time, out []Effect) []Effect {
	if c.connected {
		return c.sendLogin(now, out)
	}
	return c.reconnect(out)
}

func (c *Client) reconnect(out []Effect) []Effect {
	c.state = connecting
	return append(out, Effect{Kind: Connect})
}

func (c *Client) retryAfterPause(now time.Time) {
	c.state = waiting
	c.attemptAt = epoch.At(now).Add(c.config.relogin())
}
