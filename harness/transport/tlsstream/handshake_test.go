package tlsstream

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"testing/synctest"
)

// A handshake that its server does not answer waits without its turn, and ends when it is
// interrupted.
func TestHandshakesThatWait(t *testing.T) {
	inWorld(t, func(w *world) {
		var waiting []*Stream
		for seat := range 3 {
			s, _ := w.connect(seat)
			waiting = append(waiting, s)
		}
		synctest.Wait()
		w.handshakes.Report()
		if w.reports != 3 {
			t.Errorf("%d handshakes have begun, want 3 at once", w.reports)
		}
		w.secure(3, 1<<20)
		for _, s := range waiting {
			if over, err := s.Handshake(); over || err != nil {
				t.Errorf("a handshake without an answer is over: %t, %v", over, err)
			}
			s.Interrupt()
		}
		w.handshakes.Wait()
		for _, s := range waiting {
			if over, err := s.Handshake(); !over || !errors.Is(err, net.ErrClosed) {
				t.Errorf("an interrupted handshake is over: %t, %v", over, err)
			}
		}
	})
}

// A server that sends without end during the handshake fills no memory: the handshake
// says when it has enough, and reports when it wants more.
func TestAHandshakeIsFull(t *testing.T) {
	inWorld(t, func(w *world) {
		s, _ := w.connect(0)
		synctest.Wait()
		w.handshakes.turn <- struct{}{} // so that it cannot read
		// The head of a ServerHello that is as long as it may be.
		s.Receive([]byte{22, 3, 3, 0x40, 0, 2, 0, 0xFF, 0xFF})
		s.Receive(make([]byte, maxWaiting))
		w.handshakes.Report()
		if w.reports = 0; !s.Full() {
			t.Error("it wants more than it has room for")
		}
		<-w.handshakes.turn
		synctest.Wait()
		w.handshakes.Report()
		if s.Full() || w.reports != 1 {
			t.Errorf("it is full: %t, after %d reports", s.Full(), w.reports)
		}
		s.Interrupt()
	})
}

// Each client resumes its own session, and nobody else's.
func TestSessions(t *testing.T) {
	inWorld(t, func(w *world) {
		for i, step := range []struct {
			seat    int
			resumes bool
		}{{0, false}, {1, false}, {0, true}, {1, true}, {0, true}, {2, false}} {
			s, _ := w.secure(step.seat, 1<<20)
			if got := s.conn.ConnectionState().DidResume; got != step.resumes {
				t.Errorf("connection %d, of client %d, resumes a session: %t", i, step.seat, got)
			}
		}
	})
}

// A ticket of unusual size is not kept: ten thousand of them would fill the memory.
func TestLargeTickets(t *testing.T) {
	for size, resumes := range map[int]bool{100: true, maxTicket: false} {
		inWorld(t, func(w *world) {
			w.server.WrapSession = func(state tls.ConnectionState, session *tls.SessionState) ([]byte, error) {
				session.Extra = [][]byte{make([]byte, size)}
				return w.server.EncryptTicket(state, session)
			}
			w.server.UnwrapSession = w.server.DecryptTicket
			w.secure(0, 1<<20)
			s, _ := w.secure(0, 1<<20)
			if got := s.conn.ConnectionState().DidResume; got != resumes {
				t.Errorf("with %d bytes in its ticket the session is resumed: %t", size, got)
			}
		})
	}
}
