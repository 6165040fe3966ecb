package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"imcheck/protocol/client"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// loginPatience bounds the wait for the answer to a login.
const loginPatience = 10 * time.Second

// ClientsAnswer lists the built-in clients, in the order of their logins.
type ClientsAnswer struct {
	Clients []Client `json:"clients"`
}

func (c *Console) listClients(*http.Request, url.Values) (any, error) {
	return ClientsAnswer{c.clients.list()}, nil
}

// login logs a built-in client in and waits for the verdict.
func (c *Console) login(r *http.Request, q url.Values) (any, error) {
	config, acks, err := c.loginConfig(q)
	if err != nil {
		return nil, err
	}
	b, err := c.clients.start(config, acks)
	if err != nil {
		return nil, err
	}
	patience := time.NewTimer(loginPatience)
	defer patience.Stop()
	select {
	case <-b.settled:
	case <-r.Context().Done():
		b.stop()
		return nil, r.Context().Err() // nobody reads it
	case <-patience.C:
		b.stop()
		return nil, refuse(http.StatusGatewayTimeout, "the server has not answered the login of %q within %v", config.User, loginPatience)
	}
	shown := b.show()
	if shown.State == StateOver {
		return nil, refuse(http.StatusForbidden, "the login of %q failed: %s", config.User, lastOf(shown))
	}
	return shown, nil
}

// lastOf says how a client has ended.
func lastOf(c Client) string {
	if len(c.Notes) == 0 {
		return "the client was stopped"
	}
	last := c.Notes[len(c.Notes)-1]
	if last.Code == nil {
		return string(last.What)
	}
	if last.What == driverapi.EventLogin {
		return fmt.Sprintf("the server refused it with code %d", *last.Code)
	}
	return fmt.Sprintf("%s with code %d", last.What, *last.Code)
}

// loginConfig reads how a client logs in.
func (c *Console) loginConfig(q url.Values) (config client.Config, acks bool, err error) {
	if q.Get("username") == "" {
		return config, false, errors.New("username is required")
	}
	if !q.Has("password") {
		return config, false, errors.New("password is required: it is the token of the login, and may be empty")
	}
	info := c.server.Info()
	kind, err := wire.ParseTransport(cmp.Or(q.Get("transport"), firstServed(info.Listen)))
	if err != nil {
		return config, false, err
	}
	if info.Listen[kind.String()] == "" {
		return config, false, fmt.Errorf("the server is not served on %s", kind)
	}
	if acks, err = flag(q, "acks", true); err != nil {
		return config, false, err
	}
	config = client.Config{User: q.Get("username"), Token: q.Get("password"), Transport: kind}
	if q.Has("extra") {
		config.Extra = wire.Some(q.Get("extra"))
	}
	config.Mode, err = timing.Parse(info.SenseMode[kind.String()])
	return config, acks, err
}

// firstServed is the transport of a client that names none: a stream where there is one.
func firstServed(listen map[string]string) string {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS, wire.UDP} {
		if listen[kind.String()] != "" {
			return kind.String()
		}
	}
	return ""
}

func flag(q url.Values, name string, without bool) (bool, error) {
	if !q.Has(name) {
		return without, nil
	}
	value, err := strconv.ParseBool(q.Get(name))
	if err != nil {
		return false, fmt.Errorf("%s=%q is not true or false", name, q.Get(name))
	}
	return value, nil
}

// SentAnswer says what was sent.
type SentAnswer struct {
	From        string `json:"from"`
	To          string `json:"to"`
	Fingerprint string `json:"fp"` // "" without QoS
}

// send sends a message from a built-in client.
func (c *Console) send(r *http.Request, q url.Values) (any, error) {
	if q.Get("friendId") == "" || !q.Has("msg") {
		return nil, errors.New("friendId and msg are required; the friend 0 is the server")
	}
	qos, err := flag(q, "qos", true)
	if err != nil {
		return nil, err
	}
	b, err := c.clients.get(q.Get("username"), q.Has("username"))
	if err != nil {
		return nil, err
	}
	m := wire.NewData(b.shown.User, q.Get("friendId"), q.Get("msg"))
	if qos {
		m = wire.NewQoSData(b.shown.User, q.Get("friendId"), q.Get("msg"), wire.NewFingerprint())
	}
	if err := b.loop.Send(r.Context(), m); err != nil {
		return nil, refuse(http.StatusConflict, "sending from %q: %w", b.shown.User, err)
	}
	return SentAnswer{b.shown.User, m.To.Value(), m.Fingerprint.Value()}, nil
}

// eventLogout is noted when a built-in client was told to log out.
const eventLogout = driverapi.EventKind("logout")

func (c *Console) logout(r *http.Request, q url.Values) (any, error) {
	b, err := c.clients.get(q.Get("username"), q.Has("username"))
	if err != nil {
		return nil, err
	}
	if err := b.loop.Logout(r.Context()); err != nil {
		return nil, refuse(http.StatusConflict, "logging %q out: %w", b.shown.User, err)
	}
	b.note(time.Now(), Note{What: eventLogout}, StateOver)
	return nil, nil
}
