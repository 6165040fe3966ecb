package batch

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MaxDatagrams is the largest number of datagrams in one system call.
const MaxDatagrams = 64

// mmsghdr is struct mmsghdr of recvmmsg(2). length is the number of bytes received or
// sent.
type mmsghdr struct {
	header unix.Msghdr
	length uint32
}

// Datagrams are the arguments of one system call for many datagrams. Make them with
// NewDatagrams. Only one goroutine may use them.
type Datagrams struct {
	messages [MaxDatagrams]mmsghdr
	vectors  [MaxDatagrams]unix.Iovec
	peers    [MaxDatagrams]unix.RawSockaddrInet6 // or a RawSockaddrInet4, which is shorter
	control  []controls                          // nil if the system chooses the addresses at this end

	// Arguments for receiving that are as they have to be.
	into    *byte // buffer that the vectors lead to
	part    int   // size of a part of it
	changed int   // arguments that the last call has changed
}

// controls are the control messages of one datagram: a packetInfo, and when it is received
// the time of its arrival (SO_TIMESTAMPNS, socket(7)).
type controls struct {
	packetInfo
	_ [32]byte
}

// packetInfo is a control message with a struct in_pktinfo.
type packetInfo struct {
	header unix.Cmsghdr
	info   unix.Inet4Pktinfo
	_      [4]byte // padding of CMSG_SPACE, where that has any
}

// Lengths of a packetInfo in bytes, without and with its padding. The system takes what
// comes after the padding for a further control message, which would be wrong.
var (
	packetInfoLength = unix.CmsgLen(unix.SizeofInet4Pktinfo)
	packetInfoSpace  = unix.CmsgSpace(unix.SizeofInet4Pktinfo)
)

// NewDatagrams returns arguments. With own each datagram has an IPv4 address of its own at
// this end (IP_PKTINFO, ip(7)).
func NewDatagrams(own bool) *Datagrams {
	d := &Datagrams{}
	if own {
		d.control = make([]controls, MaxDatagrams)
	}
	for i := range d.messages {
		h := &d.messages[i].header
		h.Name = (*byte)(unsafe.Pointer(&d.peers[i]))
		h.Iov = &d.vectors[i]
		h.SetIovlen(1)
		if own {
			h.Control = (*byte)(unsafe.Pointer(&d.control[i]))
		}
	}
	return d
}

// Receive receives up to MaxDatagrams, each into its part of buffer, and returns their number.
// size is that of a part in bytes. It does not wait: the error is EAGAIN if there is none.
func (d *Datagrams) Receive(fd int, buffer []byte, size int) (n int, err error) {
	if d.into != &buffer[0] || d.part != size {
		d.into, d.part, d.changed = &buffer[0], size, MaxDatagrams
	}
	for i := range d.changed {
		h := &d.messages[i].header
		h.Namelen = unix.SizeofSockaddrInet6
		d.vectors[i].Base = &buffer[i*size]
		d.vectors[i].SetLen(size)
		if d.control != nil {
			h.SetControllen(int(unsafe.Sizeof(controls{})))
		}
	}
	n, err = Transfer(unix.SYS_RECVMMSG, fd, unsafe.Pointer(&d.messages[0]), MaxDatagrams, 0)
	d.changed = max(0, n)
	return n, err
}

// Received returns the source of the i-th datagram that was received, and its length in
// bytes. An IPv6 address has no zone: Scope has it.
func (d *Datagrams) Received(i int) (from netip.AddrPort, length int) {
	length = int(d.messages[i].length)
	peer := &d.peers[i]
	port := *(*[2]byte)(unsafe.Pointer(&peer.Port)) // big-endian
	address := netip.AddrFrom16(peer.Addr)
	if peer.Family == unix.AF_INET {
		address = netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(peer)).Addr)
	}
	return netip.AddrPortFrom(address, uint16(port[0])<<8|uint16(port[1])), length
}

// Scope returns the interface of a link-local IPv6 source of the i-th datagram that was
// received; 0 for none.
func (d *Datagrams) Scope(i int) (index uint32) {
	if d.peers[i].Family != unix.AF_INET6 {
		return 0
	}
	return d.peers[i].Scope_id
}

// Own returns the IPv4 address of this machine to which the i-th datagram was sent, and the
// time of its arrival by the wall clock, in ns since the Unix epoch: 0 unless the socket has
// SO_TIMESTAMPNS.
func (d *Datagrams) Own(i int) (to [4]byte, arrived int64) {
	left := unsafe.Slice((*byte)(unsafe.Pointer(&d.control[i])), d.messages[i].header.Controllen)
	for len(left) >= unix.SizeofCmsghdr {
		header := (*unix.Cmsghdr)(unsafe.Pointer(&left[0]))
		data := left[unix.CmsgLen(0):header.Len]
		switch {
		case header.Level == unix.SOL_IP && header.Type == unix.IP_PKTINFO:
			to = (*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0])).Addr
		case header.Level == unix.SOL_SOCKET && header.Type == unix.SO_TIMESTAMPNS_NEW:
			stamp := (*[2]int64)(unsafe.Pointer(&data[0])) // a struct __kernel_timespec
			arrived = stamp[0]*1e9 + stamp[1]
		}
		left = left[min(unix.CmsgSpace(len(data)), len(left)):]
	}
	return to, arrived
}

// SetBody sets the i-th datagram to send. It must not move, and is used until Send returns.
func (d *Datagrams) SetBody(i int, body []byte) {
	d.vectors[i].Base = unsafe.SliceData(body)
	d.vectors[i].SetLen(len(body))
}

// SetOwn sets the IPv4 source address of the i-th datagram to send.
func (d *Datagrams) SetOwn(i int, from [4]byte) {
	c := &d.control[i]
	c.header = unix.Cmsghdr{Level: unix.SOL_IP, Type: unix.IP_PKTINFO}
	c.header.SetLen(packetInfoLength)
	c.info = unix.Inet4Pktinfo{Spec_dst: from}
	d.messages[i].header.SetControllen(packetInfoSpace)
}

// SetPeer4 sets where the i-th datagram goes, by a socket of IPv4.
func (d *Datagrams) SetPeer4(i int, to unix.RawSockaddrInet4) {
	*(*unix.RawSockaddrInet4)(unsafe.Pointer(&d.peers[i])) = to
	d.messages[i].header.Namelen = unix.SizeofSockaddrInet4
}

// SetPeer6 sets where the i-th datagram goes, by a socket of IPv6.
func (d *Datagrams) SetPeer6(i int, to unix.RawSockaddrInet6) {
	d.peers[i] = to
	d.messages[i].header.Namelen = unix.SizeofSockaddrInet6
}

// Address4 returns an IPv4 address as the system has it.
func Address4(at netip.AddrPort) unix.RawSockaddrInet4 {
	raw := unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: at.Addr().As4()}
	*(*[2]byte)(unsafe.Pointer(&raw.Port)) = bigEndian(at.Port())
	return raw
}

// Address6 returns an address as a socket of IPv6 has it, one of IPv4 mapped. scope is the
// index of the interface of a link-local address, else 0.
func Address6(at netip.AddrPort, scope uint32) unix.RawSockaddrInet6 {
	raw := unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: at.Addr().As16(), Scope_id: scope}
	*(*[2]byte)(unsafe.Pointer(&raw.Port)) = bigEndian(at.Port())
	return raw
}

func bigEndian(port uint16) [2]byte { return [2]byte{byte(port >> 8), byte(port)} }

// Send sends the datagrams from first up to end, which is excluded, and returns how many were
// sent. It does not wait: the error is EAGAIN if the socket has no room for the first.
func (d *Datagrams) Send(fd, first, end int) (n int, err error) {
	return Transfer(unix.SYS_SENDMMSG, fd, unsafe.Pointer(&d.messages[first]), end-first, 0)
}
