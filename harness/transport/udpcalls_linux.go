package transport

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport/batch"
)

// linuxDatagrams is the datagramCalls of a socket of this machine. One goroutine may receive
// while another one sends.
type linuxDatagrams struct {
	socket syscall.RawConn
	six    bool // a socket of IPv6, which IPv4 reaches at mapped addresses
	scopes map[string]uint32
	zones  map[uint32]string

	// Receiving.
	in     *batch.Datagrams
	buffer []byte // to receive into, a part for each datagram
	size   int    // size of a part in bytes
	n      int
	err    error
	try    func(fd uintptr) (done bool)

	// Sending.
	out *batch.Datagrams
}

// newDatagramCalls returns nil for a socket that is not one of this machine.
func newDatagramCalls(socket PacketConn, size int) datagramCalls {
	udp, ok := socket.(*net.UDPConn)
	if !ok {
		return nil
	}
	raw, err := udp.SyscallConn()
	if err != nil {
		return nil
	}
	c := &linuxDatagrams{
		socket: raw, in: batch.NewDatagrams(false), out: batch.NewDatagrams(false),
		buffer: make([]byte, batch.MaxDatagrams*size), size: size,
	}
	c.try = c.tryReceive
	var address unix.Sockaddr
	if raw.Control(func(fd uintptr) { address, err = unix.Getsockname(int(fd)) }) != nil || err != nil {
		return nil
	}
	_, c.six = address.(*unix.SockaddrInet6)
	return c
}

func (c *linuxDatagrams) receive() (n int, err error) {
	if err := c.socket.Read(c.try); err != nil {
		return 0, err // the socket is closed
	}
	return c.n, c.err
}

func (c *linuxDatagrams) tryReceive(fd uintptr) (done bool) {
	c.n, c.err = c.in.Receive(int(fd), c.buffer, c.size)
	return c.err != unix.EAGAIN
}

func (c *linuxDatagrams) received(i int) (from netip.AddrPort, body []byte) {
	from, length := c.in.Received(i)
	from = unmapped(from)
	if scope := c.in.Scope(i); scope != 0 {
		from = netip.AddrPortFrom(from.Addr().WithZone(c.zone(scope)), from.Port())
	}
	return from, c.buffer[i*c.size:][:length]
}

// zone is zoneOf with a memory.
func (c *linuxDatagrams) zone(scope uint32) string {
	if name, known := c.zones[scope]; known {
		return name
	}
	name := zoneOf(scope)
	if c.zones == nil {
		c.zones = map[uint32]string{}
	}
	c.zones[scope] = name
	return name
}

// zoneOf returns the name of an interface, its number if it has none.
func zoneOf(scope uint32) string {
	if i, err := net.InterfaceByIndex(int(scope)); err == nil {
		return i.Name
	}
	return strconv.Itoa(int(scope))
}

// scope returns the number of an interface, 0 if there is none.
func (c *linuxDatagrams) scope(zone string) uint32 {
	if scope, known := c.scopes[zone]; known || zone == "" {
		return scope
	}
	scope, _ := strconv.ParseUint(zone, 10, 32)
	if i, err := net.InterfaceByName(zone); err == nil {
		scope = uint64(i.Index)
	}
	if c.scopes == nil {
		c.scopes = map[string]uint32{}
	}
	c.scopes[zone] = uint32(scope)
	return uint32(scope)
}

func (c *linuxDatagrams) send(d *datagrams, first int, wait bool) (sent int) {
	sent = first
	_ = c.socket.Write(func(fd uintptr) (done bool) { // it fails once the socket is closed
		for sent < len(d.ends) {
			n, room := c.sendBatch(int(fd), d, sent)
			if sent += n; !room {
				return !wait
			}
		}
		return true
	})
	return sent
}

// sendBatch sends one batch of datagrams from one on, and returns how many are sent or lost, and
// whether the socket had room for them. A datagram that the system refuses is lost.
func (c *linuxDatagrams) sendBatch(fd int, d *datagrams, first int) (sent int, room bool) {
	start, size := d.start(first), min(batch.MaxDatagrams, len(d.ends)-first)
	for i, datagram := range d.ends[first:][:size] {
		c.out.SetBody(i, d.bytes[start:datagram.end])
		start = datagram.end
		if c.six {
			c.out.SetPeer6(i, batch.Address6(datagram.to, c.scope(datagram.to.Addr().Zone())))
		} else {
			c.out.SetPeer4(i, batch.Address4(datagram.to))
		}
	}
	for sent < size {
		n, err := c.out.Send(fd, sent, size)
		switch {
		case err == unix.EAGAIN:
			return sent, false
		case err != nil:
			n = 1
		}
		sent += n
	}
	return size, true
}
