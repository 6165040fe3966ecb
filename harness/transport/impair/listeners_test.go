package impair_test

import (
	"sync"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

// What a listener accepts is delayed in both directions, datagrams and streams alike.
func TestListenersDelay(t *testing.T) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			inMemory(t, func(t *testing.T, n transport.Network) {
				path := pathOf(t, "out: delay=100ms", "in: delay=1s")
				a, err := transport.ListenForConns(path.Listeners(t.Context(), n, kind), kind, "127.0.0.1:0", transport.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer path.Settle()
				var echoing sync.WaitGroup
				defer echoing.Wait()
				defer a.Close()
				echoing.Go(func() {
					c, err := a.Accept()
					for err == nil {
						var body []byte
						if body, err = c.Receive(); err == nil {
							err = c.Send(body)
						}
					}
					if c != nil {
						_ = c.Abort()
					}
				})
				c, err := transport.Dial(t.Context(), n, kind, a.Addr().String(), transport.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Abort()
				for range 2 {
					start := time.Now()
					_ = c.Send([]byte("hello"))
					if got, err := c.Receive(); err != nil || string(got) != "hello" {
						t.Fatalf("Receive: %q, %v", got, err)
					}
					took(t, "the echo", start, 1100*ms)
				}
			})
		})
	}
}

// The same seed and name lose the same datagrams that a listener receives, and a closed
// listener delivers none.
func TestListenersLose(t *testing.T) {
	outcome := func(seed string) (lost string) {
		inMemory(t, func(t *testing.T, n transport.Network) {
			path := pathOf(t, "udp in: drop=30%, "+seed)
			l, err := path.Listeners(impair.WithName(t.Context(), "case"), n, wire.UDP).ListenPacket("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			c, err := n.DialPacket(t.Context(), l.LocalAddr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for i := range byte(40) {
				write(t, c, string([]byte{'a' + i}))
			}
			time.Sleep(ms) // virtual: all have arrived
			go func() {
				time.Sleep(ms)
				_ = l.Close()
			}()
			for b := make([]byte, 1); ; {
				if _, _, err := l.ReadFromUDPAddrPort(b); err != nil {
					return
				}
				lost += string(b)
			}
		})
		return lost
	}
	first := outcome("seed=1")
	if len(first) < 15 || len(first) > 38 {
		t.Errorf("%d of 40 datagrams arrived of which 30 %% are lost", len(first))
	}
	if again := outcome("seed=1"); again != first {
		t.Errorf("the same seed let %q arrive, then %q", first, again)
	}
	if other := outcome("seed=2"); other == first {
		t.Error("another seed loses the same datagrams")
	}
}
