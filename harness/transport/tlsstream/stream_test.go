package tlsstream

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"unsafe"
)

// TestReadingGoesOn holds what this package relies on: a read that finds nothing breaks
// nothing, wherever in a record or a handshake message it comes.
func TestReadingGoesOn(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, size := range []int{1, 7, 1 << 20} {
			inWorld(t, func(w *world) {
				w.server.MaxVersion = version
				s, e := w.secure(0, size)
				for _, text := range []string{"a", strings.Repeat("long ", 10_000), "z"} {
					if got := w.tell(s, e, size, text); got != text {
						t.Errorf("in pieces of %d bytes by %s: read %d bytes, want %d", size, tls.VersionName(version), len(got), len(text))
					}
					records, err := s.Write(nil, []byte(text))
					if err != nil {
						t.Fatal(err)
					}
					if got := w.hear(e, records, len(text)); got != text {
						t.Errorf("by %s: the server read %d bytes, want %d", tls.VersionName(version), len(got), len(text))
					}
				}
			})
		}
	}
}

// What is written is appended, so that a message that waits stays where it is.
func TestWriteAppends(t *testing.T) {
	inWorld(t, func(w *world) {
		s, e := w.secure(0, 1<<20)
		out, err := s.Write([]byte("before"), []byte("one"))
		if err != nil || !bytes.HasPrefix(out, []byte("before")) {
			t.Fatalf("wrote %q, %v", out, err)
		}
		out, err = s.Write(out, []byte("two"))
		if err != nil {
			t.Fatal(err)
		}
		if got := w.hear(e, out[len("before"):], 6); got != "onetwo" {
			t.Errorf("the server read %q", got)
		}
	})
}

// After its close alert the server may send nothing more, and the client neither.
func TestCloseAlerts(t *testing.T) {
	inWorld(t, func(w *world) {
		s, e := w.secure(0, 1<<20)
		go func() { _ = e.CloseWrite() }()
		synctest.Wait()
		if got, err := readAll(s, <-e.arrived); got != "" || err != io.EOF {
			t.Errorf("after the server's alert: %q, %v", got, err)
		}
		out, err := s.CloseWrite(nil)
		if err != nil || len(out) == 0 {
			t.Fatalf("the client's alert is %x, %v", out, err)
		}
		end := make(chan error, 1)
		go func() {
			_, err := e.Read(make([]byte, 1))
			end <- err
		}()
		if _, err := e.carried.Write(out); err != nil {
			t.Fatal(err)
		}
		if err := <-end; err != io.EOF {
			t.Errorf("the server reads %v, want the end", err)
		}
		if out, err := s.Write(nil, []byte("x")); err == nil {
			t.Errorf("the client writes %x after its alert", out)
		}
	})
}

// The end of the bytes is the end of the stream between records, and an error within one.
func TestEndWithoutAnAlert(t *testing.T) {
	for cut, want := range map[int]error{0: io.EOF, 3: io.ErrUnexpectedEOF, 9: io.ErrUnexpectedEOF} {
		inWorld(t, func(w *world) {
			s, e := w.secure(0, 1<<20)
			go func() { _, _ = io.WriteString(e, "message") }()
			synctest.Wait()
			got := w.read(s, (<-e.arrived)[:cut])
			s.ReceiveEnd(io.EOF)
			if _, err := readAll(s, nil); err != want || got != "" {
				t.Errorf("after %d bytes of a record: %q, %v, want %v", cut, got, err, want)
			}
		})
	}
}

// A record that was changed on its way ends the stream for good, and the server is told.
func TestARecordThatWasChanged(t *testing.T) {
	inWorld(t, func(w *world) {
		s, e := w.secure(0, 1<<20)
		go func() { _, _ = io.WriteString(e, "message") }()
		synctest.Wait()
		record := <-e.arrived
		record[len(record)-1] ^= 1
		if got, err := readAll(s, record); got != "" || !strings.Contains(err.Error(), "bad record MAC") {
			t.Errorf("read %q, %v", got, err)
		}
		if len(s.Output()) == 0 {
			t.Error("the server gets no alert")
		}
		if _, err := s.Read(make([]byte, 1)); err == nil || err == ErrNothing {
			t.Errorf("then: %v, want the same error", err)
		}
	})
}

func TestHandshakesThatFail(t *testing.T) {
	tests := []struct {
		name   string
		change func(w *world)
		want   func(err error) bool
	}{
		{"an unknown authority", func(w *world) { w.client.RootCAs = x509.NewCertPool() }, isA[x509.UnknownAuthorityError]},
		{"another name", func(w *world) { w.client.ServerName = "im.example" }, isA[x509.HostnameError]},
		{"no common version", func(w *world) { w.client.MinVersion, w.server.MaxVersion = tls.VersionTLS13, tls.VersionTLS12 },
			func(err error) bool { return strings.Contains(err.Error(), "protocol version") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				test.change(w)
				w.sessions = NewSessions(w.client)
				s, e := w.connect(0)
				served := make(chan error, 1)
				go func() { served <- e.Handshake() }()
				w.carry(s, e, 1<<20, s.Receive)
				if over, err := s.Handshake(); !over || err == nil || !test.want(err) {
					t.Errorf("over: %t, %v (%[2]T)", over, err)
				}
				if err := <-served; err == nil {
					t.Error("the server was not told")
				}
			})
		})
	}
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

func TestWhatIsNoTLS(t *testing.T) {
	inWorld(t, func(w *world) {
		s, _ := w.connect(0)
		synctest.Wait()
		s.Receive([]byte("HTTP/1.1 400 Bad Request\r\n"))
		synctest.Wait()
		if over, err := s.Handshake(); !over || !isA[tls.RecordHeaderError](err) {
			t.Errorf("over: %t, %v", over, err)
		}
	})
}

// The buffers that a handshake has grown are freed, if crypto/tls still has them.
func TestBuffersAreFreed(t *testing.T) {
	if len(buffers) != 2 {
		t.Fatalf("crypto/tls has %d of the two buffers that freeBuffers knows: a client takes twice the memory", len(buffers))
	}
	inWorld(t, func(w *world) {
		s, e := w.secure(0, 1<<20)
		if got := roomOf(s); got > keepSize {
			t.Errorf("after the handshake the buffers have room for %d bytes", got)
		}
		if w.tell(s, e, 1<<20, strings.Repeat("x", 16<<10)); roomOf(s) > keepSize {
			t.Errorf("after a large record the buffers have room for %d bytes", roomOf(s))
		}
	})
}

// roomOf is the size in bytes of the buffers of what a stream has received.
func roomOf(s *Stream) (room int) {
	for _, offset := range buffers {
		room += (*bytes.Buffer)(unsafe.Add(unsafe.Pointer(s.conn), offset)).Cap()
	}
	return room
}
