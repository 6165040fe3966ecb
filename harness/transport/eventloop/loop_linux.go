package eventloop

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

const (
	// eventBatch is how many ready sockets one Poll looks after: few enough for
	// what they lead to to be written within a millisecond or so.
	eventBatch = 128
	// dialBatch is how many connections of a transport one Poll begins: each takes
	// several system calls, and what is due meanwhile is late.
	dialBatch = 8
)

// Config is whom a Loop connects to.
type Config struct {
	Addresses [len(wire.Transports)]string // host:port by transport
	// Sources are the IPv4 addresses that connections are made from; without any
	// the system chooses. With more than one of them, UDP connections share
	// sockets: each socket serves every source address on a port of its own.
	Sources []netip.Addr
	// MaxDatagram is the largest datagram received, in bytes.
	MaxDatagram int
	// MaxMessage is the largest message received on each stream transport, in
	// bytes; 0 stands for bounds.StreamMessage.
	MaxMessage [len(wire.Transports)]int
	// MaxUnwritten is how many bytes may wait to be written on a stream, beside one
	// message; 0 stands for bounds.Unwritten.
	MaxUnwritten int
	// WithoutRing makes every read and write of a stream a system call of its
	// own, as it is anyway where there is no io_uring, or it is forbidden.
	WithoutRing bool
}

// Conn is one connection. It belongs to the goroutine of its Loop.
type Conn interface {
	// Send queues one message, framed as the transport does it, up to the next
	// Flush. That it cannot be written is reported as the end of the connection. The
	// error is a *transport.CloseError: with more than MaxUnwritten bytes waiting the
	// peer does not read.
	Send(body []byte) error
	// Close ends the connection in an orderly way: what is queued is written,
	// for WebSocket a close frame with code 1000 after it, then FIN. Nothing is
	// reported of the connection any more.
	Close() error
}

// Handler is told, from within Poll, what happens on connections. Each call
// carries the tag that Open was given. Its methods may call everything but Poll.
type Handler interface {
	// Opened says that c can be used; began is when the attempt began.
	Opened(tag uint64, c Conn, began time.Time)
	// Failed says why a connection did not come about.
	Failed(tag uint64, err error)
	// Message delivers one message, which is valid during the call.
	Message(tag uint64, body []byte)
	// Control tells of a ping or pong of so many bytes; a ping has been answered.
	Control(tag uint64, size int)
	// Ended says how a connection that was opened ended, a *transport.CloseError.
	// It still has to be closed.
	Ended(tag uint64, err error)
}

// Loop is an event loop. One goroutine may use it, Wake aside.
type Loop struct {
	config  Config
	handler Handler
	targets [len(wire.Transports)]destination
	epoll   int
	wake    int // an eventfd

	slots []slot
	free  []int32 // slots that are not in use

	// By transport, so that a port that does not answer holds up no other.
	requests [len(wire.Transports)][]request // connections that are to be made
	dialing  [len(wire.Transports)]int       // handshakes under way

	ports     ports
	closing   int             // streams that are closed and still write
	outcomes  []func()        // to be reported by the next Poll
	turn      time.Time       // when this Poll began to read
	readable  []*stream       // that are to be read from, each in its turn
	filled    []*sharedSocket // the same
	unwritten []*stream       // with something queued since the last Flush
	unsent    []*sharedSocket // the same
	batches   batches
	watched   []*stream // that have, or had, a deadline
	looked    time.Time // at the deadlines
	spare     [][]byte  // write buffers that are not in use

	pace   pace
	heard  int // messages since the last look at the pace
	events []unix.EpollEvent
	in     []byte
	shared *sharing // nil unless UDP connections share sockets
}

// socket is what epoll reports on.
type socket interface {
	ready(events uint32)
	// abort frees the socket at once, a stream with a reset.
	abort()
}

// slot is where a socket is found again. The serial tells events of a socket
// from those of an earlier one in the same slot.
type slot struct {
	socket socket
	serial int32
}

// request is a connection that is to be made.
type request struct {
	transport wire.Transport
	tag       uint64
	seat      int
}

// New makes a loop. Close frees it. An address that cannot be resolved makes
// the connections to it fail, not New.
func New(config Config, handler Handler) (*Loop, error) {
	l := &Loop{
		config: config, handler: handler, ports: newPorts(),
		events: make([]unix.EpollEvent, eventBatch), in: make([]byte, max(bounds.TurnBytes, config.MaxDatagram+1)),
	}
	if l.config.MaxUnwritten == 0 {
		l.config.MaxUnwritten = bounds.Unwritten
	}
	for _, t := range wire.Transports {
		l.targets[t] = resolve(t, config.Addresses[t])
		if l.config.MaxMessage[t] == 0 {
			l.config.MaxMessage[t] = bounds.StreamMessage
		}
	}
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("make an event loop: %w", err)
	}
	if l.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		_ = unix.Close(l.epoll)
		return nil, fmt.Errorf("make an event loop: %w", err)
	}
	l.batches = newBatches(config) // Close frees it from here on
	if _, _, err = l.register(l.wake, unix.EPOLLIN, waker{l.wake}); err != nil {
		l.Close()
		return nil, fmt.Errorf("make an event loop: %w", err)
	}
	if len(config.Sources) > 1 {
		l.shared = newSharing(l)
	}
	return l, nil
}

// waker stands for the eventfd, which is readable from a Wake until the next Poll.
type waker struct{ eventfd int }

func (w waker) ready(uint32) {
	var count [8]byte
	_, _ = unix.Read(w.eventfd, count[:]) // it is there, and nobody else reads it
}

func (waker) abort() {}

// Wake makes the Poll that is under way return, or the next one return at once.
// Any goroutine may call it.
func (l *Loop) Wake() {
	one := [8]byte{1}
	_, _ = unix.Write(l.wake, one[:])
}

// Open begins to connect, which is reported to the handler later on. Of all
// connections that are open at one time on a transport, each needs a seat of
// its own, counted from 0: it decides on the source address, and on UDP on the
// shared socket.
func (l *Loop) Open(t wire.Transport, tag uint64, seat int) {
	l.requests[t] = append(l.requests[t], request{t, tag, seat})
}

// Queued calls visit with the tag of each connection that Open was called for
// and whose attempt has not begun.
func (l *Loop) Queued(visit func(tag uint64)) {
	for _, queue := range l.requests {
		for _, r := range queue {
			visit(r.tag)
		}
	}
}

// Poll waits up to limit for something to happen, without a bound when limit
// is negative, and reports it to the handler. What comes faster than it can be
// handled is left for the next calls, each connection in its turn. What the
// handler sent is written by Flush. The error is that of the system, and lasting.
func (l *Loop) Poll(limit time.Duration) error {
	l.dial()
	n, err := l.wait(limit)
	if err != nil {
		return fmt.Errorf("wait for sockets: %w", err)
	}
	l.turn = time.Now()
	for i := range l.events[:n] {
		e := &l.events[i]
		if s := &l.slots[e.Fd]; s.serial == e.Pad && s.socket != nil {
			s.socket.ready(e.Events)
		}
	}
	l.receive()
	l.read()
	l.report()
	l.pace.note(time.Now(), l.heard)
	l.heard = 0
	l.watch()
	return nil
}

// wait waits for events, not beyond limit and not when there is something else
// to do.
func (l *Loop) wait(limit time.Duration) (events int, err error) {
	switch {
	case len(l.outcomes) > 0, l.mayDial(), len(l.readable) > 0, len(l.filled) > 0:
		limit = 0
	case len(l.watched) > 0 && (limit < 0 || limit > watchEvery):
		limit = watchEvery
	}
	if pause := l.pace.pause(limit); pause > 0 {
		sleep(pause)
		if limit > 0 {
			limit -= pause
		}
	}
	return epollWait(l.epoll, l.events, limit)
}

// Flush writes what is queued.
func (l *Loop) Flush() {
	l.write()
	for i, k := range l.unsent {
		l.unsent[i] = nil
		k.flush()
	}
	l.unsent = l.unsent[:0]
}

// Close drops every connection, with a reset where there is one. Those that
// have been closed and still write get the time that they have for that.
func (l *Loop) Close() {
	l.handler = deaf{}
	clear(l.requests[:])
	var woken [8]byte
	_, _ = unix.Read(l.wake, woken[:]) // so that Poll waits again
	for end := time.Now().Add(transport.CloseTimeout); l.closing > 0 && time.Now().Before(end); {
		l.Flush()
		if err := l.Poll(watchEvery); err != nil {
			break
		}
	}
	for i := range l.slots {
		if s := l.slots[i].socket; s != nil {
			s.abort()
		}
	}
	l.batches.close()
	_ = unix.Close(l.wake)
	_ = unix.Close(l.epoll)
}

// deaf is a Handler that does nothing.
type deaf struct{}

func (deaf) Opened(uint64, Conn, time.Time) {}
func (deaf) Failed(uint64, error)           {}
func (deaf) Message(uint64, []byte)         {}
func (deaf) Control(uint64, int)            {}
func (deaf) Ended(uint64, error)            {}

// report tells the handler what is not due to an event: connections that need
// no handshake, and failures that were noticed outside of Poll.
func (l *Loop) report() {
	for i := 0; i < len(l.outcomes); i++ {
		l.outcomes[i]()
		l.outcomes[i] = nil
	}
	l.outcomes = l.outcomes[:0]
}

// register adds a socket to the loop.
func (l *Loop) register(fd int, events uint32, s socket) (place, serial int32, err error) {
	if n := len(l.free); n > 0 {
		place, l.free = l.free[n-1], l.free[:n-1]
	} else {
		place, l.slots = int32(len(l.slots)), append(l.slots, slot{})
	}
	entry := &l.slots[place]
	entry.socket = s
	entry.serial++
	event := unix.EpollEvent{Events: events, Fd: place, Pad: entry.serial}
	if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		l.release(place)
		return 0, 0, err
	}
	return place, entry.serial, nil
}

// want changes the events that a registered socket waits for.
func (l *Loop) want(fd int, place, serial int32, events uint32) {
	event := unix.EpollEvent{Events: events, Fd: place, Pad: serial}
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_MOD, fd, &event) // of a socket that is there, so it cannot fail
}

// release forgets a socket; the system takes it off the epoll instance when it
// is closed.
func (l *Loop) release(place int32) {
	l.slots[place].socket = nil
	l.free = append(l.free, place)
}

// dial starts connections, on each transport as many as may be under way.
func (l *Loop) dial() {
	for _, t := range wire.Transports {
		queue := &l.requests[t]
		for range dialBatch {
			if !l.mayDialOn(t) {
				break
			}
			r := (*queue)[0]
			if *queue = (*queue)[1:]; len(*queue) == 0 {
				*queue = nil
			}
			if err := l.start(r); err != nil {
				err = fmt.Errorf("connect to %s by %s: %w", l.config.Addresses[t], t, err)
				l.outcomes = append(l.outcomes, func() { l.handler.Failed(r.tag, err) })
			}
		}
	}
}

// mayDial reports whether an attempt can begin at once.
func (l *Loop) mayDial() bool {
	return slices.ContainsFunc(wire.Transports[:], l.mayDialOn)
}

// mayDialOn does the same for one transport. UDP is never at the bound, as
// startPacket and sharing do not count: there is no handshake to wait for.
func (l *Loop) mayDialOn(t wire.Transport) bool {
	return len(l.requests[t]) > 0 && l.dialing[t] < bounds.DialsAtOnce
}

func (l *Loop) start(r request) error {
	to := &l.targets[r.transport]
	if to.err != nil {
		return to.err
	}
	switch {
	case r.transport != wire.UDP:
		return l.startStream(r, to)
	case l.shared != nil:
		return l.shared.start(r)
	}
	return l.startPacket(r, to)
}

// source is what a connection binds to; nil when the system chooses.
func (l *Loop) source(seat int) unix.Sockaddr {
	if len(l.config.Sources) == 0 {
		return nil
	}
	return sockaddr(netip.AddrPortFrom(l.config.Sources[seat%len(l.config.Sources)], 0))
}
