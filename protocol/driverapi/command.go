package driverapi

import (
	"encoding/json"
	"fmt"
	"slices"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Action is the "do" of a command.
type Action string

// The actions of the contract.
const (
	ActionLogin  Action = "login"
	ActionSend   Action = "send"
	ActionLogout Action = "logout"
	ActionReset  Action = "reset" // only for a driver that is Reusable
	ActionExit   Action = "exit"
)

var actions = []Action{ActionLogin, ActionSend, ActionLogout, ActionReset, ActionExit}

// Command is one line that a driver reads.
type Command struct {
	Do    Action
	Login Login // with ActionLogin
	Send  Send  // with ActionSend
}

// Login has what a login needs.
type Login struct {
	Transport wire.Transport
	Host      string
	Port      int
	User      string
	Token     string
	Extra     wire.Text
	Mode      timing.SenseMode
}

// Send describes a message to send.
type Send struct {
	To          string
	DataContent string
	QoS         bool
	Fingerprint wire.Text // absent: the client makes one up for a QoS message
	UserType    int32     // "typeu"
}

// commandLine is a command as JSON has it.
type commandLine struct {
	Do        Action  `json:"do"`
	Transport string  `json:"transport,omitempty"`
	Host      string  `json:"host,omitempty"`
	Port      int     `json:"port,omitempty"`
	User      *string `json:"user,omitempty"`
	Token     *string `json:"token,omitempty"`
	Extra     *string `json:"extra,omitempty"`
	SenseMode string  `json:"senseMode,omitempty"`

	To          *string `json:"to,omitempty"`
	DataContent *string `json:"dataContent,omitempty"`
	QoS         *bool   `json:"qos,omitempty"`
	Fingerprint *string `json:"fp,omitempty"`
	UserType    *int32  `json:"typeu,omitempty"`
}

// Append appends the command as one line, with its line feed.
func (c Command) Append(b []byte) []byte {
	line := commandLine{Do: c.Do}
	switch c.Do {
	case ActionLogin:
		l := c.Login
		line.Transport, line.Host, line.Port, line.SenseMode = l.Transport.String(), l.Host, l.Port, l.Mode.String()
		line.User, line.Token, line.Extra = &l.User, &l.Token, pointer(l.Extra)
	case ActionSend:
		s := c.Send
		line.To, line.DataContent, line.QoS, line.UserType = &s.To, &s.DataContent, &s.QoS, &s.UserType
		line.Fingerprint = pointer(s.Fingerprint)
	}
	return appendLine(b, line)
}

// ParseCommand reads one line. The error says what is wrong with it.
func ParseCommand(line []byte) (c Command, err error) {
	var l commandLine
	if err := parseLine(line, &l); err != nil {
		return Command{}, err
	}
	c.Do = l.Do
	switch {
	case !slices.Contains(actions, l.Do):
		return Command{}, fmt.Errorf(`"do" is %q: it has to be one of %q`, l.Do, actions)
	case l.Do == ActionLogin:
		c.Login, err = l.login()
	case l.Do == ActionSend:
		c.Send, err = l.send()
	}
	if err != nil {
		return Command{}, fmt.Errorf("%s: %w", l.Do, err)
	}
	return c, nil
}

func (l *commandLine) login() (login Login, err error) {
	if login.Transport, err = wire.ParseTransport(l.Transport); err != nil {
		return Login{}, err
	}
	if login.Mode, err = timing.Parse(l.SenseMode); err != nil {
		return Login{}, err
	}
	switch {
	case !login.Mode.On(login.Transport):
		return Login{}, fmt.Errorf("sense mode %s does not exist on %s", login.Mode, login.Transport)
	case l.Host == "" || l.Port < 1 || l.Port > 65535:
		return Login{}, fmt.Errorf("%q and port %d are not an address", l.Host, l.Port)
	case l.User == nil || l.Token == nil:
		return Login{}, missing("user", "token")
	}
	login.Host, login.Port, login.User, login.Token, login.Extra = l.Host, l.Port, *l.User, *l.Token, text(l.Extra)
	return login, nil
}

func (l *commandLine) send() (send Send, err error) {
	if l.To == nil || l.DataContent == nil || l.QoS == nil {
		return Send{}, missing("to", "dataContent", "qos")
	}
	send = Send{To: *l.To, DataContent: *l.DataContent, QoS: *l.QoS, Fingerprint: text(l.Fingerprint), UserType: -1}
	if l.UserType != nil {
		send.UserType = *l.UserType
	}
	return send, nil
}

func missing(names ...string) error { return fmt.Errorf("one of %q is missing", names) }

// pointer is nil for a text that is absent.
func pointer(t wire.Text) *string {
	if !t.Present() {
		return nil
	}
	value := t.Value()
	return &value
}

// text is the inverse of pointer.
func text(p *string) wire.Text {
	if p == nil {
		return wire.Text{}
	}
	return wire.Some(*p)
}

func appendLine(b []byte, line any) []byte {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // the types of this package can all be written
	}
	return append(append(b, text...), '\n')
}
