package transport

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"imcheck/protocol/wire"
)

// DialTimeout bounds Dial, its handshakes included, unless the context has a closer
// deadline.
const DialTimeout = 10 * time.Second

// Dial connects a client to address, which is host:port; WebSocket asks for
// wire.WebSocketPath there. A TLS configuration without a server name gets the host
// as one. For WebSocket the result is a FrameConn. The error names the address.
func Dial(ctx context.Context, network Network, t wire.Transport, address string, o Options) (Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, DialTimeout)
	defer cancel()
	conn, err := dial(ctx, network, t, address, o)
	if err != nil {
		return nil, fmt.Errorf("connect to %s by %s: %w", address, t, err)
	}
	return conn, nil
}

func dial(ctx context.Context, network Network, t wire.Transport, address string, o Options) (Conn, error) {
	if err := o.check(t); err != nil {
		return nil, err
	}
	if t == wire.UDP {
		raw, err := network.DialPacket(ctx, address)
		if err != nil {
			return nil, err
		}
		return newUDPConn(raw, o), nil
	}
	raw, err := dialStream(ctx, network, address, o.TLS)
	if err != nil {
		return nil, err
	}
	if t == wire.TCP {
		return newTCPConn(raw, o), nil
	}
	conn := newWebSocketConn(raw, o)
	if err := bounded(ctx, raw, func() error { return conn.handshake(address) }); err != nil {
		_ = abort(raw)
		return nil, err
	}
	return conn, nil
}

// dialStream connects, and makes the TLS handshake if there is a configuration.
func dialStream(ctx context.Context, network Network, address string, config *tls.Config) (net.Conn, error) {
	socket, err := network.DialStream(ctx, address)
	if err != nil || config == nil {
		return socket, err
	}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			_ = abort(socket)
			return nil, err
		}
		config = config.Clone()
		config.ServerName = host
	}
	secure := tls.Client(socket, config)
	if err := bounded(ctx, secure, secure.Handshake); err != nil {
		_ = abort(socket)
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secure, nil
}

// bounded runs a handshake, and interrupts it when ctx is done.
func bounded(ctx context.Context, c net.Conn, handshake func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(past) })
	err := handshake()
	if !stop() {
		return ctx.Err()
	}
	return err
}

// check refuses options that cannot work on t.
func (o Options) check(t wire.Transport) error {
	switch {
	case t > wire.WS:
		return fmt.Errorf("unknown %s: use udp, tcp or ws", t)
	case o.MaxMessage < 0:
		return fmt.Errorf("largest message of %d bytes: use a positive number, or 0 for the default", o.MaxMessage)
	}
	return nil
}

// limit returns the largest message in bytes.
func (o Options) limit(otherwise int) int {
	if o.MaxMessage > 0 {
		return o.MaxMessage
	}
	return otherwise
}
