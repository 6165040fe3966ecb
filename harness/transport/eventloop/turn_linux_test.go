package eventloop

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/batch"
	"imcheck/protocol/wire"
)

// flood is a TCP server that, once started, sends a number of tiny messages and then
// closes. start can wait until all of them are in the sockets.
func flood(t *testing.T, messages int) (address string, start func(wait bool)) {
	t.Helper()
	begin, sent := make(chan struct{}), make(chan struct{})
	address = rawServer(t, func(c *net.TCPConn) {
		<-begin
		_, _ = c.Write(bytes.Repeat(wire.AppendFrame(nil, []byte("x")), messages))
		close(sent)
	})
	return address, func(wait bool) {
		if close(begin); wait {
			<-sent
		}
	}
}

// pollOnce makes one Poll that does not wait long, and returns how many messages
// came on a connection.
func (w *world) pollOnce(tag uint64) int {
	w.Helper()
	before := len(w.messages[tag])
	if err := w.Poll(time.Millisecond); err != nil {
		w.Fatal(err)
	}
	return len(w.messages[tag]) - before
}

// However much has come on a stream, one turn takes a part of it, and none of it
// is lost. The end, which came with the rest, is reported last.
func TestAStreamHasItsTurn(t *testing.T) {
	const size = wire.FrameHeader + 1
	const perTurn = (partSize+bounds.TurnBytes)/size + 1
	const messages = 10 * perTurn
	for _, withoutRing := range []bool{false, true} {
		address, start := flood(t, messages)
		c := at(wire.TCP, address)
		c.WithoutRing = withoutRing
		w := newWorld(t, c)
		w.dial(wire.TCP, 0)
		start(true)
		turns := 0
		for end := time.Now().Add(patience); w.ends[0] == nil && time.Now().Before(end); turns++ {
			if n := w.pollOnce(0); n > perTurn {
				t.Fatalf("%d messages in one turn, want %d at most", n, perTurn)
			}
		}
		if got := len(w.messages[0]); got != messages || w.ends[0] == nil || w.ends[0].Reason != transport.ByPeer {
			t.Errorf("%d messages in %d turns, end %v; want %d and the peer's", got, turns, w.ends[0], messages)
		}
	}
}

// A flood without end leaves the other connections their turns.
func TestAFloodLeavesOthersTheirTurns(t *testing.T) {
	block := bytes.Repeat(wire.AppendFrame(nil, []byte("x")), 1<<12)
	c := at(wire.TCP, rawServer(t, func(c *net.TCPConn) {
		for err := error(nil); err == nil; { // until the client has gone
			_, err = c.Write(block)
		}
	}))
	echoing := newPeer(t, wire.UDP)
	c.Addresses[wire.UDP] = echoing.address
	w := newWorld(t, c)
	w.dial(wire.TCP, 0)
	conn := w.dial(wire.UDP, 1)
	w.until("the flood to begin", func() bool { return len(w.messages[0]) > 0 })
	for round := range 20 {
		w.say(conn, "hello")
		w.until("the echo", func() bool { return len(w.messages[1]) == round+1 })
	}
}

// A turn whose time is over leaves what can wait to the next one.
func TestATurnIsBoundedInTime(t *testing.T) {
	const size = wire.FrameHeader + 1
	address, start := flood(t, 4*partSize/size)
	w := newWorld(t, at(wire.TCP, address))
	w.dial(wire.TCP, 0)
	start(true)
	w.turn = time.Now().Add(-bounds.TurnTime)
	s := w.conns[0].(*stream)
	s.await()
	for turn := range 3 {
		w.read()
		if got, want := len(w.messages[0]), (turn+1)*partSize/size; got != want {
			t.Fatalf("%d messages after turn %d, want %d: no more than the batch has room for", got, turn, want)
		}
		if len(w.readable) != 1 || !s.inReadable {
			t.Fatalf("%d streams wait for their turn, want the one that has more", len(w.readable))
		}
	}
}

// A shared socket takes one batch a turn, in turn with the others.
func TestASharedSocketHasItsTurn(t *testing.T) {
	server, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c := at(wire.UDP, server.LocalAddr().String())
	c.Sources = sources(2)
	w := newWorld(t, c)
	const batches = 3
	var clients []netip.AddrPort
	for seat := range 4 { // of two sockets
		w.say(w.dial(wire.UDP, seat), "hello")
		_, from, err := server.ReadFromUDPAddrPort(make([]byte, 10))
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, from)
	}
	for _, from := range clients {
		for range batches * batch.MaxDatagrams / 2 {
			if _, err := server.WriteToUDPAddrPort([]byte("x"), from); err != nil {
				t.Fatal(err)
			}
		}
	}
	counts := func() (first, second int) {
		return len(w.messages[0]) + len(w.messages[1]), len(w.messages[2]) + len(w.messages[3])
	}
	w.turn = time.Now().Add(-bounds.TurnTime)
	for _, k := range w.shared.sockets {
		k.await()
	}
	for turn := range 2 * batches {
		w.receive()
		first, second := counts()
		if want := (turn + 1) * batch.MaxDatagrams; first+second != want || first-second > batch.MaxDatagrams {
			t.Fatalf("after turn %d they have %d and %d datagrams, want %d in turn", turn, first, second, want)
		}
	}
	w.until("both to be empty", func() bool { return len(w.filled) == 0 })
	if first, second := counts(); first != batches*batch.MaxDatagrams || second != first {
		t.Errorf("%d and %d datagrams came, want %d each", first, second, batches*batch.MaxDatagrams)
	}
}

// A stream with much to write has no turn to be read from until that is written.
func TestAStreamThatIsBehindIsNotRead(t *testing.T) {
	address, start := flood(t, 10)
	w := newWorld(t, at(wire.TCP, address))
	s := w.dial(wire.TCP, 0).(*stream)
	start(true)
	s.prepare()
	s.out, s.blocked = make([]byte, bounds.Unwritten/bounds.UnwrittenShare+1), true // as if the socket took no more
	s.await()
	if w.read(); len(w.messages[0]) != 0 || !s.paused || len(w.readable) != 0 {
		t.Fatalf("%d messages were read, paused: %t", len(w.messages[0]), s.paused)
	}
	s.wrote(1, nil)
	if w.read(); len(w.messages[0]) != 10 || s.paused {
		t.Errorf("%d messages were read when half of the bound was left, paused: %t", len(w.messages[0]), s.paused)
	}
}
