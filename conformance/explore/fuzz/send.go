package fuzz

import (
	"bytes"
	"context"
	"net"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Times of one input.
const (
	lingering    = 50 * time.Millisecond  // how long a connection is left open when that is its end
	betweenWrite = time.Millisecond       // so that the server reads the pieces one by one
	maxWriting   = 2 * time.Second        // of all writes to a server that does not read
	maxAnswer    = 500 * time.Millisecond // to a handshake, before what follows is sent all the same
)

// send sends an input on a connection of its own, and leaves it as the input says. The
// error says that there was no connection.
func send(ctx context.Context, t *target.Target, in Input) error {
	conn, err := t.DialBytes(ctx, in.On)
	if err != nil {
		return err
	}
	if in.On == wire.UDP && in.End == Reset {
		for _, w := range in.Writes {
			_, _ = conn.Raw().Write(w) // any datagram may be lost
		}
		t.Leave(conn)
		return nil
	}
	defer conn.Abort()
	stop := context.AfterFunc(ctx, func() { _ = conn.Abort() })
	defer stop()
	raw := conn.Raw()
	if in.On.Connected() {
		_ = raw.SetWriteDeadline(time.Now().Add(maxWriting)) // on UDP nothing blocks
	}
	reader := newReader(raw)
	for i, w := range in.Writes {
		if i > 0 {
			time.Sleep(betweenWrite)
		}
		if i == 0 && in.On == wire.WS {
			w = addressed(w, t.UpgradeRequest())
		}
		if _, err := raw.Write(w); err != nil && in.On.Connected() {
			break // the server has ended it
		}
		if i == 0 && in.Handshake {
			reader.await(reader.answered, maxAnswer)
		}
	}
	in.End.leave(conn, reader)
	<-reader.ended
	return nil
}

// leave ends a connection.
func (e End) leave(conn transport.Conn, r *reader) {
	switch e {
	case HalfClose:
		if half, ok := conn.Raw().(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		r.await(r.ended, lingering)
	case Linger:
		r.await(r.ended, lingering)
	}
	if e == Reset && conn.Transport().Connected() {
		_ = conn.Abort()
		return
	}
	if !conn.Transport().Connected() {
		_ = conn.Send(wire.NewLogout("stranger-0").Append(nil)) // ends its session, whoever it is of (§3)
	}
	_ = conn.Close()
}

// reader reads what the server sends, so that it can go on sending, and forgets it.
type reader struct {
	answered chan struct{} // closed after the head of an HTTP answer
	ended    chan struct{} // closed when nothing more comes
}

var endOfHead = []byte("\r\n\r\n")

func newReader(from net.Conn) *reader {
	r := &reader{answered: make(chan struct{}), ended: make(chan struct{})}
	go r.read(from)
	return r
}

func (r *reader) read(from net.Conn) {
	defer close(r.ended)
	var head []byte
	buffer := make([]byte, 4<<10)
	for answered := false; ; {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if head = append(head, buffer[:n]...); !answered && bytes.Contains(head, endOfHead) {
			answered = true
			close(r.answered)
		}
		head = head[max(0, len(head)-len(endOfHead)+1):]
	}
}

// await waits for one of both, for so long.
func (r *reader) await(event chan struct{}, within time.Duration) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-event:
	case <-r.ended:
	case <-timer.C:
	}
}
