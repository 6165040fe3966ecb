package reference

import (
	"crypto/tls"
	"iter"
	"net"

	"imcheck/protocol/wire"
)

// tapSize is the read buffer of a tap in bytes. It is larger than any TCP frame
// that is accepted, so that what is written in one piece is read in one.
const tapSize = 16 << 10

// tap is a stream on whose bytes a fault works between the socket and the
// listener, which reads and writes frames as it should. It works inside Read and
// Write alone: it has no goroutine that could outlive the stream.
type tap struct {
	net.Conn
	// incoming returns what is read in place of bytes that came. An error ends the
	// stream for the reader. Nil leaves them as they are.
	incoming func(b []byte) ([]byte, error)
	// outgoing returns what is written in place of whatever the listener writes.
	outgoing func(b []byte) []byte

	buffer []byte
	ready  []byte // to be read, before anything else comes
	ended  error  // to be read when nothing is ready any more
}

// Read waits until there is something that the fault lets through.
func (t *tap) Read(b []byte) (int, error) {
	if t.incoming == nil {
		return t.Conn.Read(b)
	}
	for len(t.ready) == 0 && t.ended == nil {
		if t.buffer == nil {
			t.buffer = make([]byte, tapSize)
		}
		n, err := t.Conn.Read(t.buffer)
		if n == 0 && err != nil {
			return 0, err
		}
		t.ready, t.ended = t.incoming(t.buffer[:n])
	}
	if len(t.ready) == 0 {
		err := t.ended
		t.ended, t.incoming = nil, nil // the listener reads on before it closes, to avoid a reset
		return 0, err
	}
	n := copy(b, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

// Write has written all of b when it has written what is to go out instead.
func (t *tap) Write(b []byte) (int, error) {
	if t.outgoing == nil {
		return t.Conn.Write(b)
	}
	if out := t.outgoing(b); len(out) > 0 {
		if _, err := t.Conn.Write(out); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// CloseWrite and SetLinger are what a listener closes a TCP stream with.

func (t *tap) CloseWrite() error { return closeWrite(t.Conn) }

func (t *tap) SetLinger(seconds int) error { return setLinger(t.Conn, seconds) }

func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func setLinger(c net.Conn, seconds int) error {
	if lingering, ok := c.(interface{ SetLinger(seconds int) error }); ok {
		return lingering.SetLinger(seconds)
	}
	return nil
}

// secured is TLS below a tap, which would see nothing but cipher text above the
// socket. It closes as the listener does: TLS says farewell before a FIN only.
type secured struct{ *tls.Conn }

func (s secured) CloseWrite() error {
	_ = s.Conn.CloseWrite() // fails on a stream that is gone, as the FIN does
	return closeWrite(s.NetConn())
}

func (s secured) SetLinger(seconds int) error { return setLinger(s.NetConn(), seconds) }

func (s secured) Close() error { return s.NetConn().Close() }

// below puts TLS, if there is any, between the socket and what replaces it.
func below(replace func(net.Conn) net.Conn, config *tls.Config) func(net.Conn) net.Conn {
	if config == nil {
		return replace
	}
	return func(c net.Conn) net.Conn { return replace(secured{tls.Server(c, config)}) }
}

// wrap puts a fault around the streams of a transport, over those that are
// there already, so that faults add up. It is called for each stream: what its
// fault remembers is its own.
func wrap(t wire.Transport, fault func(net.Conn) net.Conn) func(*behaviour) {
	return func(b *behaviour) {
		before := b.streams[t]
		b.streams[t] = func(c net.Conn) net.Conn {
			if before != nil {
				c = before(c)
			}
			return fault(c)
		}
	}
}

// fate is what a cutter makes of a frame.
type fate uint8

const (
	asItComes fate = iota // its bytes pass
	whenWhole             // it is held until it is complete
	lost                  // its bytes do not pass
)

// piece is a part of a stream: a whole frame, or bytes that pass.
type piece struct {
	bytes []byte
	whole bool
}

// cutter cuts one direction of a stream into pieces, whatever the chunks are in
// which it comes.
type cutter struct {
	// measure reads the header at the start of b: the length in bytes of its frame,
	// header included, and what becomes of it. Size 0 says that the header is not
	// complete.
	measure func(b []byte) (size int, f fate)

	held []byte // of a frame that is not complete, or of its header
	left int    // bytes of the frame under way that were not cut yet
	fate fate   // of that frame
}

// cut takes bytes of the stream and gives the pieces that have come; each is
// valid until the next call, and is used before the next one is measured.
func (c *cutter) cut(b []byte) iter.Seq[piece] {
	c.held = append(c.held, b...)
	return func(yield func(piece) bool) {
		for len(c.held) > 0 {
			if c.left == 0 {
				c.left, c.fate = c.measure(c.held)
			}
			n := min(c.left, len(c.held))
			if n == 0 || c.fate == whenWhole && n < c.left {
				return
			}
			p := piece{c.held[:n:n], c.fate == whenWhole}
			c.held, c.left = c.held[n:], c.left-n
			if c.fate != lost && !yield(p) {
				return
			}
		}
	}
}

// incomplete is whether a frame is held, or its header.
func (c *cutter) incomplete() bool { return len(c.held) > 0 }
