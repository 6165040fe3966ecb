package impair_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/harness/wire"
)

// server passes on what it gets.
type server struct {
	links    chan transport.Link
	messages chan string
	closed   chan error
}

func (s *server) Open(l transport.Link) bool { return true }

func (s *server) Message(l transport.Link, body []byte) {
	s.messages <- string(body)
	select {
	case s.links <- l:
	default: // it is known
	}
}

func (s *server) Closed(_ transport.Link, reason error) { s.closed <- reason }

// connect makes an impaired client of a server on a network of its own.
func connect(t *testing.T, kind wire.Transport, p impair.Policy) (*impair.Conn, *server) {
	t.Helper()
	n := memory.New()
	l, err := transport.Listen(n, kind, "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		links:    make(chan transport.Link, 1),
		messages: make(chan string, 10_000),
		closed:   make(chan error, 1),
	}
	go func() { _ = l.Serve(s) }()
	t.Cleanup(func() { _ = l.Close() })
	c, err := transport.Dial(t.Context(), n, kind, l.Addr().String(), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wrapped := impair.Wrap(c, p)
	t.Cleanup(func() { _ = wrapped.Close() })
	return wrapped, s
}

// eachTransport runs a test in a bubble for each transport: that the bubble
// ends shows that no goroutine was left.
func eachTransport(t *testing.T, test func(t *testing.T, kind wire.Transport)) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, kind) })
		})
	}
}

func send(t *testing.T, c transport.Conn, text string) {
	t.Helper()
	if err := c.Send([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// reasonOf receives the end of a connection.
func reasonOf(t *testing.T, c transport.Conn) transport.CloseReason {
	t.Helper()
	_, err := c.Receive()
	ended, ok := errors.AsType[*transport.CloseError](err)
	if !ok {
		t.Fatalf("Receive: %v, want a *CloseError", err)
	}
	return ended.Reason
}

func TestDelayInBothDirections(t *testing.T) {
	policy := impair.Policy{
		Send:    impair.Impairment{Delay: 100 * time.Millisecond},
		Receive: impair.Impairment{Delay: time.Second},
	}
	eachTransport(t, func(t *testing.T, kind wire.Transport) {
		c, s := connect(t, kind, policy)
		start := time.Now()
		body := []byte("hello")
		send(t, c, string(body))
		if got := <-s.messages; got != "hello" {
			t.Errorf("the server got %q", got)
		}
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("sending took %s, want 100ms", took)
		}
		(<-s.links).Send([]byte("welcome"))
		got, err := c.Receive()
		if err != nil || string(got) != "welcome" {
			t.Errorf("Receive: %q, %v", got, err)
		}
		if took := time.Since(start); took != 1100*time.Millisecond {
			t.Errorf("there and back took %s, want 1.1s", took)
		}
	})
}

func TestLossCopiesAndSwaps(t *testing.T) {
	tests := []struct {
		name string
		i    impair.Impairment
		want []string
	}{
		{"duplicate", impair.Impairment{Duplicate: 1}, []string{"0", "0", "1", "1"}},
		{"reorder", impair.Impairment{Reorder: 1}, []string{"1", "0"}},
		{"drop", impair.Impairment{Drop: 1}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, kind wire.Transport) {
				c, s := connect(t, kind, impair.Policy{Send: test.i})
				for i := range 2 {
					send(t, c, fmt.Sprint(i))
				}
				synctest.Wait()
				if len(s.messages) != len(test.want) {
					t.Fatalf("the server got %d messages, want %d", len(s.messages), len(test.want))
				}
				for _, want := range test.want {
					if got := <-s.messages; got != want {
						t.Errorf("the server got %q, want %q", got, want)
					}
				}
			})
		})
	}
}

func TestReceiveDropsAndTimesOut(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind wire.Transport) {
		c, s := connect(t, kind, impair.Policy{Receive: impair.Impairment{Drop: 1}})
		send(t, c, "x")
		link := <-s.links
		link.Send([]byte("lost"))
		start := time.Now()
		_ = c.SetReceiveDeadline(start.Add(time.Minute))
		if reason := reasonOf(t, c); reason != transport.Timeout {
			t.Errorf("the receive %s, want a timeout", reason)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the timeout took %s, want 1m", took)
		}
	})
}

func TestADeadlineDoesNotLoseAMessageUnderWay(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind wire.Transport) {
		c, s := connect(t, kind, impair.Policy{Receive: impair.Impairment{Delay: time.Second}})
		send(t, c, "x")
		(<-s.links).Send([]byte("late"))
		_ = c.SetReceiveDeadline(time.Now().Add(500 * time.Millisecond))
		if reason := reasonOf(t, c); reason != transport.Timeout {
			t.Errorf("the receive %s, want a timeout", reason)
		}
		_ = c.SetReceiveDeadline(time.Time{})
		if got, err := c.Receive(); err != nil || string(got) != "late" {
			t.Errorf("Receive: %q, %v", got, err)
		}
	})
}

func TestTheEndComesAfterTheMessagesBeforeIt(t *testing.T) {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := connect(t, kind, impair.Policy{Receive: impair.Impairment{Delay: time.Second}})
				send(t, c, "x")
				link := <-s.links
				start := time.Now()
				link.Send([]byte("kick-out"))
				link.Close()
				if got, err := c.Receive(); err != nil || string(got) != "kick-out" {
					t.Errorf("Receive: %q, %v", got, err)
				}
				for range 2 { // the end is sticky
					if reason := reasonOf(t, c); reason != transport.ByPeer {
						t.Errorf("the connection was %s, want closed by the peer", reason)
					}
				}
				if took := time.Since(start); took != time.Second {
					t.Errorf("the end took %s, want 1s", took)
				}
			})
		})
	}
}

func TestCloseLosesWhatIsUnderWay(t *testing.T) {
	both := impair.Impairment{Delay: time.Minute}
	eachTransport(t, func(t *testing.T, kind wire.Transport) {
		c, s := connect(t, kind, impair.Policy{Send: both})
		send(t, c, "lost")
		received := make(chan transport.CloseReason)
		go func() {
			_, err := c.Receive()
			ended, _ := errors.AsType[*transport.CloseError](err)
			received <- ended.Reason
		}()
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if reason := <-received; reason != transport.ByUs {
			t.Errorf("the blocked Receive ended as %s, want closed by this end", reason)
		}
		if c.Send([]byte("late")) == nil {
			t.Error("sending after the close did not fail")
		}
		time.Sleep(2 * time.Minute) // virtual
		if len(s.messages) != 0 {
			t.Errorf("the server got %q after the close", <-s.messages)
		}
	})
}

func TestRefusedDatagramsAreNotTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		inner, err := transport.Dial(t.Context(), n, wire.UDP, "127.0.0.1:7901", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := impair.Wrap(inner, impair.Policy{Send: impair.Impairment{Delay: time.Second}})
		defer func() { _ = c.Close() }()
		for range 2 {
			send(t, c, "nobody there")
			if reason := reasonOf(t, c); reason != transport.Reset {
				t.Errorf("the receive ended as %s, want reset", reason)
			}
		}
	})
}

func TestAFailureAfterTheDelayIsReportedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := connect(t, wire.TCP, impair.Policy{Send: impair.Impairment{Delay: time.Second}})
		send(t, c, "x")
		(<-s.links).Close()
		time.Sleep(10 * time.Second) // virtual: the server's socket is gone
		for range 2 {                // the first is accepted by the network, as none has come back yet
			send(t, c, "y")
			time.Sleep(2 * time.Second)
		}
		if c.Send([]byte("z")) == nil {
			t.Error("the failed write was not reported")
		}
	})
}

func TestAReaderThatDoesNotReadHoldsThePeerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := connect(t, wire.TCP, impair.Policy{})
		send(t, c, "x")
		link := <-s.links
		link.Send([]byte("first"))
		if _, err := c.Receive(); err != nil { // messages are taken from here on
			t.Fatal(err)
		}
		body := make([]byte, 1000)
		for sent := 0; len(s.closed) == 0; sent++ {
			if sent > 3000 {
				t.Fatal("an unlimited number of messages was taken from the network")
			}
			link.Send(body)
			synctest.Wait()
		}
	})
}
