package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
)

// OS is the network of this machine. Its zero value is ready for use.
type OS struct {
	// Source is the source address of connections; the zero value leaves the choice to
	// the system.
	Source netip.Addr
}

// datagramBuffer is the receive buffer requested for a datagram listener, in bytes. It
// holds the datagrams of thousands of clients that log in at once. The system may grant
// less.
const datagramBuffer = 4 << 20

// DialStream connects by TCP.
func (o OS) DialStream(ctx context.Context, address string) (net.Conn, error) {
	var dialer net.Dialer
	if o.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(o.Source, 0))
	}
	return dialer.DialContext(ctx, "tcp", address)
}

// DialPacket makes a connected UDP socket. A refusal by the peer's machine is
// reported by a later read or write.
func (o OS) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	var dialer net.Dialer
	if o.Source.IsValid() {
		dialer.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(o.Source, 0))
	}
	return dialer.DialContext(ctx, "udp", address)
}

// ListenStream accepts TCP connections.
func (OS) ListenStream(address string) (net.Listener, error) {
	return net.Listen("tcp", address)
}

// ListenPacket binds a UDP socket.
func (OS) ListenPacket(address string) (PacketConn, error) {
	local, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	socket, err := net.ListenUDP("udp", local)
	if err != nil {
		return nil, err
	}
	// It works with a smaller buffer too.
	_ = socket.SetReadBuffer(datagramBuffer)
	return socket, nil
}

// EphemeralPorts returns the first and the last port of the range that the system
// assigns to connections: as Linux reports it, elsewhere that of RFC 6335 §6.
func EphemeralPorts() (first, last uint16) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		_, err = fmt.Sscan(string(text), &first, &last)
	}
	if err != nil || last < first {
		return 49152, 65535
	}
	return first, last
}
