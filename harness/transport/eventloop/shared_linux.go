package eventloop

import (
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/batch"
)

// sharedBuffer is the receive buffer requested for a shared socket in bytes, as answers
// to many clients may arrive at once. The system may grant less.
const sharedBuffer = 4 << 20

// keepQueues is the largest number of unused queues: the sockets that have something to send
// at once are few.
const keepQueues = 64

// sharing has the sockets with many UDP connections each. A server identifies a UDP
// session by its remote address and port (docs/protocol.md §2): a socket that is bound
// to a port of all addresses serves as many sessions as there are source addresses.
type sharing struct {
	loop    *Loop
	sources [][4]byte
	index   map[[4]byte]int32 // source addresses in sources
	sockets []*sharedSocket   // by seat / len(sources); nil until needed
	in, out *batch.Datagrams
	buffer  []byte  // to receive into, a part for each datagram of a batch
	spare   []queue // unused, of sockets with nothing queued
	size    int     // size of a part in bytes
}

func newSharing(l *Loop) *sharing {
	s := &sharing{loop: l, index: map[[4]byte]int32{}, in: batch.NewDatagrams(true), out: batch.NewDatagrams(true), size: l.config.MaxDatagram + 1}
	for i, source := range l.sources[unix.AF_INET] {
		four := source.As4()
		s.sources = append(s.sources, four)
		s.index[four] = int32(i)
	}
	return s
}

// rawAddress returns an IPv4 address as the system has it, and the zero value for others.
func rawAddress(at netip.AddrPort) (raw unix.RawSockaddrInet4) {
	if !at.Addr().Is4() {
		return raw
	}
	return batch.Address4(at)
}

// sharedSocket is one UDP socket of many connections.
type sharedSocket struct {
	sharing *sharing
	fd      int
	slot    int32
	serial  int32
	conns   []*sharedConn // by index of the source address
	queue
	blocked bool
	queued  bool // a member of the loop's filled
}

// queue has the datagrams that a socket is to send.
type queue struct {
	bytes []byte // one after the other
	ends  []datagramEnd
}

// datagramEnd is the end of a datagram in bytes, the index of its source, and where it goes.
type datagramEnd struct {
	end, source int32
	to          *destination
}

// sharedConn is one connection on a shared socket. There may be a million, so it is small.
type sharedConn struct {
	socket *sharedSocket
	tag    uint64
	to     *destination
	source int32 // index of its source address
	done   bool
}

// start opens a connection on the socket of its seat.
func (s *sharing) start(r request) error {
	began := time.Now()
	number, source := r.seat/len(s.sources), r.seat%len(s.sources)
	for len(s.sockets) <= number {
		s.sockets = append(s.sockets, nil)
	}
	if s.sockets[number] == nil {
		socket, err := s.newSocket(r.to)
		if err != nil {
			return err
		}
		s.sockets[number] = socket
	}
	c := &sharedConn{socket: s.sockets[number], tag: r.tag, source: int32(source), to: r.to}
	if c.socket.conns[source] != nil {
		return fmt.Errorf("seat %d is taken", r.seat)
	}
	c.socket.conns[source] = c
	s.loop.outcomes = append(s.loop.outcomes, func() {
		if !c.done {
			s.loop.handler.Opened(c.tag, c, began)
		}
	})
	return nil
}

// newSocket makes a socket and binds it to a port of all addresses of this machine. to is
// that of its first connection.
func (s *sharing) newSocket(to *destination) (*sharedSocket, error) {
	fd, err := makeSocket(unix.AF_INET, unix.SOCK_DGRAM, nil)
	if err != nil {
		return nil, err
	}
	err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_PKTINFO, 1))
	if err == nil {
		err = os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrInet4{}))
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1) // without it times are those of the reads
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, sharedBuffer)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sharedBuffer)
	if to.at.Addr().IsLoopback() {
		// Nothing is fragmented there, so that datagrams need no numbers.
		_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
	}
	socket := &sharedSocket{sharing: s, fd: fd, conns: make([]*sharedConn, len(s.sources))}
	if err == nil {
		// Without EPOLLOUT, which would report every datagram sent.
		socket.slot, socket.serial, err = s.loop.register(fd, unix.EPOLLIN|unix.EPOLLET, socket)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("make a socket for %d source addresses: %w", len(s.sources), err)
	}
	if s.buffer == nil {
		s.buffer = make([]byte, batch.MaxDatagrams*s.size)
	}
	return socket, nil
}

func (k *sharedSocket) ready(events uint32) {
	if events&unix.EPOLLOUT != 0 && k.blocked {
		k.blocked = false
		k.sharing.loop.want(k.fd, k.slot, k.serial, unix.EPOLLIN|unix.EPOLLET)
		k.flush()
	}
	if events&(unix.EPOLLIN|unix.EPOLLERR) != 0 {
		k.await()
	}
}

// receive hands a batch of datagrams to their connections and returns their number. It
// ignores those that do not come from the server.
func (k *sharedSocket) receive() int {
	s := k.sharing
	n, err := s.in.Receive(k.fd, s.buffer, s.size)
	if err != nil {
		return 0
	}
	s.loop.received += n
	now := time.Now()
	for i := range n {
		from, length := s.in.Received(i)
		to, at := s.in.Own(i)
		source, known := s.index[to]
		if !known {
			continue
		}
		c := k.conns[source]
		switch {
		case c == nil, from != c.to.at:
		case length > s.loop.config.MaxDatagram:
			s.loop.handler.Ended(c.tag, tooLong(s.loop.config.MaxDatagram))
		default:
			if at != 0 {
				s.loop.stamped++
			}
			s.loop.arrived = arrival(now, s.loop.waited, at)
			s.loop.handler.Message(c.tag, s.buffer[i*s.size:i*s.size+length])
		}
	}
	s.loop.arrived = time.Time{}
	return n
}

// Send queues a datagram.
func (c *sharedConn) Send(body []byte) error {
	if c.done {
		return &transport.CloseError{Reason: transport.ByUs, Err: errUsed}
	}
	k := c.socket
	if len(k.bytes)+len(body) > bounds.UnsentDatagrams {
		return nil
	}
	if s := k.sharing; len(k.ends) == 0 {
		s.loop.unsent = append(s.loop.unsent, k)
		if last := len(s.spare) - 1; k.bytes == nil && last >= 0 {
			k.queue, s.spare = s.spare[last], s.spare[:last]
		}
	}
	k.bytes = append(k.bytes, body...)
	k.ends = append(k.ends, datagramEnd{int32(len(k.bytes)), c.source, c.to})
	return nil
}

// flush sends the queued datagrams, a batch at a time.
func (k *sharedSocket) flush() {
	start, sent := int32(0), 0
	for sent < len(k.ends) && !k.blocked {
		n := k.sendBatch(start, sent)
		sent += n
		if sent > 0 {
			start = k.ends[sent-1].end
		}
	}
	k.keep(start, sent)
}

// sendBatch sends a batch of the queued datagrams from one on, and returns how many are
// sent or lost. A datagram that the system refuses is lost, as any may be.
func (k *sharedSocket) sendBatch(start int32, first int) int {
	s := k.sharing
	now := k.ends[first:min(first+batch.MaxDatagrams, len(k.ends))]
	for i, d := range now {
		s.out.SetPeer4(i, d.to.raw)
		s.out.SetOwn(i, s.sources[d.source])
		s.out.SetBody(i, k.bytes[start:d.end])
		start = d.end
	}
	for done := 0; ; {
		n, err := s.out.Send(k.fd, done, len(now))
		switch {
		case err == unix.EAGAIN:
			k.blocked = true
			s.loop.want(k.fd, k.slot, k.serial, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLET)
			return done
		case err != nil:
			n = 1
		}
		if done += n; done == len(now) {
			return done
		}
	}
}

// keep moves unsent datagrams to the front. An empty queue is left to other sockets, unless it
// is of unusual size.
func (k *sharedSocket) keep(start int32, sent int) {
	left := k.ends[sent:]
	for i := range left {
		left[i].end -= start
	}
	k.bytes = k.bytes[:copy(k.bytes, k.bytes[start:])]
	k.ends = k.ends[:copy(k.ends, left)]
	if s := k.sharing; len(k.ends) == 0 {
		if cap(k.bytes) <= keepSize && len(s.spare) < keepQueues {
			s.spare = append(s.spare, k.queue)
		}
		k.queue = queue{}
	}
}

func (k *sharedSocket) abort() {
	_ = unix.Close(k.fd)
	k.sharing.loop.release(k.slot)
}

// Mute does nothing: datagrams have no answers that nobody sends.
func (c *sharedConn) Mute() {}

// Close frees the seat; what is queued is still sent.
func (c *sharedConn) Close() error {
	if !c.done {
		c.done = true
		c.socket.conns[c.source] = nil
	}
	return nil
}
