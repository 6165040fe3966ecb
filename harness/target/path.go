package target

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Dial opens a connection on one transport, over the target's Path.
func (t *Target) Dial(ctx context.Context, kind wire.Transport) (transport.Conn, error) {
	dial, node, err := t.Node(kind)
	if err != nil {
		return nil, err
	}
	return t.left.awayFromLeft(func() (transport.Conn, error) {
		return transport.Dial(ctx, t.Path.Network(t.Network, kind), kind, dial, t.Options(kind, node))
	})
}

// DialBytes opens a connection on one transport, over the target's Path and with its TLS,
// on which a WebSocket has not been asked for: what is written to its Raw is up to the
// caller.
func (t *Target) DialBytes(ctx context.Context, kind wire.Transport) (transport.Conn, error) {
	dial, node, err := t.Node(kind)
	if err != nil {
		return nil, err
	}
	beneath := kind
	if kind.Connected() {
		beneath = wire.TCP
	}
	return transport.Dial(ctx, t.Path.Network(t.Network, kind), beneath, dial, t.Options(kind, node))
}

// ClientTLS returns the TLS configuration for a stream that DialStream has opened, with
// the server name that the certificate has to be for; nil without TLS.
func (t *Target) ClientTLS(kind wire.Transport) *tls.Config {
	if t.TLS[kind] == nil {
		return nil
	}
	return transport.ClientTLS(t.TLS[kind], t.Host(kind))
}

// DialStream opens a byte stream to the address of a stream transport, over the
// target's Path, without TLS or a handshake.
func (t *Target) DialStream(ctx context.Context, kind wire.Transport) (net.Conn, error) {
	dial, _, err := t.Node(kind)
	if err != nil {
		return nil, err
	}
	return t.Path.Network(t.Network, kind).DialStream(ctx, dial)
}

// PathDelay returns the most that the impairment of the target's Path adds to one
// round trip on a transport: delay and jitter in both directions, stalls, and the
// wait of reordered datagrams. It is 0 on a path that is not impaired.
func (t *Target) PathDelay(kind wire.Transport) time.Duration { return t.Path.Delay(kind) }

// PathTrouble says why a single datagram of a transport may be missing, "" when the
// target's Path drops, duplicates and reorders none.
func (t *Target) PathTrouble(kind wire.Transport) string { return t.Path.Trouble(kind) }
