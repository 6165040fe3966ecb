// Package explore finds what no case was written for: it plays generated conversations to
// a server under test and to the model, which is the rules of protocol/server, and reports
// what the model cannot explain by anything that docs/protocol.md §7 leaves open.
package explore

import (
	"fmt"
	"strings"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// Action is a kind of step.
type Action string

const (
	Open      Action = "open"       // connects on a transport
	Login     Action = "login"      // logs a user in
	KeepAlive Action = "keep-alive" // sends a heartbeat
	Echo      Action = "echo"       // asks for an echo
	Data      Action = "data"       // sends data to the server, a user or nobody
	Copy      Action = "copy"       // sends an earlier message once more, byte for byte
	ACK       Action = "ack"        // acknowledges a message, whether it came or not
	Logout    Action = "logout"     // logs out
	Bytes     Action = "bytes"      // sends one message that is none
	Close     Action = "close"      // closes a stream, leaves a UDP address
	Push      Action = "push"       // has the application send data
	Kick      Action = "kick"       // has the application kick a user
	Wait      Action = "wait"       // lets time pass
	Frame     Action = "frame"      // sends bytes that test the framing
	Handshake Action = "handshake"  // asks for a WebSocket on a connection of its own
)

// Claim is the first login time that a login has with it (docs/protocol.md §3).
type Claim string

const (
	NoClaim Claim = ""        // none: the first login of a session
	Own     Claim = "own"     // what the server gave the user last
	Earlier Claim = "earlier" // a second before that
	Later   Claim = "later"   // a second after that
)

// Peers of data that are not users of the conversation, by number.
const (
	ToServer = -1
	ToNobody = -2
)

// Step is one step of a conversation. Connections, users and messages are numbered, so
// that a conversation is the same for every server and every run.
type Step struct {
	Do    Action        `json:"do"`
	Conn  int           `json:"conn"`
	On    string        `json:"on,omitempty"`    // transport, of Open
	User  int           `json:"user,omitempty"`  // who logs in, is kicked, or is named as the sender
	To    int           `json:"to,omitempty"`    // user, ToServer or ToNobody
	Kind  string        `json:"kind,omitempty"`  // of Frame and Handshake
	Claim Claim         `json:"claim,omitempty"` // of Login
	Code  int           `json:"code,omitempty"`  // verdict of Login, reason of Kick
	QoS   bool          `json:"qos,omitempty"`
	Type  int32         `json:"typeu,omitempty"`  // user type of Data
	Over  bool          `json:"bridge,omitempty"` // bridge of Data
	No    int           `json:"no,omitempty"`     // number of the message: of Data and Push a new one, of Copy and ACK an earlier one; 0 for none
	Text  string        `json:"text,omitempty"`   // content of Data and Echo, body of Bytes
	For   time.Duration `json:"for,omitempty"`    // of Wait, in ns
}

// String is the step on one line.
func (s Step) String() string {
	switch s.Do {
	case Open:
		return fmt.Sprintf("open %s as connection %d", s.On, s.Conn)
	case Login:
		text := fmt.Sprintf("connection %d: log in as user %d", s.Conn, s.User)
		if s.Claim != NoClaim {
			text += fmt.Sprintf(" with the first login time %q", s.Claim)
		}
		if s.Code != 0 {
			text += fmt.Sprintf(" with a token that is refused by code %d", s.Code)
		}
		return text
	case Data:
		text := fmt.Sprintf("connection %d: as user %d send %q to %s", s.Conn, s.User, s.Text, receiver(s.To))
		if s.QoS {
			text += " with QoS"
		}
		if s.No > 0 {
			text += fmt.Sprintf(", message %d", s.No)
		}
		if s.Type != 0 {
			text += fmt.Sprintf(", user type %d", s.Type)
		}
		if s.Over {
			text += ", bridge true"
		}
		return text
	case Copy:
		return fmt.Sprintf("connection %d: send message %d again", s.Conn, s.No)
	case ACK:
		return fmt.Sprintf("connection %d: acknowledge message %d", s.Conn, s.No)
	case Bytes:
		return fmt.Sprintf("connection %d: send the bytes %q", s.Conn, s.Text)
	case Push:
		text := fmt.Sprintf("the application sends %q to user %d", s.Text, s.To)
		if s.QoS {
			text += fmt.Sprintf(" with QoS, message %d", s.No)
		}
		return text
	case Kick:
		return fmt.Sprintf("the application kicks user %d with code %d and reason %q", s.To, s.Code, s.Text)
	case Frame:
		return fmt.Sprintf("connection %d: frame: %s, with an echo of %q", s.Conn, s.Kind, s.Text)
	case Handshake:
		return "ask for a WebSocket: " + s.Kind
	case Wait:
		return fmt.Sprintf("wait %v", s.For)
	}
	return fmt.Sprintf("connection %d: %s", s.Conn, strings.ReplaceAll(string(s.Do), "-", " "))
}

func receiver(to int) string {
	switch to {
	case ToServer:
		return "the server"
	case ToNobody:
		return "nobody"
	}
	return fmt.Sprintf("user %d", to)
}

// Conversation is a sequence of steps.
type Conversation []Step

// kickout returns the kick-out of a Kick step.
func (s Step) kickout() wire.Kickout {
	k := wire.Kickout{Code: wire.Code(s.Code)}
	if s.Text != "" {
		k.Reason = wire.Some(s.Text)
	}
	return k
}

// cast names the users and messages of one run of a conversation.
type cast struct {
	nonce       string
	store       bool // there are users whom messages are stored for
	conventions target.Conventions
}

// user is the ID of a user; every third is one whom messages are stored for while they
// are offline.
func (c cast) user(n int) string {
	switch {
	case n == ToServer:
		return wire.ServerID
	case n == ToNobody:
		return "nobody-" + c.nonce
	case n%3 == 2 && c.store:
		return c.stored(n)
	}
	return fmt.Sprintf("u%d-%s", n, c.nonce)
}

func (c cast) fingerprint(no int) string { return fmt.Sprintf("m%d-%s", no, c.nonce) }

// data is the message of a Data or Push step.
func (c cast) data(s Step) wire.Message {
	from := c.user(s.User)
	if s.Do == Push {
		from = wire.ServerID
	}
	m := wire.NewData(from, c.user(s.To), c.content(s.Text))
	if s.Type != 0 {
		m.UserType = s.Type
	}
	m.Bridge = s.Over
	if m.QoS = s.QoS; s.No > 0 {
		m.Fingerprint = wire.Some(c.fingerprint(s.No))
	}
	return m
}
