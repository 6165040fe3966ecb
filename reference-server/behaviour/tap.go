package behaviour

import (
	"crypto/tls"
	"net"
)

// tapSize is the size of the read buffer of a Tap in bytes. It is larger than any TCP
// frame that is accepted, so that what is written in one piece is read in one.
const tapSize = 16 << 10

// Tap is a stream whose bytes are changed between the socket and the listener, which
// reads and writes frames as it should. It works inside Read and Write alone: it has
// no goroutine that could outlive the stream.
type Tap struct {
	net.Conn
	// Incoming returns what is read in place of the bytes that arrived. An error ends
	// the stream for the reader. Nil leaves them as they are.
	Incoming func(b []byte) ([]byte, error)
	// Outgoing returns what is written in place of what the listener writes. Nil leaves
	// that as it is.
	Outgoing func(b []byte) []byte

	buffer []byte
	ready  []byte // is read before anything else
	ended  error  // is returned once nothing is ready
}

// Read waits until there is something that Incoming lets through.
func (t *Tap) Read(b []byte) (int, error) {
	if t.Incoming == nil {
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
		t.ready, t.ended = t.Incoming(t.buffer[:n])
	}
	if len(t.ready) == 0 {
		err := t.ended
		t.ended, t.Incoming = nil, nil // the listener reads on before it closes, to avoid a reset
		return 0, err
	}
	n := copy(b, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

// Write reports all of b as written once it has written what goes out instead.
func (t *Tap) Write(b []byte) (int, error) {
	if t.Outgoing == nil {
		return t.Conn.Write(b)
	}
	if out := t.Outgoing(b); len(out) > 0 {
		if _, err := t.Conn.Write(out); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// CloseWrite sends a FIN, as a listener does before it closes a TCP stream.
func (t *Tap) CloseWrite() error { return closeWrite(t.Conn) }

// SetLinger is SetLinger of the TCP stream below: 0 has Close send a reset.
func (t *Tap) SetLinger(seconds int) error { return setLinger(t.Conn, seconds) }

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

// secured is TLS below a Tap, which would see nothing but cipher text if it sat right on
// the socket. It closes as the listener does: TLS sends its close alert before a FIN only.
type secured struct{ *tls.Conn }

func (s secured) CloseWrite() error {
	_ = s.Conn.CloseWrite() // fails on a stream that is gone, as the FIN does
	return closeWrite(s.NetConn())
}

func (s secured) SetLinger(seconds int) error { return setLinger(s.NetConn(), seconds) }

func (s secured) Close() error { return s.NetConn().Close() }

// aboveTLS has TLS, if there is any, between the socket and what is put around it.
func aboveTLS(wrap func(net.Conn) net.Conn, config *tls.Config) func(net.Conn) net.Conn {
	if config == nil {
		return wrap
	}
	return func(c net.Conn) net.Conn { return wrap(secured{tls.Server(c, config)}) }
}
