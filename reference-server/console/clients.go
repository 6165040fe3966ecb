package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"imcheck/harness/peer"
	"imcheck/harness/transport"
	"imcheck/protocol/client"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// Bounds of what the built-in clients keep.
const (
	MaxClients = 64   // clients, those that are over included; the first of those makes room
	maxNotes   = 100  // notes of one client
	maxText    = 2000 // bytes of the text of a note; the rest of a longer one is cut off
)

// Note is something that happened to a built-in client. What has the names of the events of a
// driver (docs/contracts.md, part B), and logout.
type Note struct {
	AtMs        int64               `json:"at"` // ms since the Unix epoch
	What        driverapi.EventKind `json:"what"`
	Peer        string              `json:"peer,omitempty"` // sender or receiver
	Text        string              `json:"text,omitempty"` // of a message, or a reason
	Code        *int32              `json:"code,omitempty"`
	Fingerprint string              `json:"fp,omitempty"`
}

// Client describes a built-in client.
type Client struct {
	User      string `json:"username"`
	Transport string `json:"transport"`
	State     State  `json:"state"`
	ACKs      bool   `json:"acks"`  // whether it acknowledges what it receives
	Notes     []Note `json:"notes"` // oldest first
}

// State is the state of a built-in client.
type State string

// States.
const (
	StateConnecting State = "connecting" // it tries to log in
	StateOnline     State = "online"
	StateOver       State = "over" // refused, kicked out or logged out: its last note says which
)

// clients are the built-in clients of a console.
type clients struct {
	server Server
	ctx    context.Context
	cancel context.CancelFunc
	run    sync.WaitGroup

	mu     sync.Mutex
	all    []*builtIn // in the order of their logins
	closed bool
}

// builtIn is one client. What others read of it has the lock of clients.
type builtIn struct {
	owner   *clients
	loop    *peer.Loop
	stop    context.CancelFunc
	settled chan struct{} // closed once the first login has succeeded or failed
	settle  func()
	acks    bool
	shown   Client
}

func newClients(server Server) *clients {
	ctx, cancel := context.WithCancel(context.Background())
	return &clients{server: server, ctx: ctx, cancel: cancel}
}

func (c *clients) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.run.Wait()
}

// start begins the login of a client. acks false makes one that acknowledges nothing, so that
// messages to it are lost.
func (c *clients) start(config client.Config, acks bool) (*builtIn, error) {
	ctx, stop := context.WithCancel(c.ctx)
	b := &builtIn{owner: c, stop: stop, acks: acks, settled: make(chan struct{})}
	b.settle = sync.OnceFunc(func() { close(b.settled) })
	b.shown = Client{User: config.User, Transport: config.Transport.String(), State: StateConnecting, ACKs: acks}
	dial := func(ctx context.Context) (transport.Conn, error) { return c.server.Dial(ctx, config.Transport) }
	b.loop = peer.NewLoop(client.New(config), dial, b.observe)
	b.loop.Interpose(peer.Hooks{Effects: b.carry})
	if err := c.add(b); err != nil {
		stop()
		return nil, err
	}
	go func() {
		defer c.run.Done()
		defer stop()
		b.loop.Run(ctx)
		c.mu.Lock()
		b.shown.State = StateOver
		c.mu.Unlock()
		b.settle()
	}()
	return b, nil
}

// add makes room for a client, in place of one of the same user that is over.
func (c *clients) add(b *builtIn) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return refuse(http.StatusServiceUnavailable, "the server stops")
	}
	if old := c.find(b.shown.User); old != nil && old.shown.State != StateOver {
		return refuse(http.StatusConflict, "the built-in client of %q is %s already: log it out first", b.shown.User, old.shown.State)
	}
	c.all = slices.DeleteFunc(c.all, func(old *builtIn) bool { return old.shown.User == b.shown.User })
	if len(c.all) >= MaxClients {
		first := slices.IndexFunc(c.all, func(old *builtIn) bool { return old.shown.State == StateOver })
		if first < 0 {
			return refuse(http.StatusConflict, "%d built-in clients are logged in: log one of them out", MaxClients)
		}
		c.all = slices.Delete(c.all, first, first+1)
	}
	c.all = append(c.all, b)
	c.run.Add(1)
	return nil
}

// find returns the client of a user, nil without one. The caller has the lock.
func (c *clients) find(user string) *builtIn {
	if i := slices.IndexFunc(c.all, func(b *builtIn) bool { return b.shown.User == user }); i >= 0 {
		return c.all[i]
	}
	return nil
}

// get returns the client of a user, or for "" the one that logged in last.
func (c *clients) get(user string, given bool) (*builtIn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if given {
		if b := c.find(user); b != nil {
			return b, nil
		}
		return nil, refuse(http.StatusNotFound, "no built-in client has logged in as %q: POST /api/loginConnect first", user)
	}
	if len(c.all) == 0 {
		return nil, refuse(http.StatusNotFound, "no built-in client has logged in: POST /api/loginConnect first")
	}
	return c.all[len(c.all)-1], nil
}

// list describes all clients.
func (c *clients) list() []Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Client, 0, len(c.all))
	for _, b := range c.all {
		all = append(all, b.copy())
	}
	return all
}

// show describes one client.
func (b *builtIn) show() Client {
	b.owner.mu.Lock()
	defer b.owner.mu.Unlock()
	return b.copy()
}

func (b *builtIn) copy() Client {
	shown := b.shown
	shown.Notes = append([]Note{}, b.shown.Notes...)
	return shown
}

// carry notes the data that is sent, copies included, and leaves out ACKs where there are to be
// none.
func (b *builtIn) carry(effects []client.Effect) []client.Effect {
	for _, e := range effects {
		if m := e.Message; e.Kind == client.Send && m.Type == wire.TypeData {
			b.note(time.Now(), Note{What: driverapi.EventSent, Peer: m.To.Value(), Text: m.DataContent.Value(), Fingerprint: m.Fingerprint.Value()}, "")
		}
	}
	if b.acks {
		return effects
	}
	return slices.DeleteFunc(effects, func(e client.Effect) bool {
		return e.Kind == client.Send && e.Message.Type == wire.TypeReceived
	})
}

// observe notes what the rules of the client report.
func (b *builtIn) observe(at time.Time, e client.Effect) {
	m := e.Message
	switch e.Kind {
	case client.LoggedIn:
		b.note(at, Note{What: driverapi.EventLogin, Code: codeOf(wire.CodeOK)}, StateOnline)
		b.settle()
	case client.Refused:
		b.note(at, Note{What: driverapi.EventLogin, Code: codeOf(e.Code)}, StateOver)
		b.settle()
	case client.Delivered:
		b.note(at, Note{What: driverapi.EventMessage, Peer: m.From.Value(), Text: m.DataContent.Value(), Fingerprint: m.Fingerprint.Value()}, "")
	case client.Received:
		b.note(at, Note{What: driverapi.EventReceived, Peer: m.To.Value(), Fingerprint: m.Fingerprint.Value()}, "")
	case client.Lost:
		b.note(at, Note{What: driverapi.EventLost, Peer: m.To.Value(), Text: m.DataContent.Value(), Fingerprint: m.Fingerprint.Value()}, "")
	case client.LinkClosed:
		b.note(at, Note{What: driverapi.EventLinkClose, Code: codeOf(e.Code)}, StateConnecting)
	case client.KickedOut:
		kick, _ := wire.ParseKickout(m.DataContent.Value()) // without a reason when it cannot be parsed
		b.note(at, Note{What: driverapi.EventKickout, Code: codeOf(e.Code), Text: kick.Reason.Value()}, StateOver)
		b.settle()
	case client.Failed:
		b.note(at, Note{What: driverapi.EventError, Code: codeOf(e.Code)}, "")
	}
}

// note keeps a note, and the state of the client from then on; "" leaves that as it is.
func (b *builtIn) note(at time.Time, n Note, state State) {
	n.AtMs, n.Text = at.UnixMilli(), cut(n.Text)
	n.Peer, n.Fingerprint = cut(n.Peer), cut(n.Fingerprint)
	b.owner.mu.Lock()
	defer b.owner.mu.Unlock()
	b.shown.State = cmp.Or(state, b.shown.State)
	b.shown.Notes = append(b.shown.Notes, n)
	if excess := len(b.shown.Notes) - maxNotes; excess > 0 {
		b.shown.Notes = slices.Delete(b.shown.Notes, 0, excess)
	}
}

// cut bounds a text, which it copies: the message that it came in is not kept.
func cut(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return strings.Clone(text)
}

func codeOf(code wire.Code) *int32 {
	n := int32(code)
	return &n
}
