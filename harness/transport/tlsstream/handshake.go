package tlsstream

import (
	"crypto/tls"
	"net"
	"sync"
)

// maxWaiting is the number of received bytes from which on a handshake wants no more
// until it has read them.
const maxWaiting = 32 << 10

// Handshakes runs the handshakes of one event loop, each on a goroutine for as long as
// it takes. One of them computes at a time and the others wait, for the network or for
// their turn: a hundred that compute at once would keep the event loop from the
// processor for longer than a heartbeat may be late.
type Handshakes struct {
	wake    func()
	turn    chan struct{} // holds an element while a handshake computes
	running sync.WaitGroup

	mu      sync.Mutex
	changed []*handshake
}

// NewHandshakes returns a Handshakes. It calls wake, from any goroutine, when Report
// has something to report.
func NewHandshakes(wake func()) *Handshakes {
	return &Handshakes{wake: wake, turn: make(chan struct{}, 1)}
}

// Begin begins the handshake of a client. Report will call changed whenever Output may
// have something, Handshake another result, or Full may have become false. Only a
// stream whose handshake has succeeded can be read and written.
func (h *Handshakes) Begin(config *tls.Config, changed func()) *Stream {
	s := &Stream{}
	s.pipe.handshake = &handshake{all: h, changed: changed, received: make(chan struct{}, 1)}
	s.conn = tls.Client(&s.pipe, config)
	h.running.Add(1)
	go s.pipe.handshake.run(s.conn)
	return s
}

// Report calls the changed functions of the handshakes that something has become of
// since the last call.
func (h *Handshakes) Report() {
	h.mu.Lock()
	changed := h.changed
	h.changed = nil
	for _, c := range changed {
		c.listed = false
	}
	h.mu.Unlock()
	for _, c := range changed {
		c.changed()
	}
}

// Wait returns when the last handshake is over. Interrupt ends one.
func (h *Handshakes) Wait() { h.running.Wait() }

// handshake is the state that a handshake has besides that of its stream.
type handshake struct {
	all      *Handshakes
	changed  func()
	received chan struct{} // has an element if in or end may be new
	listed   bool          // a member of all.changed

	mu   sync.Mutex
	in   []byte
	end  error
	out  []byte
	over bool
	err  error // result, once it is over
}

// run makes the handshake.
func (h *handshake) run(conn *tls.Conn) {
	defer h.all.running.Done()
	h.all.turn <- struct{}{}
	err := conn.Handshake()
	<-h.all.turn
	h.mu.Lock()
	h.over, h.err = true, err
	h.mu.Unlock()
	h.note()
}

// note has Report report this handshake.
func (h *handshake) note() {
	all := h.all
	all.mu.Lock()
	first := len(all.changed) == 0
	if !h.listed {
		h.listed = true
		all.changed = append(all.changed, h)
	}
	all.mu.Unlock()
	if first {
		all.wake()
	}
}

// read waits for received bytes, without its turn.
func (h *handshake) read(b []byte) (int, error) {
	for {
		n, wasFull, err := h.take(b)
		if wasFull {
			h.note()
		}
		if n > 0 || err != nil {
			return n, err
		}
		<-h.all.turn
		<-h.received
		h.all.turn <- struct{}{}
	}
}

// take reads without waiting. It reports whether the handshake wants more again.
func (h *handshake) take(b []byte) (n int, wasFull bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.in) == 0 {
		return 0, false, h.end
	}
	wasFull = len(h.in) >= maxWaiting
	n = copy(b, h.in)
	h.in = h.in[n:]
	return n, wasFull && len(h.in) < maxWaiting, nil
}

func (h *handshake) write(b []byte) {
	h.mu.Lock()
	h.out = append(h.out, b...)
	h.mu.Unlock()
	h.note()
}

// feed adds received bytes, or says that there will be no more.
func (h *handshake) feed(in []byte, end error) {
	h.mu.Lock()
	h.in = append(h.in, in...)
	if h.end == nil {
		h.end = end
	}
	h.mu.Unlock()
	select {
	case h.received <- struct{}{}:
	default: // it is awake already
	}
}

// interrupt makes the handshake fail as soon as it is its turn.
func (h *handshake) interrupt() {
	h.mu.Lock()
	h.in = nil
	h.mu.Unlock()
	h.feed(nil, net.ErrClosed)
}
