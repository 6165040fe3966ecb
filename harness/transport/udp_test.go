package transport_test

import (
	"fmt"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

var onlyUDP = []wire.Transport{wire.UDP}

func TestADatagramLinkIsItsAddress(t *testing.T) {
	onServers(t, onlyUDP, setup{}, func(b *bench) {
		first, second := b.dial(), b.dial()
		b.send(first, "1")
		one := b.expectMessage("1").link
		b.send(second, "2")
		two := b.expectMessage("2").link
		b.send(first, "3")
		again := b.expectMessage("3").link
		if one != again || one == two {
			b.Error("links are equal when their addresses are, and only then")
		}
		one.Close() // which is nothing: the rules forget the session (§2)
		one.Send([]byte("to the first"))
		two.Send([]byte("to the second"))
		b.receive(first, "to the first")
		b.receive(second, "to the second")
	})
}

func TestRefusedDatagram(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		socket, err := n.ListenPacket("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := socket.LocalAddr().String()
		_ = socket.Close() // so that nobody has the port
		b := &bench{T: t, network: n, kind: wire.UDP, address: address}
		c := b.dial()
		for range 2 { // the socket stays usable
			b.send(c, "x")
			if ended := b.closeReason(c); ended.Reason != transport.Reset {
				t.Errorf("Receive: %v", ended)
			}
		}
	})
}

func TestADatagramListenerThatIsClosed(t *testing.T) {
	onServers(t, onlyUDP, setup{}, func(b *bench) {
		c := b.dial()
		b.send(c, "x")
		link := b.expectMessage("x").link
		for i := range 100 {
			link.Send(fmt.Append(nil, i))
		}
		if err := b.transport.Close(); err != nil {
			b.Error(err)
		}
		link.Send([]byte("too late"))
		again, err := transport.Listen(b.network, wire.UDP, b.address, transport.Options{})
		if err != nil {
			b.Fatalf("the port is not free again: %v", err)
		}
		_ = again.Close()
	})
}
