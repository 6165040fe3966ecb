package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// MaxIdleConnections bounds the connections that are kept for further calls. It is the
// number of calls that are made at once: with fewer, each call would dial.
const MaxIdleConnections = 64

// ErrNotOnline is returned for a call that names a user who is not online.
var ErrNotOnline = errors.New("the user is not online")

// Control calls the control API of a server under test. Its methods may be called from
// any goroutine. Except for streams of events a call takes no longer than CallTimeout,
// and what is read of its answer is bounded.
type Control struct {
	http    *http.Client
	address string
	long    chan struct{} // taken while a long answer is read
}

// NewControl makes a client of the API at host:port. It talks to nobody else: redirects
// are not followed.
func NewControl(network transport.Network, address string) *Control {
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		return network.DialStream(ctx, address)
	}
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: dial, MaxIdleConnsPerHost: MaxIdleConnections,
			MaxResponseHeaderBytes: maxHead, DisableCompression: true,
		},
		// A server under test does not choose whom a tester calls.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Control{http: client, address: address, long: make(chan struct{}, longAnswers)}
}

// Close drops the connections that are kept for further calls.
func (c *Control) Close() { c.http.CloseIdleConnections() }

// Info asks the server to describe itself. The texts are printable and bounded.
func (c *Control) Info(ctx context.Context) (controlapi.Info, error) {
	var info controlapi.Info
	err := c.call(ctx, http.MethodGet, controlapi.PathInfo, nil, answer{maxLongAnswer, into(&info)})
	return cleaned(info), err
}

// Push has the server's application send a message to a user and returns its fingerprint.
// The error is ErrNotOnline when the user is not online.
func (c *Control) Push(ctx context.Context, m wire.Message) (fingerprint string, err error) {
	body := controlapi.PushRequest{
		To: new(m.To.Value()), DataContent: new(m.DataContent.Value()), QoS: m.QoS, UserType: &m.UserType,
	}
	if m.Fingerprint.Present() {
		body.Fingerprint = new(m.Fingerprint.Value())
	}
	var pushed controlapi.PushAnswer
	err = c.call(ctx, http.MethodPost, controlapi.PathS2C, body, answer{maxShortAnswer, into(&pushed)})
	return pushed.Fingerprint, err
}

// Kick has an administrator end a user's session. The error is ErrNotOnline when the user
// is not online.
func (c *Control) Kick(ctx context.Context, user string, kick wire.Kickout) error {
	body := controlapi.KickRequest{User: &user, Code: new(int32(kick.Code))}
	if kick.Reason.Present() {
		body.Reason = new(kick.Reason.Value())
	}
	return c.call(ctx, http.MethodPost, controlapi.PathKick, body, answer{})
}

// Online lists the users that are logged in. IsOnline looks for one user without keeping
// a long list.
func (c *Control) Online(ctx context.Context) ([]string, error) {
	var list controlapi.OnlineAnswer
	err := c.call(ctx, http.MethodGet, controlapi.PathOnline, nil, answer{maxLongAnswer, into(&list)})
	return list.Users, err
}

// IsOnline reports whether the list of users that are logged in has a user.
func (c *Control) IsOnline(ctx context.Context, user string) (found bool, err error) {
	err = c.call(ctx, http.MethodGet, controlapi.PathOnline, nil, answer{maxLongAnswer, func(from io.Reader) (err error) {
		found, err = listHas(from, user)
		return err
	}})
	return found, err
}

// listHas looks for a user in the answer to GET /v1/online without keeping it: it may be
// long.
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
