// Package reference puts the reference server together: rules, gateway, the listeners
// of the three transports and the control API.
package reference

import (
	"context"
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
	Network   transport.Network
	Addresses [len(wire.Transports)]string // host:port by transport; port 0 picks one
	Control   string                       // host:port of the control API
	TLS       *tls.Config                  // for TCP and WebSocket; nil for none

	// How it behaves.
	Modes  timing.Modes
	Limits server.Limits
	Stamp  bool // put the server's clock into every message
	// AsObserved behaves as the observed 6.x server did, and as late, also where safety
	// or RFC 6455 asks for more: see server.Quirks, server.ObservedPolicy,
	// gateway.Observed and transport.Quirks.
	AsObserved bool
	Variants   []variants.Variant
	Seed       uint64 // seed for the random numbers that variants draw
	Faults     []faults.Fault
	// Users are those that are let in; nil for anybody. There have to be so many that they
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
	api       *http.Server
	done      chan struct{} // closed by Close
	closing   sync.Once
	running   sync.WaitGroup
	failed    chan error
	ready     atomic.Bool // users are let in
}

// Start binds every address and serves. On error nothing stays bound.
func Start(config Config) (*Server, error) {
	log := control.NewLog()
	s := &Server{config: config, done: make(chan struct{}), failed: make(chan error, len(wire.Transports)+1)}
	b := newBehaviour(config)
	s.gateway = gateway.NewTimed(b.Config, b.Timing, s.observe(log))
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
	for _, l := range s.listeners {
		s.run(func() error { return l.Serve(s.gateway) })
	}
	s.ready.Store(true)
	return s, nil
}

// observe returns who is told of events: the log of the control API, unless nobody can ask for
// it, and that of the operator, if there is one.
func (s *Server) observe(log *control.Log) func(at time.Time, e server.Event) {
	if s.config.Log != nil {
		s.operation = operation.NewLog(s.config.Log, s.config.LogContent)
	}
	return func(at time.Time, e server.Event) {
		if s.config.Control != "" {
			log.Add(at, e)
		}
		if s.operation != nil {
			s.operation.Event(e)
		}
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
	s.api = control.NewServer(s, log, host, s.done, operation.Routes(s.state, s.config.Profile))
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
	}
	if s.bridge != nil {
		s.bridge.Close()
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

// capabilities lists those of the control API and of the application, and whether the
// server stamps its messages and has a bridge.
func (s *Server) capabilities() controlapi.Capabilities {
	all := controlapi.Capabilities{
		controlapi.CapabilityS2C, controlapi.CapabilityKick, controlapi.CapabilityOnline, controlapi.CapabilityEvents,
		controlapi.CapabilityVerdicts, controlapi.CapabilityOfflineStore, controlapi.CapabilityVeto,
	}
	if s.config.Stamp {
		all = append(all, controlapi.CapabilityStamp)
	}
	if s.config.Bridge != nil {
		all = append(all, controlapi.CapabilityBridge)
	}
	return all
}

// state is what there is to count.
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
