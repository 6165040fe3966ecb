package eventloop

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// sources are addresses of this machine: Linux has all of 127/8.
func sources(n int) (list []netip.Addr) {
	for i := range n {
		list = append(list, netip.AddrFrom4([4]byte{127, 0, 7, byte(1 + i)}))
	}
	return list
}

// Connections that share a socket are distinguished by their addresses: each gets
// its own answers, and the server sees as many sessions.
func TestSharedSockets(t *testing.T) {
	p := newPeer(t, wire.UDP)
	c := at(wire.UDP, p.address)
	c.Sources = sources(3)
	w := newWorld(t, c)
	const n = 8 // on three sockets
	for i := range n {
		w.Open(wire.UDP, uint64(i), i)
	}
	w.until("all connections", func() bool { return len(w.conns) == n })
	for round := range 100 { // more than a batch for each socket
		for i := range n {
			if err := w.conns[uint64(i)].Send([]byte{byte('a' + i), byte(round)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Flush()
	w.until("all echoes", func() bool {
		for i := range n {
			if len(w.messages[uint64(i)]) < 100 {
				return false
			}
		}
		return true
	})
	for tag, messages := range w.messages {
		for _, m := range messages {
			if m[0] != byte('a'+tag) {
				t.Fatalf("connection %d got %q", tag, m)
			}
		}
	}
	ports := map[uint16]bool{}
	for remote := range p.heard() {
		ports[remote.Port()] = true
	}
	if len(p.heard()) != n || len(ports) != 3 {
		t.Errorf("the server saw %d addresses on %d ports, want 8 on 3: %v", len(p.heard()), len(ports), p.heard())
	}
}

func TestSeatsOfSharedSockets(t *testing.T) {
	p := newPeer(t, wire.UDP)
	c := at(wire.UDP, p.address)
	c.Sources = sources(2)
	w := newWorld(t, c)
	first := w.dial(wire.UDP, 0)
	w.Open(wire.UDP, 99, 0)
	w.until("the refusal", func() bool { return w.failures[99] != nil })
	if err := first.Close(); err != nil || first.Send(nil) == nil {
		t.Errorf("%v; a closed connection can be sent on", err)
	}
	w.Open(wire.UDP, 5, 0) // the seat is free again, and its datagrams are the new connection's
	w.until("the next one", func() bool { return w.conns[5] != nil })
	w.say(w.conns[5], "x")
	w.until("its echo", func() bool { return len(w.messages[5]) == 1 })
}

// What a stranger sends to a shared socket is for nobody.
func TestSharedSocketsIgnoreStrangers(t *testing.T) {
	p := newPeer(t, wire.UDP)
	c := at(wire.UDP, p.address)
	c.Sources = sources(2)
	w := newWorld(t, c)
	conn := w.dial(wire.UDP, 1)
	w.say(conn, "x")
	w.until("the echo", func() bool { return len(w.messages[1]) == 1 })
	var remote netip.AddrPort
	for remote = range p.heard() {
	}
	stranger, err := net.Dial("udp", remote.String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := stranger.Write([]byte("spam")); err != nil {
		t.Fatal(err)
	}
	w.say(conn, "y") // its echo comes after the stranger's datagram
	w.until("the next echo", func() bool { return len(w.messages[1]) > 1 })
	if got := w.messages[1]; got[1] != "y" {
		t.Errorf("messages are %q", got)
	}
}

func TestSourcesOfStreams(t *testing.T) {
	onTransports(t, wire.Transports[:], func(_ *world, kind wire.Transport, p *peer) {
		c := p.config(kind)
		c.Sources = sources(1)
		w := newWorld(t, c)
		w.say(w.dial(kind, 0), "x")
		w.until("the echo", func() bool { return len(w.messages[0]) == 1 })
		for remote := range p.heard() {
			if remote.Addr() != c.Sources[0] {
				t.Errorf("it came from %v, want %v", remote, c.Sources[0])
			}
		}
	})
}

func TestASourceThatIsNotOurs(t *testing.T) {
	p := newPeer(t, wire.TCP)
	c := at(wire.TCP, p.address)
	c.Sources = []netip.Addr{netip.MustParseAddr("192.0.2.1")}
	w := newWorld(t, c)
	w.Open(wire.TCP, 1, 0)
	w.until("the failure", func() bool { return w.failures[1] != nil })
	if text := w.failures[1].Error(); !strings.Contains(text, "source address") {
		t.Errorf("the failure is %q", text)
	}
}

func TestDatagramsForNobody(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.LocalAddr().String()
	_ = l.Close()
	w := newWorld(t, at(wire.UDP, address))
	c := w.dial(wire.UDP, 0)
	w.say(c, "anyone?")
	if ended := w.end(0); ended.Reason != transport.Reset {
		t.Errorf("it ended by %v, want a refusal", ended)
	}
	if c.Send(nil) == nil {
		t.Error("a connection that ended can be sent on")
	}
}

func TestDatagramsThatAreTooLong(t *testing.T) {
	for _, n := range []int{1, 2} {
		p := newPeer(t, wire.UDP)
		c := at(wire.UDP, p.address)
		c.Sources, c.MaxDatagram = sources(n), 10
		w := newWorld(t, c)
		conn := w.dial(wire.UDP, 0)
		w.say(conn, strings.Repeat("x", 10), strings.Repeat("x", 11))
		if ended := w.end(0); ended.Reason != transport.Broken || len(w.messages[0]) != 1 {
			t.Errorf("it ended by %v after %q", ended, w.messages[0])
		}
	}
}

// The time of a datagram is that of its arrival, not of its read.
func TestArrivalsOnSharedSockets(t *testing.T) {
	p := newPeer(t, wire.UDP)
	c := at(wire.UDP, p.address)
	c.Sources = sources(2)
	w := newWorld(t, c)
	conn := w.dial(wire.UDP, 0)
	sent, checked := time.Now(), false
	w.onMessage = func(uint64, []byte) {
		checked = true
		if arrived, now := w.Arrived(), time.Now(); arrived.Before(sent) || arrived.After(now) {
			t.Errorf("a datagram sent at %v arrived at %v, and it is %v", sent, arrived, now)
		}
	}
	w.say(conn, "a")
	w.until("the echo", func() bool { return checked })
	if !w.arrived.IsZero() {
		t.Error("the time of a datagram is kept for what comes after it")
	}
}

// A wall clock that is set moves no arrival to before the last look at the socket, or to
// after now.
func TestArrival(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	tests := []struct {
		name  string
		stamp time.Duration // before now
		want  time.Duration // before now
	}{
		{"a stamp", 3 * time.Millisecond, 3 * time.Millisecond},
		{"one of before the last look", time.Hour, 5 * time.Millisecond},
		{"one of later", -time.Hour, 0},
	}
	for _, test := range tests {
		got := arrival(now, now.Add(-5*time.Millisecond), now.Add(-test.stamp).UnixNano())
		if now.Sub(got) != test.want {
			t.Errorf("%s: %v ago, want %v", test.name, now.Sub(got), test.want)
		}
	}
	if got := arrival(now, now.Add(-time.Second), 0); got != now {
		t.Errorf("without a stamp it arrived at %v, want %v", got, now)
	}
}
