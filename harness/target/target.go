// Package target describes the server under test as a tester sees it: where it listens,
// what it declares about itself, its control API, and whether it is there at all.
package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Target describes one server under test.
type Target struct {
	Network   transport.Network
	Path      *impair.Path                 // impairs connections made by Dial and DialStream; nil does not
	Addresses [len(wire.Transports)]string // host:port by transport; "" where it is not served
	Control   string                       // host:port of its control API; "" when it has none
	Modes     timing.Modes
	TLS       *tls.Config // for TCP and WebSocket; nil for none
	// Tolerance is granted on both sides of every measured time.
	Tolerance   time.Duration
	Conventions Conventions
	Users       accounts.Source // that it lets in; nil for any user with Token
	Info        controlapi.Info // declared by its profile and its control API; zero without both
}

// DefaultTolerance is the tolerance for a server on the same machine.
const DefaultTolerance = 100 * time.Millisecond

// Transports lists the transports that the target serves.
func (t *Target) Transports() []wire.Transport {
	var served []wire.Transport
	for _, kind := range wire.Transports {
		if t.Addresses[kind] != "" {
			served = append(served, kind)
		}
	}
	return served
}

// Has reports whether the target declares a capability.
func (t *Target) Has(capability controlapi.Capability) bool {
	return t.Info.Capabilities.Has(capability)
}

// UnreachableError reports that nothing answers at one of the target's addresses.
type UnreachableError struct {
	What    string // "udp", "tcp", "ws" or "control API"
	Address string
	Err     error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no server answers on %s %s: %v (is it running, and is the address right?)", e.What, e.Address, e.Err)
}

// Unwrap returns the error of the network.
func (e *UnreachableError) Unwrap() error { return e.Err }

// probeTries is the number of UDP probes that are sent before silence counts as an answer.
const probeTries = 3

// Probe checks that something is there on one transport: a stream that can be opened, with
// TLS where the target has it, and on WebSocket no status that refuses the upgrade; on UDP
// any answer to a keep-alive or an echo, which every server owes also to those who have not
// logged in (docs/protocol.md §3). It takes at most wait for each try, and does not use
// the impaired Path. The error is an *UnreachableError.
func (t *Target) Probe(ctx context.Context, kind wire.Transport, wait time.Duration) error {
	var err error
	if kind.Connected() {
		err = t.probeStream(ctx, kind, wait)
	} else {
		err = t.probePacket(ctx, kind, wait)
	}
	if err != nil {
		return &UnreachableError{kind.String(), t.Addresses[kind], err}
	}
	return nil
}

func (t *Target) probeStream(ctx context.Context, kind wire.Transport, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	// Dialed as TCP on either transport: what matters is the stream, TLS included.
	conn, err := transport.Dial(ctx, t.Network, wire.TCP, t.Addresses[kind], transport.Options{TLS: t.TLS})
	if err != nil {
		return err
	}
	defer conn.Close()
	if kind == wire.WS {
		return checkUpgrade(ctx, conn, t.Addresses[kind])
	}
	return nil
}

func (t *Target) probePacket(ctx context.Context, kind wire.Transport, wait time.Duration) error {
	conn, err := transport.Dial(ctx, t.Network, kind, t.Addresses[kind], transport.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	// Two questions, so that a server with a fault in one answer is still there.
	questions := [...]wire.Message{wire.NewKeepAlive("probe"), wire.NewEcho("probe", "")}
	for range probeTries {
		for _, question := range questions {
			if err = conn.Send(question.Append(nil)); err != nil {
				return err
			}
		}
		if err = conn.SetReceiveDeadline(time.Now().Add(wait)); err != nil {
			return err
		}
		if _, err = conn.Receive(); err == nil {
			return nil
		}
		if !isTimeout(err) {
			return err
		}
	}
	return fmt.Errorf("silent for %v", probeTries*wait)
}

// Discover probes every address, and asks the control API, if there is one, to describe
// the target. The error is an *UnreachableError.
func (t *Target) Discover(ctx context.Context, wait time.Duration) error {
	for _, kind := range t.Transports() {
		if err := t.Probe(ctx, kind, wait); err != nil {
			return err
		}
	}
	if t.Control == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	control := NewControl(t.Network, t.Control)
	defer control.Close()
	info, err := control.Info(ctx)
	if err != nil {
		return &UnreachableError{"control API", t.Control, err}
	}
	info.Capabilities = info.Capabilities.With(t.Info.Capabilities...)
	info.Name = cmp.Or(info.Name, t.Info.Name) // else that of the profile
	t.Info = info
	return nil
}

// CheckAddress refuses an address that is not host:port.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || port == "") {
		err = fmt.Errorf("address %s: host or port is missing", address)
	}
	if err != nil {
		return fmt.Errorf("%w: write it as host:port, such as 127.0.0.1:7901", err)
	}
	return nil
}
