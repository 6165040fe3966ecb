package engine

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// slowConn is a connection on TCP whose writes end one by one, when the test says.
type slowConn struct {
	transport.Conn
	proceed chan error // result of the next write

	mu     sync.Mutex
	sent   []string
	closed []string // in which way
}

func (c *slowConn) Transport() wire.Transport { return wire.TCP }

func (c *slowConn) Send(body []byte) error {
	text := string(body)
	err := <-c.proceed
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, text)
	return err
}

func (c *slowConn) note(way string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed = append(c.closed, way); len(c.closed) == 1 && way == "aborted" {
		close(c.proceed) // it frees a write that is stuck
	}
	return nil
}

// ways lists how it was closed so far.
func (c *slowConn) ways() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.closed)
}

func (c *slowConn) Close() error { return c.note("closed") }
func (c *slowConn) Abort() error { return c.note("aborted") }

// onLink runs a test with a link whose connection is slow, in virtual time.
func onLink(t *testing.T, test func(t *testing.T, l *portableLink, c *slowConn, p *portable)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := Config{Target: &target.Target{Network: memory.New()}, Start: time.Now()}
		p := newPortable(&config, newRouter(&config), func(Arrival) {})
		c := &slowConn{proceed: make(chan error)}
		l := newPortableLink(c, p, ConnectionID{})
		p.keep(l)
		test(t, l, c, p)
		p.Close()
	})
}

// Send returns at once, and what was sent is written in its order, all of it
// before the connection is closed.
func TestPortableLinkWritesInOrder(t *testing.T) {
	onLink(t, func(t *testing.T, l *portableLink, c *slowConn, p *portable) {
		want := []string{"a", "bb", "", "ccc", "d"}
		for _, body := range want {
			if err := l.Send([]byte(body)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Fatal(err)
		}
		for range want {
			c.proceed <- nil
		}
		synctest.Wait()
		if !slices.Equal(c.sent, want) || !slices.Equal(c.closed, []string{"closed"}) || len(p.links) != 0 {
			t.Errorf("sent %q, %q, %d links are left; want %q, closed once", c.sent, c.closed, len(p.links), want)
		}
	})
}

// The writer's goroutine is there only while something waits.
func TestPortableLinkHasAWriterOnlyWhileItWrites(t *testing.T) {
	onLink(t, func(t *testing.T, l *portableLink, c *slowConn, _ *portable) {
		for range 3 {
			if err := l.Send([]byte("a")); err != nil || !l.writing {
				t.Fatalf("%v, writing: %t", err, l.writing)
			}
			c.proceed <- nil
			if synctest.Wait(); l.writing || l.inFlight != 0 {
				t.Fatal("the writer is still there")
			}
		}
	})
}

// A peer that does not read is given up when so much waits.
func TestPortableLinkIsBounded(t *testing.T) {
	tests := []struct {
		name  string
		delay time.Duration // since the writer began
		want  int           // messages of a thousand bytes that are taken
	}{
		{"a writer that does not come on", bounds.WriterDelay, bounds.Unwritten / 1000},
		{"a writer that has just begun", bounds.WriterDelay - 1, bounds.WriterBacklog * bounds.Unwritten / 1000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onLink(t, func(t *testing.T, l *portableLink, c *slowConn, _ *portable) {
				taken, body := 0, make([]byte, 1000)
				err := l.Send(body)
				time.Sleep(test.delay) // virtual
				for ; err == nil; taken++ {
					err = l.Send(body)
				}
				ended, ok := errors.AsType[*transport.CloseError](err)
				if taken != test.want || !ok || ended.Reason != transport.Timeout || !errors.Is(err, transport.ErrOutboxFull) {
					t.Errorf("%d were taken, then %v; want %d and that the peer does not read", taken, err, test.want)
				}
				synctest.Wait()
				if again := l.Send(body); again != err || !slices.Equal(c.closed, []string{"aborted"}) {
					t.Errorf("later there is %v, and the connection is %q", again, c.closed)
				}
				if l.Close(); l.waiting != nil {
					t.Error("what waits is kept")
				}
			})
		})
	}
}

// The reader waits for the writer, and for what it has read to be handled, but not
// with the end of the connection.
func TestPortableLinkReadsNoFasterThanItWrites(t *testing.T) {
	onLink(t, func(t *testing.T, l *portableLink, c *slowConn, p *portable) {
		const parts = 3
		for range parts {
			if err := l.Send(make([]byte, bounds.Unwritten/bounds.UnwrittenShare/2)); err != nil {
				t.Fatal(err)
			}
		}
		go l.deliver(Arrival{Kind: Received})
		if synctest.Wait(); len(p.inbox) != 0 {
			t.Fatal("something is delivered while the writer is behind")
		}
		go l.deliver(Arrival{Kind: Ended})
		if synctest.Wait(); len(p.inbox) != 1 {
			t.Error("the end waits for the writer")
		}
		for range parts {
			c.proceed <- nil
		}
		if synctest.Wait(); len(p.inbox) != 2 {
			t.Error("nothing is delivered when the writer has caught up")
		}
		go func() {
			for range bounds.ConnectionArrivals {
				l.deliver(Arrival{Kind: Received})
			}
		}()
		if synctest.Wait(); len(p.inbox) != bounds.ConnectionArrivals {
			t.Errorf("%d arrivals are not handled, want %d at most", len(p.inbox), bounds.ConnectionArrivals)
		}
		for range bounds.ConnectionArrivals + 2 {
			p.handle(<-p.inbox)
			synctest.Wait()
		}
		if len(p.inbox) != 0 || len(l.handling) != 0 {
			t.Errorf("%d arrivals are left, %d to be handled", len(p.inbox), len(l.handling))
		}
	})
}

// One message may always wait, however long it is.
func TestPortableLinkTakesOneLongMessage(t *testing.T) {
	onLink(t, func(t *testing.T, l *portableLink, c *slowConn, _ *portable) {
		if err := l.Send(make([]byte, 10*bounds.WriterBacklog*bounds.Unwritten)); err != nil {
			t.Error(err)
		}
		c.proceed <- nil
	})
}

// A farewell that nobody reads ends after its time.
func TestPortableLinkClosesInTime(t *testing.T) {
	onLink(t, func(t *testing.T, l *portableLink, c *slowConn, p *portable) {
		if err := errors.Join(l.Send([]byte("bye")), l.Close()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(farewellTime - 1) // virtual
		if synctest.Wait(); len(c.ways()) != 0 {
			t.Errorf("it was %q too soon", c.ways())
		}
		time.Sleep(time.Nanosecond)
		if synctest.Wait(); !slices.Equal(c.ways(), []string{"aborted", "closed"}) || len(p.links) != 0 {
			t.Errorf("it was %q, %d links are left", c.ways(), len(p.links))
		}
	})
}

// A failed write is the worker's to hear of where the reader may not notice it.
func TestPortableLinkTellsOfFailedWrites(t *testing.T) {
	for reason, told := range map[transport.CloseReason]bool{
		transport.Timeout: true, transport.Broken: true, transport.Reset: false, transport.ByPeer: false, transport.ByUs: false,
	} {
		onLink(t, func(t *testing.T, l *portableLink, c *slowConn, p *portable) {
			if err := l.Send([]byte("a")); err != nil {
				t.Fatal(err)
			}
			failure := &transport.CloseError{Reason: reason}
			c.proceed <- failure
			synctest.Wait()
			if got := len(p.inbox) == 1; got != told {
				t.Errorf("%v: the worker is told: %t, want %t", reason, got, told)
			}
			if err := l.Send(nil); err != failure {
				t.Errorf("%v: the next Send says %v", reason, err)
			}
		})
	}
}
