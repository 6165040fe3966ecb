package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// Acceptor accepts connections whose server's end a test drives itself: as a Conn, which
// can send what no server would. A Listener is for servers.
type Acceptor struct {
	transport wire.Transport
	options   Options
	streams   net.Listener // nil on UDP
	packets   PacketConn   // nil on streams
	accepted  chan Conn
	ctx       context.Context // ends with Close
	cancel    context.CancelFunc
	working   sync.WaitGroup
}

// ListenForConns binds address, which is host:port; port 0 picks a free one. Of the options
// MaxMessage and, on WebSocket, Quirks count; there is no TLS.
func ListenForConns(network Network, t wire.Transport, address string, o Options) (*Acceptor, error) {
	a := &Acceptor{transport: t, options: o, accepted: make(chan Conn)}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	var err error
	if t == wire.UDP {
		a.packets, err = network.ListenPacket(address)
	} else {
		a.streams, err = network.ListenStream(address)
	}
	if err != nil {
		a.cancel()
		return nil, fmt.Errorf("listen on %s by %s: %w", address, t, err)
	}
	if t == wire.UDP {
		a.working.Go(a.readPackets)
	} else {
		a.working.Go(a.acceptStreams)
	}
	return a, nil
}

// Addr returns the address that was bound.
func (a *Acceptor) Addr() net.Addr {
	if a.packets != nil {
		return a.packets.LocalAddr()
	}
	return a.streams.Addr()
}

// Accept waits for the next connection; on UDP that is the first datagram of a remote
// address. A WebSocket is one whose handshake is done, by the rules of a server. It fails
// with net.ErrClosed after Close.
func (a *Acceptor) Accept() (Conn, error) {
	select {
	case c := <-a.accepted:
		return c, nil
	case <-a.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close stops accepting. Connections that were accepted stay, except on UDP.
func (a *Acceptor) Close() error {
	a.cancel()
	var err error
	if a.packets != nil {
		err = a.packets.Close()
	} else {
		err = a.streams.Close()
	}
	a.working.Wait()
	return err
}

// hand gives a connection to Accept, and drops it after Close.
func (a *Acceptor) hand(c Conn) {
	select {
	case a.accepted <- c:
	case <-a.ctx.Done():
		_ = c.Abort()
	}
}

func (a *Acceptor) acceptStreams() {
	for {
		raw, err := a.streams.Accept()
		if errors.Is(err, net.ErrClosed) || a.ctx.Err() != nil {
			if err == nil {
				_ = abort(raw)
			}
			return
		}
		if err != nil {
			continue // it was gone before it was accepted
		}
		a.working.Go(func() {
			if c, err := a.upgrade(raw); err == nil {
				a.hand(c)
			} else {
				_ = raw.Close()
			}
		})
	}
}

// upgrade returns the server's end of a stream.
func (a *Acceptor) upgrade(raw net.Conn) (Conn, error) {
	if a.transport == wire.TCP {
		return newTCPConn(raw, a.options), nil
	}
	c := newWebSocketConn(raw, a.options)
	c.role = websocket.Server
	ctx, cancel := context.WithTimeout(a.ctx, DialTimeout)
	defer cancel()
	return c, bounded(ctx, raw, func() error { return c.answerHandshake(a.options.Quirks) })
}

// answerHandshake reads the request of a client and answers it.
func (c *webSocketConn) answerHandshake(quirks Quirks) error {
	for request := (head{}); ; {
		if err := c.fill(); err != nil {
			return err
		}
		rest, complete, err := request.add(c.in)
		if err != nil {
			return err
		}
		if !complete {
			continue
		}
		c.in = rest
		c.messages = websocket.NewReader(websocket.Server, c.rules)
		answer, _, err := answerUpgrade(request.reader(), quirks)
		if _, failed := io.WriteString(c.raw, answer); failed != nil && err == nil {
			err = failed
		}
		return err
	}
}
