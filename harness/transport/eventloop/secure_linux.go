package eventloop

import (
	"fmt"

	"imcheck/harness/transport"
	"imcheck/harness/transport/batch"
	"imcheck/harness/transport/tlsstream"
	"imcheck/protocol/wire"
)

// plainSize is the size in bytes of the buffer that records are decrypted into, the
// largest that one can have.
const plainSize = 16 << 10

// secureStreams has the parts that the streams with TLS of a loop share.
type secureStreams struct {
	handshakes *tlsstream.Handshakes
	sessions   [len(wire.Transports)]*tlsstream.Sessions // nil without TLS
	plain      []byte                                    // decrypted, valid during one turn of a stream
	frame      []byte                                    // one that is to be encrypted
}

func newSecureStreams(c Config, wake func()) (s secureStreams) {
	s.handshakes = tlsstream.NewHandshakes(wake)
	for _, t := range wire.Transports {
		if c.TLS[t] == nil {
			continue
		}
		s.sessions[t] = tlsstream.NewSessions(c.TLS[t])
		s.plain = make([]byte, plainSize)
	}
	return s
}

// beginTLS begins the TLS handshake.
func (s *stream) beginTLS() {
	s.state = securing
	secure := &s.loop.secure
	s.tls = secure.handshakes.Begin(secure.sessions[s.on].Config(int(s.seat), transport.HostName(s.to.host)), s.handshakeChanged)
}

// handshakeChanged handles what has become of the handshake.
func (s *stream) handshakeChanged() {
	if s.state != securing {
		return
	}
	over, err := s.tls.Handshake()
	s.pushOutput()
	switch {
	case !over:
		s.resume()
	case err != nil:
		s.flush() // the alert, or nothing
		s.failTLS(err)
	default:
		s.ended = false
		if s.established(); s.reads() {
			s.receive(nil) // what the handshake has left
		}
		s.resume()
	}
}

func (s *stream) failTLS(err error) { s.fail(fmt.Errorf("TLS handshake: %w", err)) }

// pushOutput queues what TLS has to write by itself.
func (s *stream) pushOutput() {
	if out := s.tls.Output(); len(out) > 0 && !s.muted {
		s.prepare()
		s.out = append(s.out, out...)
	}
}

// receive handles received bytes of a stream with TLS.
func (s *stream) receive(in []byte) {
	secure := s.tls
	secure.Receive(in)
	if s.state == securing {
		return // the handshake reads them
	}
	defer secure.Drop() // of what follows the end
	for s.reads() {
		n, err := secure.Read(s.loop.secure.plain)
		s.pushOutput()
		if n > 0 {
			s.take(s.loop.secure.plain[:n])
		}
		if err == tlsstream.ErrNothing {
			return
		}
		if err != nil && s.reads() {
			s.flush() // the alert, if it is for us to send one
			s.readEnd(err)
		}
	}
}

// receiveEnd handles the end of what the socket has to read. The handshake, if it is not
// over, may first have to read what came before.
func (s *stream) receiveEnd(err error) {
	s.tls.ReceiveEnd(err)
	if s.state == securing {
		s.ended = true
		return
	}
	s.receive(nil)
}

// encrypt queues bytes of frames. It only fails where TLS has failed before, which reading
// reports.
func (s *stream) encrypt(b []byte) {
	s.loop.secure.frame = b
	var err error
	if s.out, err = s.tls.Write(s.out, b); err != nil {
		s.failed(err)
	}
}

// closeTLS sends the close alert, on a stream that the peer has closed without waiting.
func (s *stream) closeTLS() {
	if s.tls == nil || s.cut {
		return
	}
	if s.state == open {
		s.prepare()
		s.out, _ = s.tls.CloseWrite(s.out)
		return
	}
	if alert, err := s.tls.CloseWrite(nil); err == nil {
		_, _ = batch.Send(int(s.fd), alert)
	}
}

// dropTLS frees the TLS of a stream, and ends its handshake.
func (s *stream) dropTLS() {
	if s.tls != nil {
		s.tls.Interrupt()
		s.tls = nil
	}
}
