package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"

	"imcheck/harness/transport"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Capabilities that a control API may list (docs/contracts.md, part A).
const (
	CapabilityS2C          = "s2c"
	CapabilityKick         = "kick"
	CapabilityOnline       = "online"
	CapabilityEvents       = "events"
	CapabilityVerdicts     = "verdicts"
	CapabilityOfflineStore = "offline-store"
	CapabilityVeto         = "veto"
	CapabilityStamp        = "stamp"
	CapabilityBridge       = "bridge"
)

// KeptConnections is how many connections are kept for further calls: as many
// as make calls at once, or each call would have one of its own.
const KeptConnections = 64

// ErrNotOnline is returned for a call that names a user who is not online.
var ErrNotOnline = errors.New("the user is not online")

// Info is what a server says of itself.
type Info struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Capabilities []string          `json:"capabilities"`
	Listen       map[string]string `json:"listen"`
	SenseMode    map[string]string `json:"senseMode"`
}

// Modes reads the declared sense modes; a transport that declares none has
// the default. A mode has to exist on its transport where that is served.
func (i Info) Modes(served []wire.Transport) (timing.Modes, error) {
	modes := timing.DefaultModes()
	for name, mode := range i.SenseMode {
		t, err := wire.ParseTransport(name)
		if err != nil {
			return modes, err
		}
		if modes[t], err = timing.Parse(mode); err != nil {
			return modes, err
		}
		if !modes[t].On(t) && slices.Contains(served, t) {
			return modes, fmt.Errorf("the server declares sense mode %s on %s, where it does not exist", mode, t)
		}
	}
	return modes, nil
}

// Control calls the control API of a server under test. Its methods may be
// called from any goroutine. Each call but those that follow events ends within
// CallTime, and what is read of its answer is bounded.
type Control struct {
	http    *http.Client
	address string
	long    chan struct{} // taken while a long answer is read
}

// NewControl talks to the API at host:port, and to nobody else: redirects are
// answers like others.
func NewControl(network transport.Network, address string) *Control {
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		return network.DialStream(ctx, address)
	}
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: dial, MaxIdleConnsPerHost: KeptConnections,
			MaxResponseHeaderBytes: maxHead, DisableCompression: true,
		},
		// A server under test does not choose whom a tester calls.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Control{http: client, address: address, long: make(chan struct{}, longAnswers)}
}

// Close drops the connections that are kept for further calls.
func (c *Control) Close() { c.http.CloseIdleConnections() }

// Info asks what the server is. Texts in it are printable and bounded.
func (c *Control) Info(ctx context.Context) (Info, error) {
	var info Info
	err := c.call(ctx, http.MethodGet, "/v1/info", nil, answer{maxLongAnswer, into(&info)})
	return info.clean(), err
}

// Push has the server's application send a message to a user; it returns the
// fingerprint. ErrNotOnline when the user is not there.
func (c *Control) Push(ctx context.Context, m wire.Message) (fingerprint string, err error) {
	body := map[string]any{"to": m.To.Value(), "dataContent": m.DataContent.Value(), "qos": m.QoS, "typeu": m.UserType}
	if m.Fingerprint.Present() {
		body["fp"] = m.Fingerprint.Value()
	}
	var pushed struct {
		Fingerprint string `json:"fp"`
	}
	err = c.call(ctx, http.MethodPost, "/v1/s2c", body, answer{maxShortAnswer, into(&pushed)})
	return pushed.Fingerprint, err
}

// Kick has an administrator end a user's session. ErrNotOnline when the user
// is not there.
func (c *Control) Kick(ctx context.Context, user string, kick wire.Kickout) error {
	body := map[string]any{"user": user, "code": kick.Code}
	if kick.Reason.Present() {
		body["reason"] = kick.Reason.Value()
	}
	return c.call(ctx, http.MethodPost, "/v1/kick", body, answer{})
}

// Online lists the users that are logged in. Where one user matters IsOnline does,
// which keeps nothing of a long list.
func (c *Control) Online(ctx context.Context) ([]string, error) {
	var list struct {
		Users []string `json:"users"`
	}
	err := c.call(ctx, http.MethodGet, "/v1/online", nil, answer{maxLongAnswer, into(&list)})
	return list.Users, err
}

// IsOnline reports whether the list of users that are logged in has a user.
func (c *Control) IsOnline(ctx context.Context, user string) (found bool, err error) {
	err = c.call(ctx, http.MethodGet, "/v1/online", nil, answer{maxLongAnswer, func(from io.Reader) (err error) {
		found, err = listHas(from, user)
		return err
	}})
	return found, err
}

// listHas looks for a user in the answer to GET /v1/online, of which nothing is
// kept: it may be long.
func listHas(from io.Reader, user string) (found bool, err error) {
	list := json.NewDecoder(from)
	if err := expectToken(list, json.Delim('{')); err != nil {
		return false, err
	}
	for list.More() {
		var skipped json.RawMessage
		switch key, err := list.Token(); {
		case err != nil:
			return false, err
		case key == "users":
			if found, err = arrayHas(list, user); err != nil {
				return false, err
			}
		default:
			if err := list.Decode(&skipped); err != nil {
				return false, err
			}
		}
	}
	return found, expectToken(list, json.Delim('}'))
}

// arrayHas looks for a text in an array of texts, or in null.
func arrayHas(list *json.Decoder, text string) (found bool, err error) {
	switch begin, err := list.Token(); {
	case err != nil || begin == nil:
		return false, err
	case begin != json.Delim('['):
		return false, fmt.Errorf("%v is not a list", begin)
	}
	for list.More() {
		var element string
		if err := list.Decode(&element); err != nil {
			return false, err
		}
		found = found || element == text
	}
	return found, expectToken(list, json.Delim(']'))
}

// expectToken reads one token of JSON.
func expectToken(list *json.Decoder, want json.Token) error {
	got, err := list.Token()
	if err == nil && got != want {
		err = fmt.Errorf("%v instead of %v", got, want)
	}
	return err
}
