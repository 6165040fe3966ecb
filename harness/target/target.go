// Package target describes the server under test as a tester sees it: where it listens,
// what it declares about itself, its control API, and whether it is there at all.
package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/broker"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Target describes one server under test.
type Target struct {
	Network transport.Network
	Path    *impair.Path // impairs connections made by Dial and DialStream; nil does not

	// How to reach it, by transport.
	Addresses [len(wire.Transports)]string      // see ParseAddress; "" where it is not served
	TLS       [len(wire.Transports)]*tls.Config // nil for none, and always for UDP
	Upgrade   transport.UpgradeRequest          // for WebSocket; its path is that of the address
	Resolver  Resolver                          // of names; nil for that of the system
	Control   string                            // host:port of its control API; "" when it has none

	// What Discover has found, by transport.
	answering [len(wire.Transports)][]transport.Node
	silent    [len(wire.Transports)][]silentNode
	left      *leftAddresses

	Modes timing.Modes
	// Tolerance is granted on both sides of every measured time.
	Tolerance   time.Duration
	Conventions Conventions
	Users       accounts.Source               // that it lets in; nil for any user with Token
	Bridge      broker.Broker                 // of its bridge (§6); nil when it has none or nobody has said where
	Beside      func(fingerprint string) bool // recognizes messages of traffic beside a run; nil for none
	Info        controlapi.Info               // declared by its profile and its control API; zero without both
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
	Advice  string // what is wrong with TLS, and what to do; "" for any other error
}

func (e *UnreachableError) Error() string {
	if e.Advice != "" {
		return fmt.Sprintf("TLS on %s %s: %s [%v]", e.What, e.Address, e.Advice, e.Err)
	}
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
	dial, node, err := t.Node(kind)
	if err == nil {
		err = t.probe(ctx, kind, dial, node, wait, false)
	}
	if err != nil {
		return t.unreachable(kind, err)
	}
	return nil
}

func (t *Target) unreachable(kind wire.Transport, err error) error {
	e := &UnreachableError{What: kind.String(), Address: t.Shown(kind), Err: err}
	if errors.Is(err, errSpeaksTLS) {
		e.Advice = tlsInsteadAdvice(kind)
	} else if kind.Connected() {
		e.Advice = tlsAdvice(kind, t.TLS[kind], err)
	}
	return e
}

// probe probes one address. If asked to, it also asks a server on TCP for an answer, which
// shows whether both ends speak TLS.
func (t *Target) probe(ctx context.Context, kind wire.Transport, dial string, node transport.Node, wait time.Duration, ask bool) error {
	if kind.Connected() {
		return t.probeStream(ctx, kind, dial, node, wait, ask)
	}
	return t.probePacket(ctx, kind, dial, wait)
}

func (t *Target) probeStream(ctx context.Context, kind wire.Transport, dial string, node transport.Node, wait time.Duration, ask bool) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	// Dialed as TCP on either transport: what matters is the stream, TLS included.
	conn, err := transport.Dial(ctx, t.Network, wire.TCP, dial, transport.Options{TLS: t.TLS[kind], Host: node.Host})
	if err != nil {
		return err
	}
	defer conn.Close()
	garbled := false
	switch {
	case kind == wire.WS:
		garbled, err = checkUpgrade(ctx, conn, node.Host, t.UpgradeRequest())
	case ask:
		garbled, err = checkEcho(conn, wait)
	}
	if ask && garbled && t.TLS[kind] == nil && t.speaksTLS(ctx, dial, wait) {
		return errSpeaksTLS
	}
	return err
}

// checkEcho asks for an echo on TCP. The answer is garbled if it is not in the protocol, or
// the end of the stream. The error is an alert of TLS; anything else is left to the cases
// to judge.
func checkEcho(conn transport.Conn, wait time.Duration) (garbled bool, err error) {
	if conn.Send(wire.NewEcho("probe", "").Append(nil)) != nil {
		return true, nil
	}
	_ = conn.SetReceiveDeadline(time.Now().Add(wait)) // else the stream has ended, as Receive says
	switch _, err := conn.Receive(); {
	case err == nil, isTimeout(err):
		return false, nil
	case isAlert(err):
		return false, fmt.Errorf("TLS handshake: %w", err)
	}
	return true, nil
}

func (t *Target) probePacket(ctx context.Context, kind wire.Transport, dial string, wait time.Duration) error {
	conn, err := transport.Dial(ctx, t.Network, kind, dial, transport.Options{})
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
// the target. Of a transport with several addresses one has to answer; the first of those
// that do is the one that Dial, DialStream and Probe use from then on. The error is an
// *UnreachableError.
func (t *Target) Discover(ctx context.Context, wait time.Duration) error {
	if t.left == nil {
		t.left = &leftAddresses{until: map[string]time.Time{}}
	}
	for _, kind := range t.Transports() {
		if err := t.findNodes(ctx, kind, wait); err != nil {
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
		return &UnreachableError{What: "control API", Address: t.Control, Err: err}
	}
	info.Capabilities = info.Capabilities.With(t.Info.Capabilities...)
	// What it does not say of itself is as in the profile.
	info.Name, info.Version = cmp.Or(info.Name, t.Info.Name), cmp.Or(info.Version, t.Info.Version)
	info.Organization, info.URL = cmp.Or(info.Organization, t.Info.Organization), cmp.Or(info.URL, t.Info.URL)
	t.Info = info
	return nil
}
