package eventloop

import (
	"crypto/tls"
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
	// eventBatch is the number of ready sockets that one Poll handles: few enough for
	// the answers to be written within a millisecond or so.
	eventBatch = 128
	// dialBatch is the number of connections of a transport that one Poll begins. Each
	// takes several system calls, which delay what is due meanwhile.
	dialBatch = 8
)

// Config configures a Loop.
type Config struct {
	Addresses [len(wire.Transports)]string // host:port by transport, to which Open connects
	Upgrade   transport.UpgradeRequest     // the way to request a WebSocket
	// Sources are the source addresses of connections, each for destinations of its family;
	// where there is none the system chooses. With more than one of IPv4, UDP connections
	// share sockets: each socket serves all source addresses on a port of its own.
	Sources []netip.Addr
	// TLS has the configurations of the stream transports, nil for those without TLS. One
	// without a server name gets the host of the address as one.
	TLS [len(wire.Transports)]*tls.Config
	// MaxDatagram is the largest datagram received, in bytes.
	MaxDatagram int
	// MaxMessage is the largest message received on each stream transport, in bytes; 0
	// means bounds.StreamMessage.
	MaxMessage [len(wire.Transports)]int
	// MaxUnwritten is the number of bytes that may wait to be written on a stream,
	// besides one message; 0 means bounds.Unwritten.
	MaxUnwritten int
	// Gather is how long messages with a stamp of their arrival may wait for more, to be
	// handled together: it delays the answers to them. Less than 200 µs means that.
	Gather time.Duration
	// WithoutRing makes every read and write of a stream a system call of its own, as
	// happens anyway if io_uring is missing or forbidden.
	WithoutRing bool
}

// Conn is one connection. Only the goroutine of its Loop may use it.
type Conn interface {
	// Send queues one message, framed for the transport, until the next Flush. A failure
	// to write it is reported as the end of the connection. The error is a
	// *transport.CloseError: the connection has ended, or its peer does not read and more
	// than MaxUnwritten bytes are queued.
	Send(body []byte) error
	// Close closes the connection in an orderly way: it writes what is queued, on
	// WebSocket a close frame with code 1000 after that, then the FIN. Nothing more is
	// reported about the connection.
	Close() error
	// Mute has nothing more be written, as if this end had lost its power: what is queued and
	// what Send is given is dropped, a ping or a close frame is not answered, and Close resets
	// a stream. What arrives is still reported.
	Mute()
}

// Handler handles what happens on connections. Its methods are called by Poll, with the
// tag that was given to Open, and may call any method but Poll.
type Handler interface {
	// Opened reports that c can be used. The attempt to connect began at began.
	Opened(tag uint64, c Conn, began time.Time)
	// Failed reports why an attempt to connect failed.
	Failed(tag uint64, err error)
	// Message delivers one message, which is valid during the call.
	Message(tag uint64, body []byte)
	// Control reports a ping or pong of size bytes; a ping has been answered.
	Control(tag uint64, size int)
	// Ended reports the end of an open connection, a *transport.CloseError. The
	// connection still has to be closed.
	Ended(tag uint64, err error)
}

// Loop is an event loop. Only one goroutine may use it, except for Wake.
type Loop struct {
	config  Config
	handler Handler
	targets [len(wire.Transports)]*destination
	nodes   map[transport.Node]*destination // of OpenTo
	sources map[int][]netip.Addr            // by family
	shared  *sharing                        // nil unless UDP connections of IPv4 share sockets

	// Events.
	epoll  int
	wake   int // an eventfd
	events []unix.EpollEvent
	slots  []slot
	free   []int32 // unused slots

	// Connecting, by transport, so that a port that does not answer delays no other.
	requests [len(wire.Transports)][]request // connections to begin
	dialing  [len(wire.Transports)]int       // handshakes in progress
	ports    ports
	outcomes []func() // outcomes that the next Poll reports

	// TLS.
	secure secureStreams

	// Reading.
	turn       time.Time       // time at which this Poll began to read
	waited     time.Time       // the same of the Poll before it
	arrived    time.Time       // arrival of the datagram that is being handled; zero when the system does not say
	readable   []*stream       // streams to read from, each in its turn
	filled     []*sharedSocket // shared sockets to receive from
	received   int             // messages in this Poll
	stamped    int             // those of them with the time of their arrival
	coalescing coalescer
	in         []byte

	// Writing.
	unwritten []*stream       // streams with something queued since the last Flush
	unsent    []*sharedSocket // shared sockets with something queued
	batches   batches
	spare     [][]byte // unused write buffers

	// Deadlines and ends.
	watched []*stream // streams that have, or had, a deadline
	checked time.Time // time of the last check of the deadlines
	closing int       // closed streams that still write
}

// socket is registered with epoll.
type socket interface {
	ready(events uint32)
	// abort frees the socket at once, a stream with a reset.
	abort()
}

// slot refers to a registered socket. The serial distinguishes its events from those of
// an earlier socket in the same slot.
type slot struct {
	socket socket
	serial int32
}

// request is a connection to begin.
type request struct {
	transport wire.Transport
	tag       uint64
	seat      int
	to        *destination
}

// New returns a loop, which Close frees. An address that cannot be resolved makes the
// connections to it fail, not New.
func New(config Config, handler Handler) (*Loop, error) {
	l := &Loop{
		config: config, handler: handler, ports: newPorts(), nodes: map[transport.Node]*destination{}, sources: map[int][]netip.Addr{},
		events: make([]unix.EpollEvent, eventBatch), in: make([]byte, max(bounds.TurnBytes, config.MaxDatagram+1)),
		coalescing: newCoalescer(config.Gather),
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
	l.secure = newSecureStreams(config, l.Wake)
	l.batches = newBatches(config) // Close frees it from here on
	if _, _, err = l.register(l.wake, unix.EPOLLIN, waker{l.wake}); err != nil {
		l.Close()
		return nil, fmt.Errorf("make an event loop: %w", err)
	}
	for _, source := range config.Sources {
		l.sources[familyOf(source)] = append(l.sources[familyOf(source)], source)
	}
	if len(l.sources[unix.AF_INET]) > 1 {
		l.shared = newSharing(l)
	}
	return l, nil
}

// waker is the socket of the eventfd, which is readable from a Wake until the next Poll.
type waker struct{ eventfd int }

func (w waker) ready(uint32) {
	var count [8]byte
	_, _ = unix.Read(w.eventfd, count[:]) // cannot fail: it is readable, and nobody else reads it
}

func (waker) abort() {}

// Wake makes the Poll in progress return, or else the next one at once. Any goroutine
// may call it.
func (l *Loop) Wake() {
	one := [8]byte{1}
	_, _ = unix.Write(l.wake, one[:])
}

// Open begins to connect; the handler gets the outcome. Each of the connections that
// are open at one time on a transport needs a seat of its own, counted from 0: it
// determines the source address, and on UDP the shared socket.
func (l *Loop) Open(t wire.Transport, tag uint64, seat int) {
	l.requests[t] = append(l.requests[t], request{t, tag, seat, l.targets[t]})
}

// OpenTo is Open for one address of several.
func (l *Loop) OpenTo(t wire.Transport, tag uint64, seat int, node transport.Node) {
	to := l.nodes[node]
	if to == nil {
		to = newDestination(node)
		l.nodes[node] = to
	}
	l.requests[t] = append(l.requests[t], request{t, tag, seat, to})
}

// Queued calls visit with the tag of each connection that Open has queued and that has
// not begun.
func (l *Loop) Queued(visit func(tag uint64)) {
	for _, queue := range l.requests {
		for _, r := range queue {
			visit(r.tag)
		}
	}
}

// Poll waits up to limit for events, without a bound if limit is negative, and reports
// them to the handler. What arrives faster than it can be handled is left to the next
// calls, each connection in its turn. Flush writes what the handler has sent. An error
// of the system is permanent.
func (l *Loop) Poll(limit time.Duration) error {
	l.dial()
	n, err := l.wait(limit)
	if err != nil {
		return fmt.Errorf("wait for sockets: %w", err)
	}
	l.waited, l.turn = l.turn, time.Now()
	for i := range l.events[:n] {
		e := &l.events[i]
		if s := &l.slots[e.Fd]; s.serial == e.Pad && s.socket != nil {
			s.socket.ready(e.Events)
		}
	}
	l.receive()
	l.read()
	l.secure.handshakes.Report()
	l.report()
	l.coalescing.observe(time.Now(), l.received, l.received-l.stamped)
	l.received, l.stamped = 0, 0
	l.watch()
	return nil
}

// wait waits for events, up to limit and only if there is nothing else to do.
func (l *Loop) wait(limit time.Duration) (events int, err error) {
	switch {
	case len(l.outcomes) > 0, l.mayDial(), len(l.readable) > 0, len(l.filled) > 0:
		limit = 0
	case len(l.watched) > 0 && (limit < 0 || limit > watchEvery):
		limit = watchEvery
	}
	if pause := l.coalescing.delay(limit); pause > 0 {
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

// Close drops every connection, a stream with a reset. Closed connections that still
// write may go on for transport.CloseTimeout.
func (l *Loop) Close() {
	l.handler = discard{}
	clear(l.requests[:])
	var woken [8]byte
	_, _ = unix.Read(l.wake, woken[:]) // so that Poll waits
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
	l.batches.Close()
	l.secure.handshakes.Wait() // they call Wake
	_ = unix.Close(l.wake)
	_ = unix.Close(l.epoll)
}

// discard is a Handler that ignores everything.
type discard struct{}

func (discard) Opened(uint64, Conn, time.Time) {}
func (discard) Failed(uint64, error)           {}
func (discard) Message(uint64, []byte)         {}
func (discard) Control(uint64, int)            {}
func (discard) Ended(uint64, error)            {}

// report reports what is not caused by an event: connections without a handshake, and
// failures outside of Poll.
func (l *Loop) report() {
	for i := 0; i < len(l.outcomes); i++ {
		l.outcomes[i]()
		l.outcomes[i] = nil
	}
	l.outcomes = l.outcomes[:0]
}

// register adds a socket to the loop. It returns its slot and the serial of its events.
func (l *Loop) register(fd int, events uint32, s socket) (index, serial int32, err error) {
	if n := len(l.free); n > 0 {
		index, l.free = l.free[n-1], l.free[:n-1]
	} else {
		index, l.slots = int32(len(l.slots)), append(l.slots, slot{})
	}
	entry := &l.slots[index]
	entry.socket = s
	entry.serial++
	event := unix.EpollEvent{Events: events, Fd: index, Pad: entry.serial}
	if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		l.release(index)
		return 0, 0, err
	}
	return index, entry.serial, nil
}

// want changes the events that a registered socket waits for.
func (l *Loop) want(fd int, index, serial int32, events uint32) {
	event := unix.EpollEvent{Events: events, Fd: index, Pad: serial}
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_MOD, fd, &event) // cannot fail: the socket is registered
}

// release frees the slot of a socket. Closing the socket removes it from the epoll
// instance.
func (l *Loop) release(index int32) {
	l.slots[index].socket = nil
	l.free = append(l.free, index)
}

// dial begins connections, on each transport as many as may be in progress.
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
				err = fmt.Errorf("connect to %s by %s: %w", r.to, t, err)
				l.outcomes = append(l.outcomes, func() { l.handler.Failed(r.tag, err) })
			}
		}
	}
}

// mayDial reports whether an attempt can begin at once.
func (l *Loop) mayDial() bool {
	return slices.ContainsFunc(wire.Transports[:], l.mayDialOn)
}

// mayDialOn does so for one transport. UDP never reaches the bound: without a handshake
// its connections are not counted.
func (l *Loop) mayDialOn(t wire.Transport) bool {
	return len(l.requests[t]) > 0 && l.dialing[t] < bounds.DialsAtOnce
}

func (l *Loop) start(r request) error {
	if r.to.err != nil {
		return r.to.err
	}
	switch {
	case r.transport != wire.UDP:
		return l.startStream(r, r.to)
	case l.shared != nil && r.to.family == unix.AF_INET:
		return l.shared.start(r)
	}
	return l.startPacket(r, r.to)
}

// source returns the address that a connection binds to, or nil if the system chooses.
func (l *Loop) source(seat, family int) unix.Sockaddr {
	sources := l.sources[family]
	if len(sources) == 0 {
		return nil
	}
	return sockaddr(netip.AddrPortFrom(sources[seat%len(sources)], 0))
}
