package eventloop

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// datagramBatch is the largest number of datagrams in one system call.
const datagramBatch = 64

// mmsghdr is struct mmsghdr of recvmmsg(2). length is the number of bytes received or
// sent.
type mmsghdr struct {
	header unix.Msghdr
	length uint32
}

// datagrams are the arguments of one system call for many datagrams, each with
// its own address at this end (IP_PKTINFO, ip(7)).
type datagrams struct {
	messages [datagramBatch]mmsghdr
	vectors  [datagramBatch]unix.Iovec
	peers    [datagramBatch]unix.RawSockaddrInet4
	control  [datagramBatch]controls
	changed  int // arguments that the last call for receiving has changed
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

func newDatagrams() *datagrams {
	d := &datagrams{changed: datagramBatch}
	for i := range d.messages {
		h := &d.messages[i].header
		h.Name = (*byte)(unsafe.Pointer(&d.peers[i]))
		h.Iov = &d.vectors[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&d.control[i]))
	}
	return d
}

// receive receives up to a batch of datagrams, each into its part of buffer, and returns
// their number. size is that of a part.
func (d *datagrams) receive(fd int, buffer []byte, size int) (n int, err error) {
	for i := range d.changed {
		h := &d.messages[i].header
		h.Namelen = unix.SizeofSockaddrInet4
		d.vectors[i].Base = &buffer[i*size]
		d.vectors[i].SetLen(size)
		h.SetControllen(int(unsafe.Sizeof(controls{})))
	}
	n, err = d.call(unix.SYS_RECVMMSG, fd, 0, datagramBatch)
	d.changed = max(0, n)
	return n, err
}

// received is a datagram that has been received.
type received struct {
	from   netip.AddrPort
	to     [4]byte // address of this machine to which it was sent
	length int
	at     int64 // time of its arrival by the wall clock, in ns since the Unix epoch; 0 when unknown
}

// received returns the i-th datagram.
func (d *datagrams) received(i int) (r received) {
	peer := &d.peers[i]
	port := *(*[2]byte)(unsafe.Pointer(&peer.Port)) // big-endian
	r.from = netip.AddrPortFrom(netip.AddrFrom4(peer.Addr), uint16(port[0])<<8|uint16(port[1]))
	r.length = int(d.messages[i].length)
	left := unsafe.Slice((*byte)(unsafe.Pointer(&d.control[i])), d.messages[i].header.Controllen)
	for len(left) >= unix.SizeofCmsghdr {
		header := (*unix.Cmsghdr)(unsafe.Pointer(&left[0]))
		data := left[unix.CmsgLen(0):header.Len]
		switch {
		case header.Level == unix.SOL_IP && header.Type == unix.IP_PKTINFO:
			r.to = (*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0])).Addr
		case header.Level == unix.SOL_SOCKET && header.Type == unix.SO_TIMESTAMPNS_NEW:
			stamp := (*[2]int64)(unsafe.Pointer(&data[0])) // a struct __kernel_timespec
			r.at = stamp[0]*1e9 + stamp[1]
		}
		left = left[min(unix.CmsgSpace(len(data)), len(left)):]
	}
	return r
}

// address sets the destination and the source of the i-th datagram.
func (d *datagrams) address(i int, to unix.RawSockaddrInet4, from [4]byte) {
	d.peers[i] = to
	c := &d.control[i]
	c.header = unix.Cmsghdr{Level: unix.SOL_IP, Type: unix.IP_PKTINFO}
	c.header.SetLen(packetInfoLength)
	c.info = unix.Inet4Pktinfo{Spec_dst: from}
	h := &d.messages[i].header
	h.Namelen = unix.SizeofSockaddrInet4
	h.SetControllen(packetInfoSpace)
}

// send sends the datagrams from first up to end, which is excluded.
func (d *datagrams) send(fd, first, end int) (n int, err error) {
	return d.call(unix.SYS_SENDMMSG, fd, first, end)
}

func (d *datagrams) call(number uintptr, fd, first, end int) (n int, err error) {
	return transfer(number, fd, unsafe.Pointer(&d.messages[first]), end-first, unix.MSG_DONTWAIT)
}
