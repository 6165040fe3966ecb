// Package tlsstream is the client's end of TLS without a socket: crypto/tls between bytes
// that an event loop has received and bytes that it will send. Handshakes, in which
// crypto/tls waits, run on goroutines of their own; after it nothing waits, and a stream
// needs no goroutine.
//
// It relies on crypto/tls reading on after an error that is temporary, which its tests
// hold.
package tlsstream

import "crypto/tls"

// Stream is the client's end of one TLS stream. Only one goroutine, that of the event
// loop, may use it.
type Stream struct {
	conn *tls.Conn
	pipe pipe
}

// Handshake reports whether the handshake is over, and why it failed if it did.
func (s *Stream) Handshake() (over bool, err error) {
	h := s.pipe.handshake
	if h == nil {
		return true, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over || h.err != nil {
		return h.over, h.err
	}
	s.pipe = pipe{in: h.in, end: h.end, out: h.out}
	freeBuffers(s.conn, 0, keepSize)
	return true, nil
}

// Interrupt makes a handshake fail that is not over.
func (s *Stream) Interrupt() {
	if s.pipe.handshake != nil {
		s.pipe.handshake.interrupt()
	}
}

// Full reports whether the handshake wants no more bytes until it has read those that
// were received.
func (s *Stream) Full() bool {
	h := s.pipe.handshake
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.over && len(h.in) >= maxWaiting
}

// Receive gives the stream bytes that were received. After the handshake it does not
// copy them: they are read by as many calls of Read as it takes to get ErrNothing, or
// Drop forgets them.
func (s *Stream) Receive(in []byte) {
	switch {
	case s.pipe.handshake != nil:
		s.pipe.handshake.feed(in, nil)
	case len(s.pipe.in) > 0:
		s.pipe.in = append(s.pipe.in[:len(s.pipe.in):len(s.pipe.in)], in...)
	default:
		s.pipe.in = in
	}
}

// ReceiveEnd says that nothing more will be received, with io.EOF for the end of the
// stream.
func (s *Stream) ReceiveEnd(err error) {
	if s.pipe.handshake != nil {
		s.pipe.handshake.feed(nil, err)
	} else if s.pipe.end == nil {
		s.pipe.end = err
	}
}

// Drop forgets what was received and not read.
func (s *Stream) Drop() { s.pipe.in = nil }

// Read decrypts what was received. The error is ErrNothing if that is not a whole record,
// io.EOF after the close alert or at the end of the stream, and otherwise permanent. It
// may come with bytes. Reading may write, to answer a key update or to send an alert.
func (s *Stream) Read(b []byte) (int, error) {
	n, err := s.conn.Read(b)
	if err == ErrNothing && n == 0 {
		freeBuffers(s.conn, keepSize, 0)
	}
	return n, err
}

// Write encrypts b and appends the records to out.
func (s *Stream) Write(out, b []byte) ([]byte, error) {
	return s.into(out, func() error {
		_, err := s.conn.Write(b)
		return err
	})
}

// CloseWrite appends the close alert to out, unless it was sent before. Nothing can be
// written after it.
func (s *Stream) CloseWrite(out []byte) ([]byte, error) { return s.into(out, s.conn.CloseWrite) }

// into calls write with out as the place to which it appends.
func (s *Stream) into(out []byte, write func() error) ([]byte, error) {
	s.pipe.out = append(out, s.pipe.out...)
	err := write()
	out, s.pipe.out = s.pipe.out, nil
	return out, err
}

// Output returns what Read or the handshake has written, and forgets it.
func (s *Stream) Output() []byte {
	if h := s.pipe.handshake; h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		out := h.out
		h.out = nil
		return out
	}
	out := s.pipe.out
	s.pipe.out = nil
	return out
}
