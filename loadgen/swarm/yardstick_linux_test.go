package swarm

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// yardstick is bare Go, crypto/tls included: a goroutine a connection, which writes, and reads what
// comes back. It neither encodes nor decodes.
type yardstick struct {
	conns []net.Conn
	frame []byte // that a client sends
	size  int    // size of the answer
}

func newYardstick(b *testing.B, t wire.Transport, address string, secure *tls.Config) *yardstick {
	b.Helper()
	y := &yardstick{}
	body := echoMessage()
	switch t {
	case wire.UDP:
		y.frame, y.size = body, len(body)
	case wire.TCP:
		y.frame = wire.AppendFrame(nil, body)
		y.size = len(y.frame)
	case wire.WS:
		y.frame = websocket.Frame{Fin: true, Opcode: websocket.OpText, Masked: true, Payload: body}.Append(nil)
		y.size = len(y.frame) - 4 // without the mask
	}
	for range echoClients {
		c, err := transport.Dial(context.Background(), transport.OS{}, t, address, transport.Options{TLS: secure})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		y.conns = append(y.conns, c.Raw())
	}
	return y
}

// exchange makes so many round trips, shared out among the connections as they
// come.
func (y *yardstick) exchange(b *testing.B, messages int) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(messages))
	failures := make([]error, len(y.conns))
	var running sync.WaitGroup
	for i, c := range y.conns {
		running.Go(func() {
			in := make([]byte, len(y.frame))
			for left.Add(-1) >= 0 && failures[i] == nil {
				if _, failures[i] = c.Write(y.frame); failures[i] == nil {
					_, failures[i] = io.ReadFull(c, in[:y.size])
				}
			}
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		b.Fatal(err)
	}
}
