package transport_test

import (
	"fmt"
	"strings"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

func TestRoundTrip(t *testing.T) {
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		if c.Transport() != b.kind || b.transport.Transport() != b.kind {
			b.Fatalf("transports %s and %s, want %s", c.Transport(), b.transport.Transport(), b.kind)
		}
		b.expectOpen()
		b.send(c, "hello")
		link := b.expectMessage("hello").link
		if got, want := link.RemoteAddr().String(), c.Raw().LocalAddr().String(); got != want {
			b.Errorf("remote address %s, want %s", got, want)
		}
		if link.Transport() != b.kind {
			b.Errorf("link is %s, want %s", link.Transport(), b.kind)
		}
		link.Send([]byte("welcome"))
		b.receive(c, "welcome")
	})
}

func TestMessagesKeepTheirOrder(t *testing.T) {
	const count = 200 // fewer than the datagrams a socket holds
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		b.expectOpen()
		for i := range count {
			b.send(c, fmt.Sprint("up ", i))
		}
		var link transport.Link
		for i := range count {
			link = b.expectMessage(fmt.Sprint("up ", i)).link
		}
		for i := range count {
			link.Send([]byte(fmt.Sprint("down ", i)))
		}
		for i := range count {
			b.receive(c, fmt.Sprint("down ", i))
		}
	})
}

func TestSendCopiesTheMessage(t *testing.T) {
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		b.expectOpen()
		b.send(c, "x")
		link := b.expectMessage("x").link
		body := []byte("first")
		link.Send(body)
		copy(body, "XXXXX")
		b.receive(c, "first")
	})
}

func TestLargestMessage(t *testing.T) {
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		b.expectOpen()
		largest := strings.Repeat("a", b.kind.MaxMessage())
		b.send(c, largest)
		link := b.expectMessage(largest).link
		link.Send([]byte(largest + largest)) // a client takes more than a server
		b.receive(c, largest+largest)

		b.send(c, largest+"b")
		switch b.kind {
		case wire.UDP: // cut (§2)
			b.expectMessage(largest)
		case wire.TCP:
			if _, ok := b.expect("closed").reason.(*wire.FrameError); !ok {
				b.Error("the reason is not a *wire.FrameError")
			}
		case wire.WS:
			if _, ok := b.expect("closed").reason.(*websocket.ProtocolError); !ok {
				b.Error("the reason is not a *ProtocolError")
			}
		}
	})
}

func TestManyLinksAtOnce(t *testing.T) {
	const clients, messages = 100, 20
	echo := func(l transport.Link, body []byte) { l.Send(body) }
	onServers(t, streams, setup{probe: func(p *probe) { p.onMessage = echo }}, func(b *bench) {
		results := make(chan error, clients)
		for i := range clients {
			c := b.dial()
			go func() { results <- pingPong(c, i, messages) }()
		}
		for range clients {
			if err := <-results; err != nil {
				b.Error(err)
			}
		}
	})
}

// pingPong sends messages one at a time and compares what comes back.
func pingPong(c transport.Conn, client, messages int) error {
	for i := range messages {
		want := fmt.Sprintf("client %d message %d", client, i)
		if err := c.Send([]byte(want)); err != nil {
			return err
		}
		got, err := c.Receive()
		if err != nil {
			return err
		}
		if string(got) != want {
			return fmt.Errorf("got %q, want %q", got, want)
		}
	}
	return c.Close()
}
