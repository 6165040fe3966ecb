package transport

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/harness/transport/batch"
)

const (
	// loopBatch is the number of reads, or writes, that a loop makes at once.
	loopBatch = 128
	// loopPart is the size of the buffer of each read in bytes. What is longer takes another
	// read.
	loopPart = 4 << 10
	// loopKeep is the capacity in bytes up to which a write buffer is used again.
	loopKeep = 4 << 10
	// checkEvery is the period at which a loop checks deadlines.
	checkEvery = 50 * time.Millisecond
)

// streamLoop reads and writes many links on one goroutine. What others tell it is under its
// lock; the rest is its own.
type streamLoop struct {
	all      *linuxLoops
	listener *streamListener
	handler  Handler
	epoll    int
	wake     int // an eventfd
	events   []unix.EpollEvent
	slots    []loopSlot
	unused   []int32 // unused slots
	links    int     // that are in slots

	// Reading.
	readable []*loopLink
	reads    []batch.Operation[*loopLink]
	buffer   []byte    // a part for each read
	arrived  []Arrival // messages that were read and not delivered yet
	ends     []loopEnd // links whose end was read, to be ended after that

	// Writing.
	unwritten []*loopLink
	writes    []batch.Operation[*loopLink]
	streams   batch.Streams[*loopLink]

	// Deadlines.
	timed   []*loopLink // links that have, or had, a deadline
	checked time.Time

	mu        sync.Mutex
	waiting   bool             // for events: it has to be woken to look at what follows
	told      bool             // something that it has not looked at
	accepted  []acceptedStream // links to begin
	scheduled []*loopLink      // links with something to write, or to end
	spare     [][]byte         // unused write buffers
	stopping  bool             // nothing more is accepted
	dropping  bool
	over      bool // it has ended
}

// acceptedStream is a connection that was accepted.
type acceptedStream struct {
	fd     int
	remote netip.AddrPort
}

// loopSlot refers to a link that epoll knows. The serial tells its events from those of an
// earlier link in the same slot.
type loopSlot struct {
	link   *loopLink
	serial int32
}

// loopEnd is the end of a link that reading it has shown.
type loopEnd struct {
	link   *loopLink
	reason error
}

func newStreamLoop(all *linuxLoops, s *streamListener, h Handler) (*streamLoop, error) {
	l := &streamLoop{
		all: all, listener: s, handler: h, events: make([]unix.EpollEvent, loopBatch), buffer: make([]byte, loopBatch*loopPart),
	}
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if l.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		err = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, l.wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: wakeSlot})
	}
	if err != nil {
		_ = unix.Close(l.epoll)
		return nil, err
	}
	l.streams = batch.NewStreams[*loopLink](loopBatch)
	return l, nil
}

// wakeSlot is that of the eventfd.
const wakeSlot = -1

func (l *streamLoop) free() {
	l.streams.Close()
	_ = unix.Close(l.wake)
	_ = unix.Close(l.epoll)
}

// tell changes what is under the lock, and has the loop look at it.
func (l *streamLoop) tell(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.rouse()
}

// rouse has the loop look at what it was told. It is called with mu held.
func (l *streamLoop) rouse() {
	l.told = true
	if l.all.delivering.Load() == 0 {
		l.wakeUp()
	}
}

// wakeUp ends the wait of a loop that was told something. It is called with mu held.
func (l *streamLoop) wakeUp() {
	if l.told && l.waiting && !l.over {
		l.waiting = false
		one := [8]byte{1}
		_, _ = unix.Write(l.wake, one[:])
	}
}

// add gives the loop a connection; false reports that it has ended.
func (l *streamLoop) add(s acceptedStream) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.dropping {
		return false
	}
	l.accepted = append(l.accepted, s)
	l.rouse()
	return true
}

// run serves until the listener is stopped and the last link has ended.
func (l *streamLoop) run() {
	for l.obey() {
		l.turn()
	}
	l.free()
}

// turn waits for events and handles them.
func (l *streamLoop) turn() {
	n, err := unix.EpollWait(l.epoll, l.events, l.patience())
	if err != nil {
		n = 0 // interrupted: it cannot fail otherwise
	}
	l.mu.Lock()
	l.waiting = false
	l.mu.Unlock()
	for i := range l.events[:n] {
		l.happened(&l.events[i])
	}
	l.read()
	l.check()
}

// patience returns for how long the loop may wait for events, in milliseconds; -1 for ever.
func (l *streamLoop) patience() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = !l.told && len(l.unwritten) == 0
	switch {
	case !l.waiting:
		return 0
	case len(l.timed) > 0:
		return int(checkEvery / time.Millisecond)
	}
	return -1
}

// happened handles an event.
func (l *streamLoop) happened(e *unix.EpollEvent) {
	if e.Fd == wakeSlot {
		var count [8]byte
		_, _ = unix.Read(l.wake, count[:])
		return
	}
	s := &l.slots[e.Fd]
	if s.link == nil || s.serial != e.Pad {
		return
	}
	k := s.link
	if e.Events&(unix.EPOLLOUT|unix.EPOLLERR|unix.EPOLLHUP) != 0 && k.blocked {
		k.blocked = false
		l.toWrite(k)
	}
	if e.Events&^uint32(unix.EPOLLOUT) != 0 && k.state != finishing {
		l.readable = append(l.readable, k)
	}
}

// obey does what the loop was told, and writes what is queued. It returns false once the loop
// is over.
func (l *streamLoop) obey() (goOn bool) {
	l.mu.Lock()
	accepted, scheduled, dropping := l.accepted, l.scheduled, l.dropping
	l.accepted, l.scheduled, l.told = nil, nil, false
	for _, k := range scheduled {
		k.scheduled = false
	}
	l.mu.Unlock()
	for _, s := range accepted {
		l.begin(s)
	}
	if dropping {
		l.dropAll()
	}
	for _, k := range scheduled {
		k.obey()
	}
	l.write()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.scheduled == nil {
		clear(scheduled)
		l.scheduled = scheduled[:0]
	}
	l.over = l.stopping && l.links == 0 && len(l.accepted) == 0
	return !l.over
}

// begin begins a link.
func (l *streamLoop) begin(s acceptedStream) {
	k := newLoopLink(l, s)
	if err := l.register(k); err != nil || !l.handler.Open(k) {
		l.release(k)
		return
	}
	k.decoder = l.listener.protocol.decoder(&k.out, k.limit(), l.listener.options.Quirks)
}

func (l *streamLoop) register(k *loopLink) error {
	if n := len(l.unused); n > 0 {
		k.slot, l.unused = l.unused[n-1], l.unused[:n-1]
	} else {
		k.slot, l.slots = int32(len(l.slots)), append(l.slots, loopSlot{})
	}
	s := &l.slots[k.slot]
	s.link = k
	s.serial++
	l.links++
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: k.slot, Pad: s.serial}
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, int(k.fd), &event)
}

// want changes the events that a link waits for.
func (l *streamLoop) want(k *loopLink, events uint32) {
	event := unix.EpollEvent{Events: events, Fd: k.slot, Pad: l.slots[k.slot].serial}
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_MOD, int(k.fd), &event) // cannot fail: it is registered
}

// release closes the socket of a link, which epoll forgets by that.
func (l *streamLoop) release(k *loopLink) {
	if k.state == gone {
		return
	}
	k.state, k.deadline = gone, time.Time{}
	_ = unix.Close(int(k.fd))
	l.slots[k.slot].link = nil
	l.unused = append(l.unused, k.slot)
	l.links--
	l.giveBack(k.unsent)
	k.unsent = nil
	k.out.drop()
	k.out.nextBatch(nil) // nothing is being written any more
}

// read reads from the links that are readable, a batch at a time, and delivers what has
// arrived.
func (l *streamLoop) read() {
	for _, k := range l.readable {
		part := l.buffer[len(l.reads)*loopPart:][:loopPart]
		l.reads = append(l.reads, batch.Operation[*loopLink]{Stream: k, FD: k.fd, Bytes: part})
	}
	clear(l.readable)
	l.readable = l.readable[:0]
	l.streams.Run(l.reads)
	for i := range l.reads {
		l.reads[i].Stream.received(&l.reads[i])
	}
	clear(l.reads)
	l.reads = l.reads[:0]
	if len(l.arrived) > 0 {
		l.deliver()
	}
	for _, e := range l.ends {
		e.link.end(e.reason)
	}
	clear(l.ends)
	l.ends = l.ends[:0]
}

// deliver delivers what has arrived, and writes the answers. Other loops that have something
// to write are woken only after that: their wake could delay both, and the lock of the
// handler.
func (l *streamLoop) deliver() {
	l.all.delivering.Add(1)
	l.handOver()
	l.obey()
	l.all.delivering.Add(-1)
	for _, other := range l.all.loops {
		other.mu.Lock()
		other.wakeUp()
		other.mu.Unlock()
	}
}

// handOver hands what has arrived to the handler.
func (l *streamLoop) handOver() {
	if len(l.arrived) == 0 {
		return
	}
	deliver(l.handler, l.arrived)
	clear(l.arrived)
	l.arrived = l.arrived[:0]
}

// check handles the deadlines that are over, at most once in checkEvery.
func (l *streamLoop) check() {
	batch.CheckDeadlines(&l.timed, &l.checked, checkEvery, func(k *loopLink) time.Time { return k.deadline }, func(k *loopLink) {
		k.timed = false // lapse may set a deadline again
		if !k.deadline.IsZero() {
			k.lapse()
		}
	})
}

// dropAll drops every link.
func (l *streamLoop) dropAll() {
	for i := range l.slots {
		if k := l.slots[i].link; k != nil {
			k.drop()
		}
	}
}
