package transport_test

import (
	"bytes"
	"fmt"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// batchProbe is a probe that takes many messages at once and echoes each.
type batchProbe struct {
	*probe
	sizes chan int
}

func (p *batchProbe) Messages(arrived []transport.Arrival) {
	p.sizes <- len(arrived)
	for i := range arrived {
		arrived[i].Link().Send(bytes.Clone(arrived[i].Body))
	}
}

// What has arrived meanwhile is delivered and answered at once, in its order.
func TestDatagramsAreDeliveredTogether(t *testing.T) {
	l, err := transport.Listen(transport.OS{}, wire.UDP, "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, network: transport.OS{}, transport: l, kind: wire.UDP, address: l.Addr().String()}
	c := b.dial()
	const messages = 100
	for i := range messages {
		b.send(c, fmt.Sprint("message ", i))
	}
	p := &batchProbe{newProbe(), make(chan int, messages)}
	served := make(chan error, 1)
	go func() { served <- l.Serve(p) }()
	for i := range messages {
		b.receive(c, fmt.Sprint("message ", i))
	}
	if first, second := <-p.sizes, <-p.sizes; first != 64 || second != messages-64 {
		t.Errorf("%d and %d datagrams were delivered at once, want 64 and the rest", first, second)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A socket of IPv6 that IPv4 reaches too has the addresses that package net has.
func TestDatagramsOfBothFamilies(t *testing.T) {
	l, err := transport.Listen(transport.OS{}, wire.UDP, "[::]:0", transport.Options{})
	if err != nil {
		t.Skip("there is no IPv6: ", err)
	}
	p := newProbe()
	served := make(chan error, 1)
	go func() { served <- l.Serve(p) }()
	_, port, _ := bytes.Cut([]byte(l.Addr().String()), []byte("]"))
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		b := &bench{T: t, network: transport.OS{}, kind: wire.UDP, address: host + string(port), probe: p}
		c := b.dial()
		b.send(c, "question")
		link := b.expectMessage("question").link
		if want := c.Raw().LocalAddr().String(); link.RemoteAddr().String() != want {
			t.Errorf("the client at %s is known as %s", want, link.RemoteAddr())
		}
		link.Send([]byte("answer"))
		b.receive(c, "answer")
	}
	_ = l.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
