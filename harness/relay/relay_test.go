package relay_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/relay"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

const anyPort = "127.0.0.1:0"

// world is a relay in virtual time, with a server that echoes.
type world struct {
	*testing.T
	network transport.Network
	relay   *relay.Relay

	mu      sync.Mutex
	entries []relay.Entry
	sources []string // addresses that datagrams came to the server from
}

// inWorld runs a test. That its bubble ends shows that no goroutine and no timer is left.
func inWorld(t *testing.T, specs []string, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		policy, _, err := impair.Parse(specs)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, network: memory.New()}
		w.relay = relay.New(relay.Config{Network: w.network, Policy: policy, Log: func(e relay.Entry) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.entries = append(w.entries, e)
		}})
		defer w.relay.Close()
		test(w)
	})
}

// logged returns what was logged so far.
func (w *world) logged() []relay.Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.entries)
}

// seen returns the addresses that datagrams came from so far.
func (w *world) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sources)
}

// events lists the names of what was logged.
func (w *world) events() (names []relay.EventName) {
	for _, e := range w.logged() {
		names = append(names, e.Event)
	}
	return names
}

// packets returns a client's socket; the server is at the other side of the relay.
func (w *world) packets() net.Conn {
	w.Helper()
	server, err := w.network.ListenPacket(anyPort)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { server.Close() })
	go func() {
		buffer := make([]byte, 2000)
		for {
			n, from, err := server.ReadFromUDPAddrPort(buffer)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				w.mu.Lock()
				w.sources = append(w.sources, from.String())
				w.mu.Unlock()
				_, _ = server.WriteToUDPAddrPort(buffer[:n], from)
			}
		}
	}()
	bound, err := w.relay.Listen(wire.UDP, anyPort, server.LocalAddr().String())
	if err != nil {
		w.Fatal(err)
	}
	client, err := w.network.DialPacket(w.Context(), bound.String())
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { client.Close() })
	return client
}

// streams returns both ends of a stream.
func (w *world) streams() (client, server net.Conn) {
	w.Helper()
	l, err := w.network.ListenStream(anyPort)
	if err != nil {
		w.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	bound, err := w.relay.Listen(wire.TCP, anyPort, l.Addr().String())
	if err != nil {
		w.Fatal(err)
	}
	if client, err = w.network.DialStream(w.Context(), bound.String()); err != nil {
		w.Fatal(err)
	}
	server = <-accepted
	w.Cleanup(func() { _, _ = client.Close(), server.Close() })
	return client, server
}

// answer sends a text and returns what comes back within a second, "" for nothing.
func (w *world) answer(c net.Conn, text string) string {
	w.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		w.Fatal(err)
	}
	return w.read(c, time.Second)
}

// read returns what comes within a time, or the error.
func (w *world) read(c net.Conn, within time.Duration) string {
	w.Helper()
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		w.Fatal(err)
	}
	buffer := make([]byte, 2000)
	n, err := c.Read(buffer)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return ""
	}
	if err != nil {
		return err.Error()
	}
	return string(buffer[:n])
}

func (w *world) do(action string) {
	w.Helper()
	a, err := relay.ParseAction(action)
	if err == nil {
		err = w.relay.Do(a)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// The impairment is that of package impair, and every datagram that is lost is logged.
func TestDatagramsAreImpaired(t *testing.T) {
	inWorld(t, []string{"udp out: drop=20%, seed=3", "udp: delay=100ms"}, func(w *world) {
		client := w.packets()
		answered := 0
		for i := range 100 {
			start := time.Now()
			m := wire.NewQoSData("u", "v", "x", fmt.Sprint("fp-", i))
			if w.answer(client, m.String()) != "" {
				answered++
				if took := time.Since(start); took != 200*time.Millisecond {
					w.Fatalf("an answer took %v", took)
				}
			}
		}
		if answered < 65 || answered > 95 {
			w.Errorf("%d of 100 were answered", answered)
		}
		dropped := 0
		for _, e := range w.logged() {
			if e.Event == relay.EventDropped {
				dropped++
				if e.Direction != "out" || e.Transport != "udp" || !strings.HasPrefix(e.Fingerprint, "fp-") || e.Message == "" || e.Bytes == 0 || e.Connection != "1" {
					w.Errorf("entry %+v", e)
				}
			}
		}
		if dropped != 100-answered {
			w.Errorf("%d logged as dropped, %d were not answered", dropped, 100-answered)
		}
	})
}

func TestRebinding(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		client := w.packets()
		for range 2 {
			if got := w.answer(client, "before"); got != "before" {
				w.Fatalf("got %q", got)
			}
		}
		w.do("rebind")
		if got := w.answer(client, "after"); got != "after" {
			w.Fatalf("got %q", got)
		}
		if s := w.seen(); s[0] != s[1] || s[1] == s[2] {
			w.Errorf("the server saw %q", s)
		}
		want := []relay.EventName{relay.EventListening, relay.EventOpened, relay.EventRebound, relay.EventAction}
		if got := w.events(); !slices.Equal(got, want) {
			w.Errorf("logged %q, want %q", got, want)
		}
	})
}

func TestOutagesAndStallsOfDatagrams(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		client := w.packets()
		w.do("outage 20s")
		if got := w.answer(client, "lost"); got != "" {
			w.Errorf("got %q during an outage", got)
		}
		time.Sleep(20 * time.Second)
		if got := w.answer(client, "back"); got != "back" {
			w.Errorf("got %q after the outage", got)
		}
		w.do("stall 5s")
		start := time.Now()
		if got := w.answer(client, "late"); got != "" {
			w.Errorf("got %q during a stall", got)
		}
		if got := w.read(client, time.Minute); got != "late" || time.Since(start) != 5*time.Second {
			w.Errorf("got %q after %v", got, time.Since(start))
		}
		if e := w.events(); !slices.Contains(e, relay.EventEnded) || !slices.Contains(e, relay.EventDropped) {
			w.Errorf("logged %q", e)
		}
	})
}

// A client that has said nothing for ten minutes is forgotten, and comes again.
func TestSilentClients(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		client := w.packets()
		w.answer(client, "one")
		time.Sleep(10*time.Minute + time.Second)
		if got := w.answer(client, "two"); got != "two" {
			w.Errorf("got %q", got)
		}
		want := []relay.EventName{relay.EventListening, relay.EventOpened, relay.EventClosed, relay.EventOpened}
		if got := w.events(); !slices.Equal(got, want) {
			w.Errorf("logged %q, want %q", got, want)
		}
	})
}

func TestStreams(t *testing.T) {
	inWorld(t, []string{"tcp out: delay=100ms"}, func(w *world) {
		client, server := w.streams()
		start := time.Now()
		_, _ = io.WriteString(client, "hello")
		if got := w.read(server, time.Second); got != "hello" || time.Since(start) != 100*time.Millisecond {
			w.Errorf("got %q after %v", got, time.Since(start))
		}
		w.do("outage 20s")
		_, _ = io.WriteString(server, "back")
		if got := w.read(client, time.Minute); got != "back" || time.Since(start) < 20*time.Second {
			w.Errorf("got %q after %v", got, time.Since(start))
		}
		// Half a close is passed on, and the other direction goes on.
		_ = client.(interface{ CloseWrite() error }).CloseWrite()
		if got := w.read(server, time.Second); got != "EOF" {
			w.Errorf("got %q", got)
		}
		_, _ = io.WriteString(server, "bye")
		if got := w.read(client, time.Second); got != "bye" {
			w.Errorf("got %q", got)
		}
		_ = server.Close()
		if got := w.read(client, time.Second); got != "EOF" {
			w.Errorf("got %q", got)
		}
	})
}

func TestResets(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		client, server := w.streams()
		w.do("reset")
		for _, end := range []net.Conn{client, server} {
			if _, err := end.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				w.Errorf("got %v", err)
			}
		}
	})
	inWorld(t, nil, func(w *world) { // as the client does it
		client, server := w.streams()
		_ = client.(interface{ SetLinger(int) error }).SetLinger(0)
		_ = client.Close()
		if _, err := server.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			w.Errorf("got %v", err)
		}
	})
}

// Neither end of a half-open connection learns anything of the other.
func TestHalfOpen(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		client, server := w.streams()
		w.do("half-open")
		if got := w.answer(client, "gone"); got != "" {
			w.Errorf("the client got %q", got)
		}
		_ = client.Close()
		if got := w.read(server, time.Hour); got != "" {
			w.Errorf("the server got %q", got)
		}
	})
}

// A server that is not there resets its clients.
func TestUnreachable(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		bound, err := w.relay.Listen(wire.WS, anyPort, "127.0.0.1:1")
		if err != nil {
			w.Fatal(err)
		}
		client, err := w.network.DialStream(w.Context(), bound.String())
		if err != nil {
			w.Fatal(err)
		}
		defer client.Close()
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			w.Errorf("got %v", err)
		}
		if e := w.events(); !slices.Contains(e, relay.EventUnreachable) {
			w.Errorf("logged %q", e)
		}
	})
}

// Actions at their times, and an impairment that changes for open connections too.
func TestPlan(t *testing.T) {
	inWorld(t, []string{"seed=1, delay=10ms"}, func(w *world) {
		client := w.packets()
		var plan []relay.Timed
		for _, text := range []string{"20s=impair none", "10s = impair udp: drop=100%"} {
			timed, err := relay.ParseTimed(text)
			if err != nil {
				w.Fatal(err)
			}
			plan = append(plan, timed)
		}
		go w.relay.Run(w.Context(), plan)
		for i, want := range []string{"0", "", "2"} {
			synctest.Wait()
			if got := w.answer(client, fmt.Sprint(i)); got != want {
				w.Errorf("after %d0 s: got %q, want %q", i, got, want)
			}
			time.Sleep(10 * time.Second)
		}
		if all := w.logged(); all[len(all)-1].Action != "impair none" || all[len(all)-1].ElapsedMs != 20_000 {
			w.Errorf("the last entry is %+v", all[len(all)-1])
		}
	})
}

func TestBadActions(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "is no action",
		"dance":               "use rebind, half-open",
		"rebind now":          "nothing follows rebind",
		"stall":               "such as stall 5s",
		"outage -1s":          "such as outage 5s",
		"stall 2h":            "up to 1h0m0s",
		"impair tcp: drop=5%": "a byte stream loses",
		"impair":              "a key is missing",
	} {
		if _, err := relay.ParseAction(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v does not say %q", text, err, want)
		}
	}
	for _, text := range []string{"rebind", "x=rebind", "-1s=rebind", "1s=dance"} {
		if _, err := relay.ParseTimed(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
