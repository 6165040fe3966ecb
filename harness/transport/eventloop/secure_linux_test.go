package eventloop

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"imcheck/harness/bounds"
	"imcheck/internal/certificate"
	"imcheck/protocol/wire"
)

// secureClient is a configuration for a server that never ends a handshake well.
func secureClient(t *testing.T, kind wire.Transport, address string) Config {
	t.Helper()
	_, client, err := certificate.Configs()
	if err != nil {
		t.Fatal(err)
	}
	c := at(kind, address)
	c.TLS[kind] = client
	return c
}

func TestACertificateThatIsNotTrusted(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			p := newSecurePeer(t, kind)
			w := newWorld(t, secureClient(t, kind, p.address))
			w.Open(kind, 1, 0)
			w.until("the failure", func() bool { return w.failures[1] != nil })
			if _, is := errors.AsType[x509.UnknownAuthorityError](w.failures[1]); !is || !strings.Contains(w.failures[1].Error(), "TLS handshake") {
				t.Errorf("the failure is %v", w.failures[1])
			}
			if !strings.Contains(p.reason(t).Error(), "bad certificate") {
				t.Error("the server was not told")
			}
			if w.dialing[kind] != 0 {
				t.Errorf("%d connections are being made", w.dialing[kind])
			}
		})
	}
}

// What ends a TLS handshake is the reason that there is no connection.
func TestServersThatEndTheHandshake(t *testing.T) {
	tests := map[string]struct {
		serve func(c *net.TCPConn)
		want  func(err error) bool
	}{
		"speaks no TLS": {
			func(c *net.TCPConn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
			func(err error) bool { _, is := errors.AsType[tls.RecordHeaderError](err); return is },
		},
		"says why, and goes": {
			func(c *net.TCPConn) { _, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) },
			func(err error) bool { return strings.Contains(err.Error(), "handshake failure") },
		},
		"goes": {
			func(*net.TCPConn) {},
			func(err error) bool { return strings.Contains(err.Error(), "EOF") },
		},
		"resets": {
			func(c *net.TCPConn) { _ = c.SetLinger(0) },
			func(err error) bool { return errors.Is(err, syscall.ECONNRESET) },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, secureClient(t, wire.WS, rawServer(t, func(c *net.TCPConn) {
				_, _ = c.Read(make([]byte, 8<<10))
				test.serve(c)
			})))
			w.Open(wire.WS, 1, 0)
			w.until("the failure", func() bool { return w.failures[1] != nil })
			if !test.want(w.failures[1]) || !strings.Contains(w.failures[1].Error(), "TLS handshake") {
				t.Errorf("the failure is %v", w.failures[1])
			}
		})
	}
}

// TLS handshakes that are not answered are as many as may be, are given up, and do not
// hold up the end of the loop.
func TestATLSHandshakeThatIsNotAnswered(t *testing.T) {
	w := newWorld(t, secureClient(t, wire.TCP, silentServer(t)))
	for i := range 2 * bounds.DialsAtOnce {
		w.Open(wire.TCP, uint64(i), i)
	}
	securing := func() (all []*stream) {
		for _, s := range w.watched {
			if s.state == securing {
				all = append(all, s)
			}
		}
		return all
	}
	w.until("as many handshakes as may be", func() bool { return len(securing()) == bounds.DialsAtOnce })
	if w.dialing[wire.TCP] != bounds.DialsAtOnce {
		t.Errorf("%d are under way, want %d", w.dialing[wire.TCP], bounds.DialsAtOnce)
	}
	w.lapse(securing()[0])
	w.until("the failure", func() bool { return len(w.failures) == 1 })
	for _, err := range w.failures {
		if !strings.Contains(err.Error(), "timeout") {
			t.Errorf("the failure is %v", err)
		}
	}
}

// A server that sends without end during the handshake is read from as far as the
// handshake reads, and its connection fails.
func TestAFloodDuringTheTLSHandshake(t *testing.T) {
	w := newWorld(t, secureClient(t, wire.TCP, rawServer(t, func(c *net.TCPConn) {
		record := append([]byte{22, 3, 3, 0x10, 0}, make([]byte, 4096)...)
		for {
			if _, err := c.Write(record); err != nil {
				return
			}
		}
	})))
	w.Open(wire.TCP, 1, 0)
	w.until("the failure", func() bool { return w.failures[1] != nil })
}

func TestTLS12(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			p := newSecurePeer(t, kind)
			p.secure.MaxVersion = tls.VersionTLS12
			w := newWorld(t, p.config(kind))
			for i := range 2 { // the second one resumes the session
				c := w.dial(kind, 0)
				w.say(c, "hello")
				w.until("the echo", func() bool { return len(w.messages[0]) == i+1 })
				_ = c.Close()
				delete(w.conns, 0)
			}
		})
	}
}

// Whoever closes first, the client ends its side of TLS with the close alert and nothing
// after it.
func TestTheCloseAlert(t *testing.T) {
	for _, first := range []string{"the server", "the client"} {
		t.Run(first, func(t *testing.T) {
			server, client, err := certificate.Configs()
			if err != nil {
				t.Fatal(err)
			}
			last := make(chan []byte, 1)
			c := at(wire.TCP, rawServer(t, func(c *net.TCPConn) {
				secure := tls.Server(c, server)
				if err := secure.Handshake(); err != nil {
					t.Error(err)
				}
				_, _ = secure.Write(wire.AppendFrame(nil, []byte("hello"))) // the handshake is over here too
				if first == "the server" {
					_ = secure.CloseWrite()
				}
				rest, err := io.ReadAll(c)
				if err != nil {
					t.Error(err)
				}
				last <- rest
			}))
			c.TLS[wire.TCP] = client
			w := newWorld(t, c)
			conn := w.dial(wire.TCP, 0)
			w.until("the message", func() bool { return len(w.messages[0]) == 1 })
			if first == "the server" {
				w.end(0)
			}
			_ = conn.Close()
			// An alert looks like any encrypted record (RFC 8446 §5.2): only its length tells.
			if got := <-last; len(got) != 24 || !bytes.HasPrefix(got, []byte{23, 3, 3, 0, 19}) {
				t.Errorf("the client's last bytes are %x, want one record of 19 bytes", got)
			}
		})
	}
}

// gathering is a connection that writes what follows its first write in one piece.
type gathering struct {
	net.Conn
	writes int
	later  []byte
}

func (g *gathering) Write(b []byte) (int, error) {
	if g.writes++; g.writes == 1 {
		return g.Conn.Write(b)
	}
	g.later = append(g.later, b...)
	return len(b), nil
}

// A message may come in one piece with the end of the handshake, and nothing after it.
func TestAMessageRightAfterTheHandshake(t *testing.T) {
	server, client, err := certificate.Configs()
	if err != nil {
		t.Fatal(err)
	}
	server.MaxVersion = tls.VersionTLS12 // in which the server has the last word
	c := at(wire.TCP, rawServer(t, func(c *net.TCPConn) {
		g := &gathering{Conn: c}
		secure := tls.Server(g, server)
		_, err := secure.Write(wire.AppendFrame(nil, []byte("hello")))
		if err == nil {
			_, err = c.Write(g.later)
		}
		if err != nil {
			t.Error(err)
		}
		_, _ = io.Copy(io.Discard, c)
	}))
	c.TLS[wire.TCP] = client
	w := newWorld(t, c)
	w.dial(wire.TCP, 0)
	w.until("the message", func() bool { return len(w.messages[0]) == 1 })
	_ = w.conns[0].Close()
}
