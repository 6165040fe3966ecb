package memory

import (
	"context"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// backlog is the number of connections that wait to be accepted before dialers block.
const backlog = 1024

// listener accepts streams: it returns the server's ends.
type listener struct {
	address netip.AddrPort
	release func() // frees the port
	waiting chan *streamConn
	closing sync.Once
	done    chan struct{}
}

func newListener() *listener {
	return &listener{waiting: make(chan *streamConn, backlog), done: make(chan struct{})}
}

// offer gives the listener a connection to accept.
func (l *listener) offer(ctx context.Context, server *streamConn) error {
	select {
	case l.waiting <- server:
	case <-l.done:
		return os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-l.done: // closed meanwhile: nobody will accept the connection
		l.dropWaiting()
	default:
	}
	return nil
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.done:
	default:
		select {
		case c := <-l.waiting:
			return c, nil
		case <-l.done:
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.address) }

// Close stops listening, and resets the connections that were not accepted.
func (l *listener) Close() error {
	err := error(&net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed})
	l.closing.Do(func() {
		l.release()
		close(l.done)
		l.dropWaiting()
		err = nil
	})
	return err
}

func (l *listener) dropWaiting() {
	for {
		select {
		case c := <-l.waiting:
			c.drop()
		default:
			return
		}
	}
}
