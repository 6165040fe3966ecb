package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"imcheck/protocol/wire"
)

// DialTimeout bounds Dial, its handshakes included, unless the context has a closer
// deadline.
const DialTimeout = 10 * time.Second

// Dial connects a client to address, which is host:port; WebSocket requests a path there,
// see Options.Upgrade. A TLS configuration without a server name gets the host as one. For
// WebSocket the result is a FrameConn. The error names the address.
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
	raw, err := dialStream(ctx, network, address, o)
	if err != nil {
		return nil, err
	}
	if t == wire.TCP {
		return newTCPConn(raw, o), nil
	}
	conn := newWebSocketConn(raw, o)
	if err := bounded(ctx, raw, func() error { return conn.handshake(o.host(address), o.Upgrade) }); err != nil {
		_ = abort(raw)
		return nil, err
	}
	return conn, nil
}

// dialStream connects, and makes the TLS handshake if there is a configuration.
func dialStream(ctx context.Context, network Network, address string, o Options) (net.Conn, error) {
	socket, err := network.DialStream(ctx, address)
	if err != nil || o.TLS == nil {
		return socket, err
	}
	secure := tls.Client(socket, ClientTLS(o.TLS, o.host(address)))
	if err := bounded(ctx, secure, secure.Handshake); err != nil {
		_ = abort(socket)
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secure, nil
}

// ClientTLS returns a configuration with a server name, which is that of host unless it
// has one. host may have a port.
func ClientTLS(config *tls.Config, host string) *tls.Config {
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = HostName(host)
	}
	return config
}

// host returns the name by which the server is called; address is the one that is dialed.
func (o Options) host(address string) string { return cmp.Or(o.Host, address) }

// HostName returns a host without its port, brackets and zone.
func HostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(withoutZone(host), "[]")
}

// withoutZone removes the zone of an IPv6 address, which means something on this machine
// only.
func withoutZone(host string) string {
	before, zone, found := strings.Cut(host, "%")
	if !found || !strings.Contains(before, ":") {
		return host
	}
	if i := strings.IndexByte(zone, ']'); i >= 0 {
		return before + zone[i:]
	}
	return before
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
