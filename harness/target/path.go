package target

import (
	"context"
	"net"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Dial opens a connection on one transport, over the target's Path.
func (t *Target) Dial(ctx context.Context, kind wire.Transport) (transport.Conn, error) {
	return transport.Dial(ctx, t.Path.Network(t.Network, kind), kind, t.Addresses[kind], transport.Options{TLS: t.TLS})
}

// DialStream opens a byte stream to the address of a stream transport, over the
// target's Path, without TLS or a handshake.
func (t *Target) DialStream(ctx context.Context, kind wire.Transport) (net.Conn, error) {
	return t.Path.Network(t.Network, kind).DialStream(ctx, t.Addresses[kind])
}

// PathDelay returns the most that the impairment of the target's Path adds to one
// round trip on a transport: delay and jitter in both directions, stalls, and the
// wait of reordered datagrams. It is 0 on a path that is not impaired.
func (t *Target) PathDelay(kind wire.Transport) time.Duration { return t.Path.Delay(kind) }

// PathLoses reports whether the impairment of the target's Path drops, duplicates or
// reorders messages on a transport.
func (t *Target) PathLoses(kind wire.Transport) bool { return t.Path.Loses(kind) }
