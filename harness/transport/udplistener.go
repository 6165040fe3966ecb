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
	limit   int
	writers sync.WaitGroup

	mu      sync.Mutex
	queue   datagrams
	writing bool // the writing goroutine is running
	silent  bool // nothing more is queued
	closed  bool
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

func listenUDP(network Network, address string, o Options) (Listener, error) {
	socket, err := network.ListenPacket(address)
	if err != nil {
		return nil, err
	}
	return &udpListener{socket: socket, limit: o.limit(wire.MaxDatagram)}, nil
}

func (u *udpListener) Transport() wire.Transport { return wire.UDP }

func (u *udpListener) Addr() net.Addr { return u.socket.LocalAddr() }

// Serve reports every datagram, empty ones included. One over the limit is truncated by
// the network (§2).
func (u *udpListener) Serve(h Handler) error {
	defer u.writers.Wait()
	buffer := make([]byte, u.limit)
	for {
		n, from, err := u.socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			if u.isClosed() {
				return nil
			}
			_ = u.Close()
			return fmt.Errorf("receive by udp on %s: %w", u.Addr(), err)
		}
		h.Message(udpLink{u, unmapped(from)}, buffer[:n])
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
	if !u.writing {
		u.writing = true
		u.writers.Go(u.drain)
	}
}

// drain writes datagrams until the queue is empty. One that cannot be written is lost,
// as any datagram may be.
func (u *udpListener) drain() {
	var batch datagrams
	for u.swap(&batch) {
		start := 0
		for _, d := range batch.ends {
			_, _ = u.socket.WriteToUDPAddrPort(batch.bytes[start:d.end], d.to)
			start = d.end
		}
	}
}

// swap exchanges a written batch for the whole queue. It returns false to end the
// goroutine.
func (u *udpListener) swap(batch *datagrams) bool {
	batch.bytes, batch.ends = batch.bytes[:0], batch.ends[:0]
	u.mu.Lock()
	defer u.mu.Unlock()
	u.queue, *batch = *batch, u.queue
	u.writing = len(batch.ends) > 0
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
