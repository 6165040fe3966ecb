// Package drive is the driver of the toolkit's own client: it keeps the rules of
// protocol/client and speaks the driver contract (docs/contracts.md, part B), so that it
// can be judged as any other client.
package drive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/peer"
	"imcheck/harness/transport"
	"imcheck/protocol/client"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Options of a driver. The zero value is ready for use.
type Options struct {
	Version string
	Faults  []Fault // ways in which the client misbehaves
}

// driver is the state of one driver.
type driver struct {
	ctx     context.Context
	options Options
	plan    *plan

	own  transport.Network // of the process
	over transport.Network // that its client connects over: its own, or what the plan has in its place

	writing sync.Mutex
	out     io.Writer
	failed  error // of the first write that failed

	session *session // of the latest login; nil before
}

// session is one login that a driver was told to make, with all that follows from it.
type session struct {
	user   string
	cancel context.CancelFunc
	ended  chan struct{}

	mu   sync.Mutex
	loop *peer.Loop // replaced when a fault starts the client again
}

// Run reads commands until it is told to exit, or its input or ctx ends, and writes
// events. The network is the one that its client connects over. The error says which
// command was bad, or that events cannot be written.
func Run(ctx context.Context, network transport.Network, in io.Reader, out io.Writer, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d := &driver{ctx: ctx, own: network, options: o, out: out}
	d.reset()
	defer d.end()
	commands, failure := read(ctx, in)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failure:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case c := <-commands:
			if c.Do == driverapi.ActionExit {
				return nil
			}
			d.do(c)
		}
		if err := d.writeError(); err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
	}
}

// read reads commands on a goroutine of its own, which ends with the input or with ctx
// once a further command comes.
func read(ctx context.Context, in io.Reader) (<-chan driverapi.Command, <-chan error) {
	commands, failure := make(chan driverapi.Command), make(chan error, 1)
	go func() {
		for reader := driverapi.NewCommandReader(in); ; {
			c, err := reader.Next()
			if err != nil {
				failure <- err
				return
			}
			select {
			case commands <- c:
			case <-ctx.Done():
				return
			}
		}
	}()
	return commands, failure
}

func (d *driver) do(c driverapi.Command) {
	switch c.Do {
	case driverapi.ActionLogin:
		d.end()
		d.login(c.Login)
	case driverapi.ActionSend:
		d.send(c.Send)
	case driverapi.ActionLogout:
		if d.session != nil {
			_ = d.session.current().Logout(d.ctx) // who is not logged in has nothing to log out of
		}
	case driverapi.ActionReset:
		d.reset()
	}
}

// reset brings the driver into the state in which it starts.
func (d *driver) reset() {
	d.end()
	d.plan = newPlan(d.options.Faults)
	d.over = d.plan.network(d.own)
	d.emit(driverapi.Event{
		Kind: driverapi.EventReady, Name: "imcheck client", Version: d.options.Version,
		Transports: wire.Transports[:], Modes: timing.SenseModes[:], Reusable: true,
	})
}

// end ends the client, if there is one, without a logout.
func (d *driver) end() {
	if d.session != nil {
		d.session.cancel()
		<-d.session.ended
		d.session = nil
	}
}

func (d *driver) login(l driverapi.Login) {
	ctx, cancel := context.WithCancel(d.ctx)
	s := &session{user: l.User, cancel: cancel, ended: make(chan struct{})}
	d.session = s
	address := net.JoinHostPort(l.Host, strconv.Itoa(l.Port))
	dial := func(ctx context.Context) (transport.Conn, error) {
		return transport.Dial(ctx, d.over, l.Transport, address, transport.Options{})
	}
	config := client.Config{User: l.User, Token: l.Token, Extra: l.Extra, Transport: l.Transport, Mode: l.Mode}
	plan := d.plan
	config.Policy = plan.policy(config)
	started := s.start(config, dial, d.observe, plan)
	go func() {
		defer close(s.ended)
		for {
			started.Run(ctx)
			pause, again := plan.again()
			if !again || !machine.Sleep(ctx, pause) {
				return
			}
			started = s.start(config, dial, d.observe, plan)
		}
	}()
}

// start makes a client that is to be run.
func (s *session) start(config client.Config, dial peer.Dial, observe func(client.Effect), plan *plan) *peer.Loop {
	loop := peer.NewLoop(client.New(config), dial, func(_ time.Time, e client.Effect) {
		plan.note(e)
		observe(e)
	})
	loop.Interpose(peer.Hooks{Receive: plan.receive, Effects: plan.effects})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loop = loop
	return loop
}

func (s *session) current() *peer.Loop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loop
}

func (d *driver) send(s driverapi.Send) {
	code := wire.CodeNotLoggedIn
	if d.session != nil {
		m := wire.NewData(d.session.user, s.To, s.DataContent)
		m.QoS, m.Fingerprint, m.UserType = s.QoS, s.Fingerprint, s.UserType
		if m.QoS && !m.Fingerprint.Present() {
			m.Fingerprint = wire.Some(wire.NewFingerprint())
		}
		if d.session.current().Send(d.ctx, m) == nil {
			code = wire.CodeOK
		}
	}
	d.emit(driverapi.Event{Kind: driverapi.EventSent, Code: code})
}
