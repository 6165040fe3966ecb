package transport_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// clientFrame is a masked WebSocket frame; the mask is fixed, so that tests are
// repeatable.
func clientFrame(f websocket.Frame) []byte {
	mask := []byte{0x11, 0x22, 0x33, 0x44}
	b := frameHeader(f, 0x80)
	b = append(b, mask...)
	for i, c := range f.Payload {
		b = append(b, c^mask[i%4])
	}
	return b
}

// serverFrame is a WebSocket frame without a mask.
func serverFrame(f websocket.Frame) []byte { return append(frameHeader(f, 0), f.Payload...) }

// frameHeader is written out here, so that the package's own encoder does not
// vouch for itself.
func frameHeader(f websocket.Frame, maskBit byte) []byte {
	first := f.RSV<<4 | byte(f.Opcode)
	if f.Fin {
		first |= 0x80
	}
	switch n := len(f.Payload); {
	case n < 126:
		return []byte{first, maskBit | byte(n)}
	case n < 1<<16:
		return []byte{first, maskBit | 126, byte(n >> 8), byte(n)}
	default:
		return []byte{first, maskBit | 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
}

// frameOf is a message as a client sends it.
func (b *bench) frameOf(text string) []byte {
	if b.kind == wire.WS {
		return clientFrame(websocket.Frame{Fin: true, Opcode: 1, Payload: []byte(text)})
	}
	return wire.AppendFrame(nil, []byte(text))
}

// answerOf is a message as a server sends it.
func (b *bench) answerOf(text string) []byte {
	if b.kind == wire.WS {
		return serverFrame(websocket.Frame{Fin: true, Opcode: 1, Payload: []byte(text)})
	}
	return wire.AppendFrame(nil, []byte(text))
}

func TestManyMessagesInOneSegment(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		var segment []byte
		for i := range 100 {
			segment = append(segment, b.frameOf(fmt.Sprint("message ", i))...)
		}
		b.write(c.Raw(), segment)
		for i := range 100 {
			b.expectMessage(fmt.Sprint("message ", i))
		}
	})
}

// texts have lengths at the edges of the encodings, and of the read buffer.
func texts() []string {
	var all []string
	for _, length := range []int{1, 0, 5, 125, 126, 127, 1017, 1018, 1019, 1020, 1021, 2047, 2048, 6144} {
		all = append(all, string(bytes.Repeat([]byte{'a' + byte(length%26)}, length)))
	}
	return all
}

func TestFramesArriveByteByByte(t *testing.T) {
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), kind, setup{})
				c := b.dial()
				b.expect("open")
				for _, text := range texts() {
					for _, octet := range b.frameOf(text) {
						b.write(c.Raw(), []byte{octet})
						synctest.Wait() // so that it is read by itself
					}
					b.expectMessage(text)
				}
			})
		})
	}
}

// A message that comes in two parts is put together, wherever it was cut: at
// the server, and at the client also when the deadline passed in between.
func TestSplitAtEveryByte(t *testing.T) {
	const text = `{"type":5,"dataContent":"Grüße"}`
	for _, kind := range streams {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), kind, setup{})
				up := b.dial()
				b.expect("open")
				down, server := b.dialHalf()
				frame, answer := b.frameOf(text), b.answerOf(text)
				for cut := 1; cut < len(frame); cut++ {
					b.write(up.Raw(), frame[:cut])
					synctest.Wait()
					b.write(up.Raw(), frame[cut:])
					b.expectMessage(text)
				}
				for cut := 1; cut < len(answer); cut++ {
					b.write(server, answer[:cut])
					_ = down.SetReceiveDeadline(time.Now().Add(time.Second))
					if ended := b.closeReason(down); ended.Reason != transport.Timeout {
						t.Fatalf("cut at %d: %v", cut, ended)
					}
					b.write(server, answer[cut:])
					_ = down.SetReceiveDeadline(time.Now().Add(time.Second))
					b.receive(down, text)
				}
			})
		})
	}
}

func TestHalfAFrameThenClose(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		frame := b.frameOf("message")
		for cut := 1; cut < len(frame); cut++ {
			c := b.dial()
			b.expect("open")
			b.write(c.Raw(), frame[:cut])
			_ = c.Raw().Close()
			if ended := b.reasonAtServer(); ended.Reason != transport.ByPeer {
				b.Fatalf("cut at %d: %v", cut, ended)
			}
		}
	})
	onServers(t, streams, setup{}, func(b *bench) {
		answer := b.answerOf("message")
		for cut := 1; cut < len(answer); cut++ {
			c, server := b.dialHalf()
			b.write(server, answer[:cut])
			_ = server.Close()
			ended := b.closeReason(c)
			if ended.Reason != transport.ByPeer || !errors.Is(ended, transport.ErrMidMessage) {
				b.Fatalf("cut at %d: %v", cut, ended)
			}
		}
	})
}

func TestRefusedLengthsOnTCP(t *testing.T) {
	tests := []struct {
		name   string
		header []byte
		length int32
	}{
		{"one over the limit", []byte{0, 0, 0x18, 1}, 6145},
		{"largest", []byte{0x7f, 0xff, 0xff, 0xff}, 1<<31 - 1},
		{"negative", []byte{0xff, 0xff, 0xff, 0xff}, -1},
		{"most negative", []byte{0x80, 0, 0, 0}, -1 << 31},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onServers(t, []wire.Transport{wire.TCP}, setup{}, func(b *bench) {
				c := b.dial()
				b.expect("open")
				b.write(c.Raw(), b.frameOf("before"), test.header)
				b.expectMessage("before")
				bad, ok := b.expect("closed").reason.(*wire.FrameError)
				if !ok || bad.Length != test.length || bad.Limit != wire.MaxTCPBody {
					b.Errorf("the link ended with %v", bad)
				}
				if ended := b.closeReason(c); ended.Reason != transport.ByPeer {
					b.Errorf("at the client: %v", ended)
				}
			})
		})
	}
}

func TestMaxMessageIsAnOption(t *testing.T) {
	onServers(t, everyTransport, setup{
		server: transport.Options{MaxMessage: 10},
		client: transport.Options{MaxMessage: 10},
	}, func(b *bench) {
		c := b.dial()
		b.expectOpen()
		b.send(c, "0123456789")
		link := b.expectMessage("0123456789").link
		link.Send([]byte("9876543210"))
		b.receive(c, "9876543210")
		link.Send([]byte("one too many"))
		if ended := b.closeReason(c); ended.Reason != transport.Broken || ended.Err == nil {
			b.Errorf("a message over the client's limit: %v", ended)
		}
		b.send(c, "0123456789a")
		if b.kind == wire.UDP {
			b.expectMessage("0123456789")
			return
		}
		b.expect("closed")
	})
}

func TestEmptyMessages(t *testing.T) {
	onServers(t, everyTransport, setup{}, func(b *bench) {
		c := b.dial()
		b.expectOpen()
		b.send(c, "")
		link := b.expectMessage("").link
		link.Send(nil)
		body, err := c.Receive()
		if err != nil || body == nil || len(body) != 0 {
			b.Errorf("Receive: %v, %v; want an empty message", body, err)
		}
	})
}

func TestMessageIsReadWholeFromManySegments(t *testing.T) {
	onServers(t, streams, setup{}, func(b *bench) {
		c := b.dial()
		b.expect("open")
		want := bytes.Repeat([]byte("0123456789abcdef"), b.kind.MaxMessage()/16)
		for chunk := range slices.Chunk(b.frameOf(string(want)), 700) {
			b.write(c.Raw(), chunk)
		}
		b.expectMessage(string(want))
	})
}
