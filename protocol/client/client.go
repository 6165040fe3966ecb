package client

import (
	"errors"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// ErrOffline is returned when something is to be sent while the client is not
// logged in.
var ErrOffline = errors.New("the client is not logged in")

// Config is who logs in where.
type Config struct {
	User      string
	Token     string
	Extra     wire.Text
	Transport wire.Transport
	Mode      timing.SenseMode // has to exist on Transport
	// Remembered is how many fingerprints are remembered at most, at least 2; 0
	// stands for Remembered.
	Remembered int
}

// state is where a client is on its way to being logged in.
type state uint8

const (
	idle       state = iota // not started, or over: kicked, refused, logged out
	connecting              // a Connect is under way
	waiting                 // between two attempts
	loggingIn               // connected, the login is sent
	online
)

// Client is one client. Its methods append what is to be done to out, and must
// not be called at once; now must not go backwards. A client holds no buffer
// and no timer, and is small, so hundreds of thousands are cheap.
type Client struct {
	config         *Config // but for its User
	user           string
	state          state
	connected      bool           // there is a connection
	unsettled      bool           // its last session broke when it was young
	attemptAt      timing.Instant // next login attempt, while it is not online
	beatAt         timing.Instant // next keep-alive, while online
	checkAt        timing.Instant // next look at the keep-alive responses, while online
	lastAnswer     timing.Instant // last keep-alive response, or the login
	beatSent       timing.Instant // of the oldest unanswered keep-alive; never when none is
	beatDue        timing.Instant // when that one was to be sent
	loggedInAt     timing.Instant
	firstLoginTime int64         // what the server gave, 0 before (§3)
	sender         *qos.Sender   // made with the first QoS message that is sent
	received       *qos.Receiver // made with the first that arrives
}

// New is a client that has not started.
func New(config Config) *Client {
	c := config.Client(config.User)
	return &c
}

// Client is one of many clients that share a configuration, its User aside. The
// configuration must not change any more, and the client must not be copied
// once it has started.
func (c *Config) Client(user string) Client { return Client{config: c, user: user} }

// epoch is the clock of all clients' instants.
var epoch timing.Clock

// User is the client's user id.
func (c *Client) User() string { return c.user }

// Online reports whether the client is logged in.
func (c *Client) Online() bool { return c.state == online }

// Over reports whether the client has stopped for good: it was kicked out,
// refused or logged out.
func (c *Client) Over() bool { return c.state == idle }

// FirstLoginTime is what the server gave at the first login, in ms since the
// Unix epoch; 0 before it, and when the client is over.
func (c *Client) FirstLoginTime() int64 { return c.firstLoginTime }

// Unacknowledged is how many sent messages wait for their ACK.
func (c *Client) Unacknowledged() int {
	if c.sender == nil {
		return 0
	}
	return c.sender.Waiting()
}

// Start begins to log in.
func (c *Client) Start(out []Effect) []Effect {
	if c.state != idle {
		return out
	}
	c.state = connecting
	return append(out, Effect{Kind: Connect})
}

// Connected is called when a Connect has succeeded.
func (c *Client) Connected(now time.Time, out []Effect) []Effect {
	if c.state != connecting {
		return append(out, Effect{Kind: Disconnect})
	}
	c.connected = true
	return c.sendLogin(now, out)
}

// ConnectFailed is called when a Connect has failed: the next attempt follows
// after the pause of §3.
func (c *Client) ConnectFailed(now time.Time, out []Effect) []Effect {
	if c.state == connecting {
		c.retryAfterPause(now)
	}
	return out
}

// Disconnected is called when the connection is gone and the client did not
// ask for that. A session that breaks is replaced at once; when the one before it
// broke as young, there is the pause of §3 first, so that a server that lets its
// clients in and closes is not logged in to without end.
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

// Send sends data, and keeps it until it is acknowledged when it is QoS.
func (c *Client) Send(now time.Time, m wire.Message, out []Effect) ([]Effect, error) {
	if c.state != online {
		return out, ErrOffline
	}
	if m.QoS {
		if c.sender == nil {
			c.sender = qos.NewSender(qos.ClientPolicy, epoch.Time(c.loggedInAt))
		}
		if c.sender.Waiting() == 0 {
			c.sender.Sweep(now) // nothing waited, so nobody called: catch up with the phase
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

// stop ends the client: nothing is sent and nothing is due any more. Started
// again, it makes a first login.
func (c *Client) stop(out []Effect) []Effect {
	c.state, c.firstLoginTime = idle, 0
	if c.connected {
		c.connected = false
		out = append(out, Effect{Kind: Disconnect})
	}
	return out
}

// sendLogin logs in over the connection that is there; without a response the
// login is repeated after the pause of §3.
func (c *Client) sendLogin(now time.Time, out []Effect) []Effect {
	c.state = loggingIn
	c.attemptAt = epoch.At(now).Add(timing.Relogin(c.config.Transport))
	return append(out, send(wire.NewLogin(wire.LoginInfo{
		UserID: wire.Some(c.user), Token: wire.Some(c.config.Token),
		Extra: c.config.Extra, FirstLoginTime: c.firstLoginTime,
	})))
}

// attempt is one login attempt: over the connection if there is one, else
// over a new one.
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
	c.attemptAt = epoch.At(now).Add(timing.Relogin(c.config.Transport))
}
