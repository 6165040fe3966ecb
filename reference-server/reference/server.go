// Package reference puts the reference server together: rules, gateway, the listeners
// of the three transports and the control API.
package reference

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/bridge"
	"imcheck/reference-server/console"
	"imcheck/reference-server/control"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/gateway"
	"imcheck/reference-server/operation"
	"imcheck/reference-server/variants"
)

// Name is the name of the server in the answer to GET /v1/info.
const Name = "imcheck reference server"

// Config configures a server. An empty address leaves its listener out.
type Config struct {
	// Where it is served.
	Network   transport.Network            // nil for this machine's
	Addresses [len(wire.Transports)]string // host:port by transport; port 0 picks one
	Control   string                       // host:port of the control API and the console
	TLS       *tls.Config                  // for TCP and WebSocket; nil for none

	// How it behaves.
	Modes  timing.Modes  // the zero value for timing.DefaultModes
	Limits server.Limits // the zero value for server.DefaultLimits
	Stamp  bool          // put the server's clock into every message
	// MessagesPerSecond is how many messages of users are handled a second; further ones
	// wait. 0 means no limit.
	MessagesPerSecond int
	// AsObserved behaves as the observed 6.x server did, and as late, also where safety
	// or RFC 6455 asks for more: see server.Quirks, server.ObservedPolicy,
	// gateway.Observed and transport.Quirks.
	AsObserved bool
	Variants   []variants.Variant
	Seed       uint64 // seed for the random numbers that variants draw
	Faults     []faults.Fault
	// Application decides about logins and messages, nil for the conventions of
	// docs/contracts.md, part A. Embed server.Conventions to leave a part to them.
	Application server.Application
	// Observe is called with every event, in order; nil for nobody. Like the methods of
	// Application it is called with the server's lock held: it must return at once, and must not
	// call the server. To push or kick on an event, hand it to a goroutine.
	Observe func(at time.Time, e server.Event)
	// Users are those that are let in by the conventions; nil for anybody. There have to be so many that they
	// can be counted, with one token on all transports.
	Users accounts.Source
	// Bridge connects the server to another one; nil for none.
	Bridge *bridge.Config

	// Log is told of sessions and limits; nil for nobody. It must return at once.
	Log *slog.Logger
	// LogContent has what users write in the log of messages.
	LogContent bool
	// Profile serves pprof on the control address.
	Profile bool

	Version string // in the answer to GET /v1/info
}

// Server is a running reference server.
type Server struct {
	config    Config
	gateway   *gateway.Gateway
	bridge    *bridge.Bridge // nil for none
	operation *operation.Log // nil for none
	listeners []transport.Listener
	control   net.Listener
	console   *console.Console // nil without a control API
	token     string           // of the console; "" for none
	api       *http.Server
	done      chan struct{} // closed by Close
	closing   sync.Once
	slow      *behaviour.Throughput // nil for a server that is as fast as it can be
	running   sync.WaitGroup
	failed    chan error
	ready     atomic.Bool // users are let in
}

// Loopback has a free port on loopback for each transport, for Config.Addresses.
func Loopback() (addresses [len(wire.Transports)]string) {
	for t := range addresses {
		addresses[t] = "127.0.0.1:0"
	}
	return addresses
}

// completed fills in what a configuration leaves out.
func (c Config) completed() (Config, error) {
	if c.Network == nil {
		c.Network = transport.OS{}
	}
	if c.Modes == (timing.Modes{}) {
		c.Modes = timing.DefaultModes()
	}
	if c.Limits == (server.Limits{}) {
		c.Limits = server.DefaultLimits
	}
	if c.Application != nil && c.Users != nil {
		return c, errors.New("start the reference server: an application of its own decides who is let in: leave out Users")
	}
	return c, nil
}

// observer returns what is called with the events: the log, if anybody can ask for it, and who
// was configured to observe.
func observer(config Config, log *control.Log) func(time.Time, server.Event) {
	switch {
	case config.Control == "" && config.Observe == nil:
		return func(time.Time, server.Event) {}
	case config.Control == "":
		return config.Observe
	case config.Observe == nil:
		return log.Add
	}
	return func(at time.Time, e server.Event) {
		log.Add(at, e)
		config.Observe(at, e)
	}
}

// Start binds every address and serves. On error nothing stays bound.
func Start(config Config) (*Server, error) {
	config, err := config.completed()
	if err != nil {
		return nil, err
	}
	log := control.NewLog()
	s := &Server{config: config, done: make(chan struct{}), failed: make(chan error, len(wire.Transports)+1)}
	b := newBehaviour(config)
	observed := observer(config, log)
	if config.Log != nil {
		s.operation = operation.NewLog(config.Log, config.LogContent)
		observed = both(observed, s.operation.Event)
	}
	s.gateway = gateway.NewTimed(b.Config, b.Timing, observed)
	if s.operation != nil {
		s.gateway.Watch(s.operation)
	}
	if config.Bridge != nil {
		over := *config.Bridge
		over.Quirks = b.Bridge
		s.bridge = bridge.Start(over, s.gateway)
		s.gateway.Bridge(s.bridge.Publish)
	}
	for _, t := range wire.Transports {
		if err := s.listen(t, b); err != nil {
			s.Close()
			return nil, err
		}
	}
	if err := s.listenControl(log); err != nil {
		s.Close()
		return nil, err
	}
	handler := s.handler()
	for _, l := range s.listeners {
		s.run(func() error { return l.Serve(handler) })
	}
	s.ready.Store(true)
	return s, nil
}

// handler returns what the listeners report to: the gateway, or what slows it down.
func (s *Server) handler() transport.Handler {
	if s.config.MessagesPerSecond <= 0 {
		return s.gateway
	}
	s.slow = behaviour.NewThroughput(s.gateway, s.config.MessagesPerSecond)
	return s.slow
}

// both tells an observer of the events, and then an operator's log.
func both(observed func(time.Time, server.Event), noted func(server.Event)) func(time.Time, server.Event) {
	return func(at time.Time, e server.Event) {
		observed(at, e)
		noted(e)
	}
}

// newBehaviour gives the server its variants, then its faults.
func newBehaviour(c Config) *behaviour.Config {
	b := &behaviour.Config{Config: server.Config{
		Application: server.Conventions{},
		Policy:      server.DefaultPolicy(c.Modes),
		Limits:      c.Limits,
		Stamp:       c.Stamp,
		Bridge:      c.Bridge != nil,
		Seed:        c.Seed,
	}}
	if c.Application != nil {
		b.Application = c.Application
	}
	if c.Users != nil {
		b.Application = newRegistered(c.Users)
	}
	if c.AsObserved {
		b.Policy, b.Quirks = server.ObservedPolicy(c.Modes), server.Observed
		b.Timing, b.Listening = gateway.Observed, transport.Observed
	}
	applied := map[string]bool{}
	for _, variant := range c.Variants {
		if !applied[variant.Name] { // twice is not twice as late
			variant.Apply(b)
		}
		applied[variant.Name] = true
	}
	for _, fault := range c.Faults {
		fault.Apply(b)
	}
	return b
}

func (s *Server) listen(t wire.Transport, b *behaviour.Config) error {
	address := s.config.Addresses[t]
	if address == "" {
		return nil
	}
	network, over := b.Network(t, s.config.Network, s.config.TLS)
	l, err := transport.Listen(network, t, address, transport.Options{
		TLS: over, MaxMessage: b.Limits.MaxMessage[t], Quirks: b.Listening,
	})
	if err != nil {
		return err // it names transport and address
	}
	s.listeners = append(s.listeners, l)
	return nil
}

func (s *Server) listenControl(log *control.Log) error {
	if s.config.Control == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(s.config.Control)
	if err != nil {
		return fmt.Errorf("listening for the control API: %w", err)
	}
	l, err := s.config.Network.ListenStream(s.config.Control)
	if err != nil {
		return fmt.Errorf("listening for the control API on %s: %w", s.config.Control, err)
	}
	s.control = l
	if exposed(host, l.Addr()) {
		s.token = rand.Text()
	}
	s.console = console.New(s, log, s.token)
	pages := s.console.Pages()
	for pattern, handler := range operation.Routes(s.state, s.config.Profile) {
		pages = append(pages, control.Page{Pattern: pattern, Handler: handler})
	}
	s.api = control.NewServer(s, log, host, s.done, pages...)
	s.run(func() error {
		if err := s.api.Serve(control.Limit(l)); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

// run serves in the background; Wait returns the first error.
func (s *Server) run(serve func() error) {
	s.running.Go(func() {
		if err := serve(); err != nil {
			s.failed <- err
		}
	})
}

// Wait blocks until the context is done, and then returns nil, or until a listener fails.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// Close stops listening, drops every connection and waits until nothing runs any more.
func (s *Server) Close() { s.closing.Do(s.close) }

func (s *Server) close() {
	close(s.done)
	for _, l := range s.listeners {
		l.Close()
	}
	if s.api != nil {
		s.api.Close()
		s.console.Close()
	}
	if s.bridge != nil {
		s.bridge.Close()
	}
	if s.slow != nil {
		s.slow.Close()
	}
	s.gateway.Stop()
	s.running.Wait()
}

// Address returns the address at which a transport is served, "" where it is not.
func (s *Server) Address(t wire.Transport) string {
	for _, l := range s.listeners {
		if l.Transport() == t {
			return l.Addr().String()
		}
	}
	return ""
}

// Addresses returns the address of each transport, "" where it is not served.
func (s *Server) Addresses() (all [len(wire.Transports)]string) {
	for _, t := range wire.Transports {
		all[t] = s.Address(t)
	}
	return all
}

// ControlAddress returns the address of the control API, "" when there is none.
func (s *Server) ControlAddress() string {
	if s.control == nil {
		return ""
	}
	return s.control.Addr().String()
}

// Info describes the server as GET /v1/info does.
func (s *Server) Info() controlapi.Info {
	info := controlapi.Info{
		Name: Name, Version: s.config.Version, Capabilities: s.capabilities(),
		Listen: map[string]string{}, SenseMode: map[string]string{},
	}
	for _, l := range s.listeners {
		t := l.Transport()
		info.Listen[t.String()] = l.Addr().String()
		info.SenseMode[t.String()] = s.config.Modes[t].String()
	}
	if s.bridge != nil {
		counts := controlapi.BridgeCounts(s.bridge.Counts())
		info.Bridge = &counts
	}
	return info
}

// capabilities lists those of the control API and of the conventions, and whether the
// server stamps its messages and has a bridge.
func (s *Server) capabilities() controlapi.Capabilities {
	all := controlapi.Capabilities{
		controlapi.CapabilityS2C, controlapi.CapabilityKick, controlapi.CapabilityOnline, controlapi.CapabilityEvents,
	}
	if s.config.Application == nil {
		all = append(all, controlapi.CapabilityVerdicts, controlapi.CapabilityOfflineStore, controlapi.CapabilityVeto)
	}
	if s.config.Stamp {
		all = append(all, controlapi.CapabilityStamp)
	}
	if s.config.Bridge != nil {
		all = append(all, controlapi.CapabilityBridge)
	}
	return all
}

// state returns the counts of this moment.
func (s *Server) state() operation.State {
	state := operation.State{Counts: s.gateway.Counts(), Ready: s.ready.Load()}
	if s.bridge != nil {
		counts := s.bridge.Counts()
		state.Bridge, state.Connected, state.Unconfirmed = &counts, s.bridge.Connected(), s.gateway.Unconfirmed()
	}
	return state
}

// BridgeCounts returns the counters of the bridge; zero without one.
func (s *Server) BridgeCounts() bridge.Counts {
	if s.bridge == nil {
		return bridge.Counts{}
	}
	return s.bridge.Counts()
}

// Push sends a message from the server's application to a user; false reports that the
// user is not online.
func (s *Server) Push(m wire.Message) bool { return s.gateway.Push(m) }

// Kick ends a user's session as an administrator does; false reports that the user is not
// online.
func (s *Server) Kick(user string, kick wire.Kickout) bool { return s.gateway.Kick(user, kick) }

// Online lists the users that are logged in, in order.
func (s *Server) Online() []string { return s.gateway.Online() }
