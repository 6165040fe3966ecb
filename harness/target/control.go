package target

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
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

// maxAnswer bounds in bytes what is read of an answer that is not a stream. A
// list of a hundred thousand users has to fit.
const maxAnswer = 16 << 20

// keptConnections is how many connections are kept for further calls: as many
// as make calls at once, or each call would have one of its own.
const keptConnections = 64

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
// called from any goroutine.
type Control struct {
	http    *http.Client
	address string
}

// NewControl talks to the API at host:port, and to nobody else: redirects are
// answers like others.
func NewControl(network transport.Network, address string) *Control {
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		return network.DialStream(ctx, address)
	}
	client := &http.Client{
		Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: keptConnections},
		// A server under test does not choose whom a tester calls.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Control{client, address}
}

// Close drops the connections that are kept for further calls.
func (c *Control) Close() { c.http.CloseIdleConnections() }

// Info asks what the server is. Texts in it are printable and bounded.
func (c *Control) Info(ctx context.Context) (Info, error) {
	var info Info
	err := c.call(ctx, http.MethodGet, "/v1/info", nil, &info)
	return info.clean(), err
}

// Push has the server's application send a message to a user; it returns the
// fingerprint. ErrNotOnline when the user is not there.
func (c *Control) Push(ctx context.Context, m wire.Message) (fingerprint string, err error) {
	body := map[string]any{"to": m.To.Value(), "dataContent": m.DataContent.Value(), "qos": m.QoS, "typeu": m.UserType}
	if m.Fingerprint.Present() {
		body["fp"] = m.Fingerprint.Value()
	}
	var answer struct {
		Fingerprint string `json:"fp"`
	}
	err = c.call(ctx, http.MethodPost, "/v1/s2c", body, &answer)
	return answer.Fingerprint, err
}

// Kick has an administrator end a user's session. ErrNotOnline when the user
// is not there.
func (c *Control) Kick(ctx context.Context, user string, kick wire.Kickout) error {
	body := map[string]any{"user": user, "code": kick.Code}
	if kick.Reason.Present() {
		body["reason"] = kick.Reason.Value()
	}
	return c.call(ctx, http.MethodPost, "/v1/kick", body, nil)
}

// Online lists the users that are logged in.
func (c *Control) Online(ctx context.Context) ([]string, error) {
	var answer struct {
		Users []string `json:"users"`
	}
	err := c.call(ctx, http.MethodGet, "/v1/online", nil, &answer)
	return answer.Users, err
}

// call makes one call and reads its answer into answer, if that is not nil.
func (c *Control) call(ctx context.Context, method, path string, body, answer any) error {
	response, err := c.request(ctx, method, path, body)
	if err != nil {
		return fmt.Errorf("control API: %s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("control API: %s %s: reading the answer: %w", method, path, err)
	}
	switch {
	case response.StatusCode == http.StatusNotFound && method == http.MethodPost:
		return fmt.Errorf("control API: %s %s: %w", method, path, ErrNotOnline)
	case response.StatusCode >= 300 && response.Header.Get("Location") != "":
		return fmt.Errorf("control API: %s %s: status %d: redirects are not followed: name the address of the API itself", method, path, response.StatusCode)
	case response.StatusCode < 200 || response.StatusCode >= 300:
		return fmt.Errorf("control API: %s %s: status %d: %s", method, path, response.StatusCode, said(strings.TrimSpace(string(text)), maxErrorText))
	case answer == nil:
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("control API: %s %s: the answer is not as the contract says: %s", method, path, said(err.Error(), maxErrorText))
	}
	return nil
}

func (c *Control) request(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.http.Do(request)
}
