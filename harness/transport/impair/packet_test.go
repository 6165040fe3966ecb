package impair_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// receive reads one datagram at the server.
func receive(t *testing.T, server transport.PacketConn) (text string, from netip.AddrPort) {
	t.Helper()
	b := make([]byte, 100)
	n, from, err := server.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n]), from
}

// receiveOne reads one datagram at the client.
func receiveOne(t *testing.T, c net.Conn) string {
	t.Helper()
	b := make([]byte, 100)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestPacketDelays(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := packets(t, n, pathOf(t, "udp out: delay=100ms", "udp in: delay=1s"), "A")
		start := time.Now()
		write(t, client, "hello")
		took(t, "writing", start, 0)
		text, from := receive(t, server)
		took(t, "the way out", start, 100*ms)
		if text != "hello" {
			t.Errorf("the server got %q", text)
		}
		_, _ = server.WriteToUDPAddrPort([]byte("welcome"), from)
		if got := receiveOne(t, client); got != "welcome" {
			t.Errorf("the client got %q", got)
		}
		took(t, "the round trip", start, 1100*ms)
	})
}

// What arrives out of order, twice or never.
func TestPacketLossCopiesAndOrder(t *testing.T) {
	tests := map[string]struct {
		key  string
		want []string
	}{
		"duplicate": {"duplicate=100%", []string{"0", "0", "1", "1"}},
		"reorder":   {"reorder=100%", []string{"1", "0"}},
		"drop":      {"drop=100%", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			alike(t, func(t *testing.T, n transport.Network) {
				path := pathOf(t, "udp out: "+test.key)
				client, server := packets(t, n, path, "A")
				write(t, client, "0")
				write(t, client, "1")
				for _, want := range test.want {
					if got, _ := receive(t, server); got != want {
						t.Errorf("the server got %q, want %q", got, want)
					}
				}
				if c := path.Counts()[0]; c.Passed+c.Dropped != 2 || c.Passed+c.Doubled != int64(len(test.want)) {
					t.Errorf("counted %+v", c)
				}

				client, server = packets(t, n, pathOf(t, "udp in: "+test.key), "A")
				write(t, client, "x")
				_, from := receive(t, server)
				for i := range 2 {
					_, _ = server.WriteToUDPAddrPort(fmt.Append(nil, i), from)
				}
				for _, want := range test.want {
					if got := receiveOne(t, client); got != want {
						t.Errorf("the client got %q, want %q", got, want)
					}
				}
				if _, virtual := n.(*memory.Network); virtual {
					_ = client.SetReadDeadline(time.Now().Add(time.Hour))
					readError(t, client, errTimeout)
				}
			})
		})
	}
}

// lost sends datagrams on a connection and returns those that do not arrive.
func lost(t *testing.T, n transport.Network, specs []string, name string, round int) (missing []int) {
	t.Helper()
	path := pathOf(t, specs...)
	client, err := func() (net.Conn, error) {
		server, err := n.ListenPacket("127.0.0.1:7000")
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { _ = server.Close() })
		ctx := impair.WithName(impair.WithRound(t.Context(), round), name)
		c, err := path.Network(n, wire.UDP).DialPacket(ctx, "127.0.0.1:7000")
		if err != nil {
			return nil, err
		}
		const count = 100
		seen := map[string]bool{}
		for i := range count {
			write(t, c, fmt.Sprint(i))
		}
		counted := path.Counts()[0]
		for range counted.Passed + counted.Doubled {
			text, _ := receive(t, server)
			seen[text] = true
		}
		for i := range count {
			if !seen[fmt.Sprint(i)] {
				missing = append(missing, i)
			}
		}
		return c, server.Close()
	}()
	if err != nil {
		t.Fatal(err)
	}
	_ = client.Close()
	return missing
}

// The outcome of a datagram depends on the seed, the name of the connection and its
// number, and on nothing else.
func TestSameSeedSameLosses(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		specs := []string{"udp: drop=20%, seed=7"}
		first := lost(t, n, specs, "login/accepted udp A 1", 0)
		if len(first) < 5 || len(first) > 40 {
			t.Fatalf("%d of 100 datagrams lost", len(first))
		}
		for name, test := range map[string]struct {
			specs []string
			conn  string
			round int
			same  bool
		}{
			"again":                 {specs, "login/accepted udp A 1", 0, true},
			"first round":           {specs, "login/accepted udp A 1", 1, true},
			"with copies":           {[]string{"udp: drop=20%, duplicate=50%, seed=7"}, "login/accepted udp A 1", 0, true},
			"another seed":          {[]string{"udp: drop=20%, seed=8"}, "login/accepted udp A 1", 0, false},
			"another name":          {specs, "login/accepted udp A 2", 0, false},
			"another round":         {specs, "login/accepted udp A 1", 2, false},
			"without a name":        {specs, "", 0, false},
			"seed 6, second round":  {[]string{"udp: drop=20%, seed=6"}, "login/accepted udp A 1", 2, true},
			"without seed, round 8": {[]string{"udp: drop=20%"}, "login/accepted udp A 1", 8, true},
		} {
			if got := lost(t, n, test.specs, test.conn, test.round); slices.Equal(got, first) != test.same {
				t.Errorf("%s: lost %v, at first %v", name, got, first)
			}
		}
	})
}

// Connections without a name do not lose the same datagrams.
func TestUnnamedConnections(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		path := pathOf(t, "udp out: drop=50%")
		var outcomes []string
		for range 2 {
			client, server := packets(t, n, path, "")
			for i := range 26 {
				write(t, client, string(rune('a'+i)))
			}
			write(t, client, "") // so that something is there to read up to
			synctest.Wait()
			outcome := ""
			for {
				done := time.AfterFunc(time.Second, func() { _ = server.Close() })
				b := make([]byte, 1)
				k, _, err := server.ReadFromUDPAddrPort(b)
				done.Stop()
				if err != nil {
					break
				}
				outcome += string(b[:k])
			}
			outcomes = append(outcomes, outcome)
		}
		if outcomes[0] == outcomes[1] || outcomes[0] == "" {
			t.Errorf("two connections got through alike: %q", outcomes)
		}
	})
}

func TestPacketReadDeadline(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := packets(t, n, pathOf(t, "udp in: delay=1s"), "A")
		start := time.Now()
		write(t, client, "x")
		_, from := receive(t, server)
		_, _ = server.WriteToUDPAddrPort([]byte("late"), from)
		_ = client.SetDeadline(start.Add(500 * ms))
		readError(t, client, errTimeout)
		took(t, "the timeout", start, 500*ms)
		_ = client.SetReadDeadline(time.Time{})
		b := make([]byte, 2) // a longer datagram is cut off, as from a socket
		if n, err := client.Read(b); err != nil || string(b[:n]) != "la" {
			t.Errorf("Read: %q, %v", b[:n], err)
		}
		took(t, "the way", start, time.Second)
		_ = client.SetReadDeadline(start.Add(2 * time.Second))
		readError(t, client, errTimeout)
	})
}

// What was written before Close still goes out, and then the port is free.
func TestPacketClose(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, server := packets(t, n, pathOf(t, "udp: delay=1s"), "A")
		start := time.Now()
		write(t, client, "logout")
		blocked := make(chan error, 1)
		go func() {
			_, err := client.Read(make([]byte, 1))
			blocked <- err
		}()
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-blocked; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the blocked Read: %v", err)
		}
		took(t, "closing", start, 0)
		if got, _ := receive(t, server); got != "logout" {
			t.Errorf("the server got %q", got)
		}
		took(t, "the way", start, time.Second)
		synctest.Wait()
		again, err := n.ListenPacket(client.LocalAddr().String())
		if err != nil {
			t.Fatalf("the port is not free: %v", err)
		}
		_ = again.Close()
		_, writeErr := client.Write([]byte("x"))
		for what, err := range map[string]error{"Write": writeErr, "Close": client.Close(), "SetDeadline": client.SetDeadline(time.Time{})} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", what, err)
			}
		}
	})
}

// A refusal comes after its delay, and does not end the socket.
func TestPacketRefused(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		client, err := pathOf(t, "udp: delay=1s").Network(n, wire.UDP).DialPacket(t.Context(), "127.0.0.1:7901")
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for range 2 {
			start := time.Now()
			write(t, client, "nobody there")
			readError(t, client, syscall.ECONNREFUSED)
			took(t, "the refusal", start, 2*time.Second)
		}
	})
}

func TestPacketCounts(t *testing.T) {
	inMemory(t, func(t *testing.T, n transport.Network) {
		path := pathOf(t, "udp: drop=100%")
		client, _ := packets(t, n, path, "A")
		for range 3 {
			write(t, client, "x")
		}
		want := []impair.Count{{Transport: wire.UDP, Direction: impair.Out, Dropped: 3}}
		if got := path.Counts(); !slices.Equal(got, want) {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
}
