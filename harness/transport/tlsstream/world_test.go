package tlsstream

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"imcheck/internal/certificate"
)

// world is a client and its server in virtual time, with what is on its way between them.
type world struct {
	*testing.T
	handshakes     *Handshakes
	sessions       *Sessions
	server, client *tls.Config
	reports        int // of the handshake
}

func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, client, err := certificate.Configs()
		if err != nil {
			t.Fatal(err)
		}
		client.ServerName = "127.0.0.1"
		w := &world{T: t, handshakes: NewHandshakes(func() {}), server: server, client: client}
		w.sessions = NewSessions(client)
		test(w)
		w.handshakes.Wait()
	})
}

// end is the server's end of a connection.
type end struct {
	*tls.Conn
	raw     net.Conn // its end below TLS
	carried net.Conn // the other end of that, as the network of the client
	arrived chan []byte
}

// connect returns a client whose handshake has begun, and its server.
func (w *world) connect(seat int) (*Stream, *end) {
	raw, carried := net.Pipe()
	e := &end{tls.Server(raw, w.server), raw, carried, make(chan []byte, 100)}
	w.Cleanup(func() { _, _ = raw.Close(), carried.Close() })
	go func() {
		defer close(e.arrived)
		for {
			b := make([]byte, 32<<10)
			n, err := carried.Read(b)
			if err != nil {
				return
			}
			e.arrived <- b[:n]
		}
	}()
	return w.handshakes.Begin(w.sessions.Config(seat, "127.0.0.1"), func() { w.reports++ }), e
}

// carry brings what a client has written to its server, and the other way in pieces of a
// size, until neither has anything left.
func (w *world) carry(s *Stream, e *end, size int, receive func(in []byte)) {
	for {
		synctest.Wait()
		w.handshakes.Report()
		out := s.Output()
		if len(out) > 0 {
			if _, err := e.carried.Write(out); err != nil {
				w.Fatal(err)
			}
		}
		synctest.Wait()
		select {
		case in := <-e.arrived:
			for ; len(in) > 0; in = in[min(size, len(in)):] {
				receive(in[:min(size, len(in))])
			}
		default:
			if len(out) == 0 {
				return
			}
		}
	}
}

// secure returns a client and its server after their handshake, everything of which
// arrives in pieces of a size.
func (w *world) secure(seat, size int) (*Stream, *end) {
	w.Helper()
	s, e := w.connect(seat)
	served := make(chan error, 1)
	go func() { served <- e.Handshake() }()
	w.carry(s, e, size, s.Receive)
	if over, err := s.Handshake(); !over || err != nil {
		w.Fatalf("the handshake is over: %t, %v", over, err)
	}
	if err := <-served; err != nil {
		w.Fatalf("at the server: %v", err)
	}
	if got := w.read(s, nil); got != "" {
		w.Fatalf("read %q before anything was sent", got)
	}
	return s, e
}

// read returns what a client reads of received bytes, until there is nothing more.
func (w *world) read(s *Stream, in []byte) string {
	w.Helper()
	got, err := readAll(s, in)
	if err != ErrNothing {
		w.Fatalf("read %q, then %v", got, err)
	}
	return got
}

func readAll(s *Stream, in []byte) (got string, err error) {
	s.Receive(in)
	b := make([]byte, 1<<10)
	for {
		n, err := s.Read(b)
		got += string(b[:n])
		if err != nil {
			return got, err
		}
	}
}

// tell sends a text to the client, in pieces of a size, and returns what it reads.
func (w *world) tell(s *Stream, e *end, size int, text string) (got string) {
	w.Helper()
	go func() {
		if _, err := io.WriteString(e, text); err != nil {
			w.Error(err)
		}
	}()
	w.carry(s, e, size, func(in []byte) { got += w.read(s, in) })
	return got
}

// hear sends what a client has written, and returns what the server reads of it.
func (w *world) hear(e *end, records []byte, size int) string {
	w.Helper()
	got := make(chan string, 1)
	go func() {
		b := make([]byte, size)
		n, err := io.ReadFull(e, b)
		if err != nil {
			w.Error(err)
		}
		got <- string(b[:n])
	}()
	if _, err := e.carried.Write(records); err != nil {
		w.Fatal(err)
	}
	return <-got
}
