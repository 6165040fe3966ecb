package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"imcheck/protocol/wire"
)

// maxDatagramQueue is the largest write queue of a UDP listener in bytes. Further
// datagrams are dropped, as by the full buffer of a socket.
const maxDatagramQueue = 4 << 20

// udpListener serves all remote addresses over one socket.
type udpListener struct {
	socket  PacketConn
	calls   datagramCalls // nil where a system call is for one datagram
	limit   int
	writers sync.WaitGroup
	batch   datagrams // being written, by whoever has set writing

	mu      sync.Mutex
	queue   datagrams
	held    bool // what is queued waits for the end of a batch of messages
	writing bool // somebody writes batch
	silent  bool // nothing more is queued
	closed  bool
}

// datagramCalls receives and sends many datagrams of a socket in one system call.
type datagramCalls interface {
	// receive waits for datagrams and returns their number.
	receive() (n int, err error)
	// received returns one of them, which is valid until the next call of receive.
	received(i int) (from netip.AddrPort, body []byte)
	// send sends datagrams from one on and returns how many are sent or lost: all of them if
	// it may wait, else as many as the socket has room for.
	send(d *datagrams, first int, wait bool) (sent int)
}

// datagrams is a queue of datagrams in one buffer, so that thousands take no allocation
// each.
type datagrams struct {
	bytes []byte
	ends  []datagramEnd
}

type datagramEnd struct {
	to  netip.AddrPort
	end int // in the buffer
}

func (d *datagrams) add(to netip.AddrPort, body []byte) {
	d.bytes = append(d.bytes, body...)
	d.ends = append(d.ends, datagramEnd{to, len(d.bytes)})
}

// start returns where a datagram begins in the buffer.
func (d *datagrams) start(i int) int {
	if i == 0 {
		return 0
	}
	return d.ends[i-1].end
}

func (d *datagrams) empty() { d.bytes, d.ends = d.bytes[:0], d.ends[:0] }

func listenUDP(network Network, address string, o Options) (Listener, error) {
	socket, err := network.ListenPacket(address)
	if err != nil {
		return nil, err
	}
	limit := o.limit(wire.MaxDatagram)
	return &udpListener{socket: socket, calls: newDatagramCalls(socket, limit), limit: limit}, nil
}

func (u *udpListener) Transport() wire.Transport { return wire.UDP }

func (u *udpListener) Addr() net.Addr { return u.socket.LocalAddr() }

// Serve reports every datagram, empty ones included. One over the limit is truncated by
// the network (§2).
func (u *udpListener) Serve(h Handler) (err error) {
	defer u.writers.Wait()
	if u.calls == nil {
		err = u.serveEach(h)
	} else {
		err = u.serveBatches(h)
	}
	if u.isClosed() {
		return nil
	}
	_ = u.Close()
	return fmt.Errorf("receive by udp on %s: %w", u.Addr(), err)
}

// serveEach reports one datagram after the other, until receiving fails.
func (u *udpListener) serveEach(h Handler) error {
	buffer := make([]byte, u.limit)
	for {
		n, from, err := u.socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return err
		}
		h.Message(udpLink{u, unmapped(from)}, buffer[:n])
	}
}

// serveBatches reports as many datagrams at once as have arrived, and then writes the
// answers to them, until receiving fails.
func (u *udpListener) serveBatches(h Handler) error {
	var arrived []Arrival
	for {
		n, err := u.calls.receive()
		if err != nil {
			return err
		}
		arrived = arrived[:0]
		for i := range n {
			from, body := u.calls.received(i)
			arrived = append(arrived, Arrival{Transport: wire.UDP, Remote: from, Body: body, datagram: u})
		}
		u.hold()
		deliver(h, arrived)
		u.release()
	}
}

func (u *udpListener) isClosed() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.closed
}

// Shutdown writes what is queued, and sends nothing after that.
func (u *udpListener) Shutdown(ctx context.Context) error {
	u.mu.Lock()
	u.silent = true
	u.mu.Unlock()
	written := make(chan struct{})
	go func() {
		u.writers.Wait()
		close(written)
	}()
	select {
	case <-written:
	case <-ctx.Done():
	}
	return u.Close()
}

func (u *udpListener) Close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return nil
	}
	u.closed, u.queue = true, datagrams{}
	return u.socket.Close()
}

func (u *udpListener) send(to netip.AddrPort, body []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed || u.silent || len(u.queue.bytes)+len(body) > maxDatagramQueue {
		return
	}
	u.queue.add(to, body)
	if !u.writing && !u.held {
		u.writing = true
		u.writers.Go(u.drain)
	}
}

// hold keeps what is queued until release.
func (u *udpListener) hold() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.silent {
		u.held = true
		u.writers.Add(1)
	}
}

// release writes what is queued, without waiting for the socket: a goroutine does that.
func (u *udpListener) release() {
	u.mu.Lock()
	held := u.held
	u.held = false
	mine := held && !u.writing && u.swap()
	u.mu.Unlock()
	if !held {
		return
	}
	defer u.writers.Done()
	if !mine {
		return
	}
	if sent := u.calls.send(&u.batch, 0, false); sent < len(u.batch.ends) {
		u.writers.Go(func() {
			u.calls.send(&u.batch, sent, true)
			u.drain()
		})
		return
	}
	u.batch.empty()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.writing = len(u.queue.ends) > 0; u.writing {
		u.writers.Go(u.drain)
	}
}

// drain writes datagrams until the queue is empty. One that cannot be written is lost,
// as any datagram may be.
func (u *udpListener) drain() {
	for u.next() {
		if u.calls != nil {
			u.calls.send(&u.batch, 0, true)
			continue
		}
		start := 0
		for _, d := range u.batch.ends {
			_, _ = u.socket.WriteToUDPAddrPort(u.batch.bytes[start:d.end], d.to)
			start = d.end
		}
	}
}

// next is swap with the lock.
func (u *udpListener) next() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.swap()
}

// swap exchanges a written batch for the whole queue. It returns false if there is nothing
// to write. It is called with mu held.
func (u *udpListener) swap() bool {
	u.batch.empty()
	u.queue, u.batch = u.batch, u.queue
	u.writing = len(u.batch.ends) > 0
	return u.writing
}

// udpLink is one remote address of a listener. Two are equal with == if they are the
// same address of the same listener.
type udpLink struct {
	listener *udpListener
	remote   netip.AddrPort
}

func (l udpLink) Transport() wire.Transport { return wire.UDP }

func (l udpLink) Send(body []byte) { l.listener.send(l.remote, body) }

// Close does nothing: UDP has no connection to end (§2).
func (l udpLink) Close() {}

// GoAway does nothing, as Close.
func (l udpLink) GoAway() {}

func (l udpLink) RemoteAddr() netip.AddrPort { return l.remote }
