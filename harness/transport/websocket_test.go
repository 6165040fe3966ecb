package transport_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// Short names for the tables below.
const (
	opContinuation = websocket.OpContinuation
	opText         = websocket.OpText
	opBinary       = websocket.OpBinary
	opClose        = websocket.OpClose
	opPing         = websocket.OpPing
	opPong         = websocket.OpPong
)

func final(opcode websocket.Opcode, payload string) websocket.Frame {
	return websocket.Frame{Fin: true, Opcode: opcode, Masked: true, Payload: []byte(payload)}
}

// webSocket connects a client, and shows what control frames it receives.
func (b *bench) webSocket() (c transport.FrameConn, controls *[]string) {
	b.Helper()
	c = b.dial().(transport.FrameConn)
	controls = new([]string)
	c.OnControl(func(opcode websocket.Opcode, payload []byte) {
		*controls = append(*controls, fmt.Sprintf("%d %q", opcode, payload))
	})
	b.expect("open")
	return c, controls
}

func (b *bench) writeFrame(c transport.FrameConn, f websocket.Frame) {
	b.Helper()
	if err := c.WriteFrame(f); err != nil {
		b.Fatalf("WriteFrame: %v", err)
	}
}

func (b *bench) expectControls(got *[]string, want ...string) {
	b.Helper()
	if fmt.Sprint(*got) != fmt.Sprint(want) {
		b.Errorf("control frames %v, want %v", *got, want)
	}
}

var onlyWS = []wire.Transport{wire.WS}

// observed has the server do as the observed one.
var observed = setup{server: transport.Options{Quirks: transport.Observed}}

// bye is a close frame with which the server closes by itself (§2).
const bye = `8 "\x03\xe8Bye"`

// Frames that close the connection (§2): with 1000 where only this server does not
// take them, else as RFC 6455 says, and at the observed server with a second close
// frame.
func TestFramesThatTheServerRefuses(t *testing.T) {
	unmasked := final(opText, "x")
	unmasked.Masked = false
	tests := map[string]struct {
		frame websocket.Frame
		want  string // the first close frame
	}{
		"binary":                  {final(opBinary, "x"), bye},
		"invalid UTF-8":           {final(opText, "\xff"), bye},
		"UTF-8 cut off":           {final(opText, "\xe2\x82"), bye},
		"continuation":            {final(opContinuation, "x"), `8 "\x03\xeaa fragment out of order"`},
		"unmasked":                {unmasked, `8 "\x03\xeaan unmasked frame"`},
		"reserved data opcode":    {final(3, "x"), `8 "\x03\xeareserved opcode 3"`},
		"reserved control":        {final(11, "x"), `8 "\x03\xeareserved opcode 11"`},
		"long ping":               {final(opPing, strings.Repeat("x", 126)), `8 "\x03\xeaa control frame of 126 bytes: at most 125 are allowed"`},
		"long close":              {final(opClose, strings.Repeat("x", 126)), `8 "\x03\xeaa control frame of 126 bytes: at most 125 are allowed"`},
		"fragmented ping":         {websocket.Frame{Opcode: opPing, Masked: true, Payload: []byte("x")}, `8 "\x03\xeaa fragmented control frame"`},
		"half a close code":       {final(opClose, "\x03"), `8 "\x03\xeaa close frame with half a code"`},
		"one byte over the limit": {final(opText, strings.Repeat("x", wire.MaxTextFrame+1)), `8 "\x03\xf1a message is over the limit of 65536 bytes"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for quirk, want := range map[websocket.Violations][]string{
				websocket.ClosedByCode:   {test.want},
				websocket.ClosedTwice:    {test.want, bye},
				websocket.ClosedWith1000: {bye},
			} {
				if test.want == bye {
					want = want[:1]
				}
				onServers(t, onlyWS, setup{server: transport.Options{Quirks: transport.Quirks{Violations: quirk}}}, func(b *bench) {
					b.expectRefusal(test.frame, want)
				})
			}
		})
	}
}

// expectRefusal expects a frame to end the connection with some close frames.
func (b *bench) expectRefusal(frame websocket.Frame, closeFrames []string) {
	b.Helper()
	c := b.dial().(transport.FrameConn)
	b.expect("open")
	b.send(c, "before")
	b.writeFrame(c, frame)
	_ = c.WriteFrame(final(opText, "after")) // the connection may be gone
	b.expectMessage("before")
	if _, ok := b.expect("closed").reason.(*websocket.ProtocolError); !ok {
		b.Error("the reason is not a *ProtocolError")
	}
	var want []byte
	for _, text := range closeFrames {
		payload, err := strconv.Unquote(strings.TrimPrefix(text, "8 "))
		if err != nil {
			b.Fatal(err)
		}
		want = append(want, serverFrame(final(opClose, payload))...)
	}
	_ = c.Raw().SetReadDeadline(time.Now().Add(patience))
	got, err := io.ReadAll(c.Raw())
	if err != nil || !bytes.Equal(got, want) {
		b.Errorf("the server closed with %q, %v; want %q", got, err, want)
	}
}

// The reserved bits have to be 0 (RFC 6455 §5.2), but not at the observed server
// (§2).
func TestReservedBits(t *testing.T) {
	for _, bits := range []byte{1, 2, 4, 7} {
		frame := websocket.Frame{Fin: true, RSV: bits, Opcode: opText, Masked: true, Payload: []byte("x")}
		onServers(t, onlyWS, setup{}, func(b *bench) {
			b.expectRefusal(frame, []string{`8 "\x03\xeareserved bits are set"`})
		})
		onServers(t, onlyWS, observed, func(b *bench) {
			c, _ := b.webSocket()
			b.writeFrame(c, frame)
			b.expectMessage("x")
		})
	}
}

// The observed server takes the first fragment for a message and closes on any
// other (§2). Others close on the first.
func TestFragmentsAtOtherServers(t *testing.T) {
	first := websocket.Frame{Opcode: opText, Masked: true, Payload: []byte("a")}
	second := websocket.Frame{Opcode: opContinuation, Masked: true, Payload: []byte("b")}
	for _, last := range []websocket.Frame{second, final(opContinuation, "b")} {
		onServers(t, onlyWS, observed, func(b *bench) {
			c, controls := b.webSocket()
			b.writeFrame(c, first)
			b.expectMessage("a")
			b.writeFrame(c, final(opPing, "p"))
			b.writeFrame(c, last)
			if ended := b.closeReason(c); ended.Code != 1000 || ended.Err != nil {
				b.Errorf("at the client: %v", ended)
			}
			b.expectControls(controls, `10 "p"`, bye)
		})
	}
	onServers(t, onlyWS, observed, func(b *bench) {
		c, controls := b.webSocket()
		b.writeFrame(c, first)
		b.expectMessage("a")
		b.writeFrame(c, final(opText, "b"))
		if ended := b.closeReason(c); ended.Code != 1002 {
			b.Errorf("at the client: %v", ended)
		}
		b.expectControls(controls, `8 "\x03\xeaa fragment out of order"`, bye)
	})
	refusing := setup{server: transport.Options{Quirks: transport.Quirks{Fragments: websocket.Refused}}}
	onServers(t, onlyWS, refusing, func(b *bench) { b.expectRefusal(first, []string{bye}) })
}

// Without the quirk fragments make a message (RFC 6455 §5.4), which has the limit
// of one that is whole.
func TestFragmentsAtTheServer(t *testing.T) {
	fragment := func(opcode websocket.Opcode, payload string) websocket.Frame {
		return websocket.Frame{Opcode: opcode, Masked: true, Payload: []byte(payload)}
	}
	half := strings.Repeat("x", wire.MaxTextFrame/2)
	tests := []struct {
		name   string
		frames []websocket.Frame
		want   string // "" when the connection is closed
	}{
		{"three", []websocket.Frame{fragment(opText, "a"), fragment(opContinuation, "b"), final(opContinuation, "c")}, "abc"},
		{"the last one empty", []websocket.Frame{fragment(opText, "a"), final(opContinuation, "")}, "a"},
		{"ping between them", []websocket.Frame{fragment(opText, "a"), final(opPing, ""), final(opContinuation, "b")}, "ab"},
		{"a character in two", []websocket.Frame{fragment(opText, "\xc3"), final(opContinuation, "\xa9")}, "é"},
		{"as long as can be", []websocket.Frame{fragment(opText, half), final(opContinuation, half)}, half + half},
		{"too long", []websocket.Frame{fragment(opText, half), final(opContinuation, half+"x")}, ""},
		{"invalid UTF-8", []websocket.Frame{fragment(opText, "a"), final(opContinuation, "\xff")}, ""},
		{"text within", []websocket.Frame{fragment(opText, "a"), final(opText, "b")}, ""},
		{"binary", []websocket.Frame{fragment(opBinary, "a"), final(opContinuation, "b")}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onServers(t, onlyWS, setup{}, func(b *bench) {
				c, _ := b.webSocket()
				for _, f := range append(test.frames, final(opText, "next")) {
					_ = c.WriteFrame(f) // the connection may be gone
				}
				if test.want != "" {
					b.expectMessage(test.want)
					b.expectMessage("next") // on its own
					return
				}
				if _, ok := b.expect("closed").reason.(*websocket.ProtocolError); !ok {
					b.Error("the reason is not a *ProtocolError")
				}
			})
		})
	}
}

func TestPingIsAnsweredAndNotReported(t *testing.T) {
	onServers(t, onlyWS, setup{}, func(b *bench) {
		c, controls := b.webSocket()
		longest := strings.Repeat("p", 125)
		b.writeFrame(c, final(opPing, longest))
		b.writeFrame(c, final(opPing, ""))
		b.writeFrame(c, final(opPong, "not asked for"))
		b.send(c, "probe")
		b.expectMessage("probe").link.Send([]byte("done"))
		b.receive(c, "done")
		b.expectControls(controls, fmt.Sprintf("10 %q", longest), `10 ""`)
	})
}

// The close handshake is answered with the client's own code and text, and with
// 1000 where the code may not be sent (§2).
func TestCloseHandshake(t *testing.T) {
	tests := []struct {
		payload, answer string
		code            websocket.CloseCode // as the server understands it
	}{
		{"\x03\xe8", "\x03\xe8", 1000},
		{"\x03\xe9going away", "\x03\xe9going away", 1001},
		{"\x0f\xa1", "\x0f\xa1", 4001},
		{"", "", 0},
		{"\x03\xe7", "\x03\xe8Bye", 999},
		{"\x03\xe7text", "\x03\xe8Bye", 999},
		{"\x03\xed", "\x03\xe8Bye", 1005},
		{"\x13\x88", "\x03\xe8Bye", 5000},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%q", test.payload), func(t *testing.T) {
			onServers(t, onlyWS, setup{}, func(b *bench) {
				c, controls := b.webSocket()
				b.writeFrame(c, final(opClose, test.payload))
				if ended := b.closeReason(c); ended.Reason != transport.ByPeer || ended.Err != nil {
					b.Errorf("at the client: %v", ended)
				}
				if ended := b.reasonAtServer(); ended.Reason != transport.ByPeer || ended.Code != test.code {
					b.Errorf("at the server: %v", ended)
				}
				b.expectControls(controls, fmt.Sprintf("8 %q", test.answer))
			})
		})
	}
}

func TestQueuedMessagesComeBeforeTheCloseFrame(t *testing.T) {
	onServers(t, onlyWS, setup{}, func(b *bench) {
		c, _ := b.webSocket()
		b.send(c, "x")
		link := b.expectMessage("x").link
		for i := range 50 {
			link.Send([]byte(fmt.Sprint(i)))
		}
		link.Close()
		for i := range 50 {
			b.receive(c, fmt.Sprint(i))
		}
		if ended := b.closeReason(c); ended.Code != 1000 || ended.Err != nil {
			b.Errorf("at the client: %v", ended)
		}
	})
}

// What a client makes of the frames of a server.
func TestFramesFromAServer(t *testing.T) {
	fragment := func(opcode websocket.Opcode, payload string) []byte {
		return serverFrame(websocket.Frame{Opcode: opcode, Payload: []byte(payload)})
	}
	whole := func(opcode websocket.Opcode, payload string) []byte { return serverFrame(final(opcode, payload)) }
	inPieces := func(pieces int) [][]byte {
		frames := [][]byte{fragment(opText, "a")}
		for len(frames) < pieces-1 {
			frames = append(frames, fragment(opContinuation, ""))
		}
		return append(frames, whole(opContinuation, "b"))
	}
	tests := []struct {
		name   string
		frames [][]byte
		want   string // message, or "" when the connection is broken
	}{
		{"as many fragments as may be", inPieces(bounds.Fragments), "ab"},
		{"too many fragments", inPieces(bounds.Fragments + 1), ""},
		{"text", [][]byte{whole(opText, "abc")}, "abc"},
		{"fragments", [][]byte{fragment(opText, "a"), fragment(opContinuation, "b"), whole(opContinuation, "c")}, "abc"},
		{"ping between fragments", [][]byte{fragment(opText, "a"), whole(opPing, "p"), whole(opContinuation, "b")}, "ab"},
		{"a character in two fragments", [][]byte{fragment(opText, "\xc3"), whole(opContinuation, "\xa9")}, "é"},
		{"continuation of nothing", [][]byte{whole(opContinuation, "a")}, ""},
		{"text within fragments", [][]byte{fragment(opText, "a"), whole(opText, "b")}, ""},
		{"masked", [][]byte{clientFrame(final(opText, "a"))}, ""},
		{"binary", [][]byte{whole(opBinary, "a")}, ""},
		{"reserved opcode", [][]byte{whole(5, "a")}, ""},
		{"reserved bit", [][]byte{serverFrame(websocket.Frame{Fin: true, RSV: 2, Opcode: opText})}, ""},
		{"invalid UTF-8", [][]byte{whole(opText, "\xff")}, ""},
		{"fragmented ping", [][]byte{fragment(opPing, "a")}, ""},
		{"long ping", [][]byte{whole(opPing, strings.Repeat("a", 126))}, ""},
		{"highest bit of the length", [][]byte{{0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}}, ""},
		{"too long", [][]byte{{0x81, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0}}, ""},
		{"fragments too long", [][]byte{fragment(opText, strings.Repeat("a", 60)), whole(opContinuation, strings.Repeat("a", 60))}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onServers(t, onlyWS, setup{client: transport.Options{MaxMessage: 100}}, func(b *bench) {
				if strings.HasPrefix(test.name, "long ping") {
					b.options.MaxMessage = 200
				}
				c, server := b.dialHalf()
				b.write(server, test.frames...)
				if test.want != "" {
					b.receive(c, test.want)
					return
				}
				ended := b.closeReason(c)
				if _, ok := errors.AsType[*websocket.ProtocolError](ended); !ok || ended.Reason != transport.Broken {
					b.Errorf("Receive: %v, want a *ProtocolError", ended)
				}
			})
		})
	}
}

func TestTheClientAnswersPings(t *testing.T) {
	onServers(t, onlyWS, setup{}, func(b *bench) {
		c, server := b.dialHalf()
		b.write(server, serverFrame(final(opPing, "tick")), b.answerOf("message"))
		b.receive(c, "message")
		frame := make([]byte, 2+4+4)
		if _, err := io.ReadFull(server, frame); err != nil {
			b.Fatal(err)
		}
		for i := range 4 {
			frame[6+i] ^= frame[2+i]
		}
		if frame[0] != 0x8a || frame[1] != 0x84 || string(frame[6:]) != "tick" {
			b.Errorf("the client answered %q, want a masked pong", frame)
		}
	})
}

// A close frame and the FIN after it are one event for a client; what comes
// instead of the FIN is reported.
func TestCloseFrameWithoutFIN(t *testing.T) {
	for _, deadline := range []time.Duration{0, 3 * time.Second} { // 0 for none
		t.Run(deadline.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := startServer(t, memory.New(), wire.WS, setup{})
				c, server := b.dialHalf()
				until, want := time.Time{}, 10*time.Second
				if deadline > 0 {
					until, want = time.Now().Add(deadline), deadline
				}
				_ = c.SetReceiveDeadline(until)
				start := time.Now()
				b.write(server, serverFrame(final(opClose, "\x03\xe8")))
				ended := b.closeReason(c)
				if ended.Reason != transport.ByPeer || ended.Code != 1000 || !errors.Is(ended, transport.ErrNoFIN) {
					t.Errorf("Receive: %v", ended)
				}
				if took := time.Since(start); took != want {
					t.Errorf("the client waited %s for the FIN, want %s", took, want)
				}
				if again := b.closeReason(c); again != ended {
					t.Errorf("Receive again: %v", again)
				}
			})
		})
	}
}

func TestCloseFrameAndWhatFollows(t *testing.T) {
	onServers(t, onlyWS, setup{}, func(b *bench) {
		c, server := b.dialHalf()
		b.write(server, serverFrame(final(opClose, "\x03\xe8")), b.answerOf("after the end"))
		ended := b.closeReason(c)
		if _, ok := errors.AsType[*websocket.ProtocolError](ended); !ok || ended.Reason != transport.ByPeer || ended.Code != 1000 {
			b.Errorf("Receive: %v", ended)
		}
	})
}

// The client answers a close frame once, with the same code.
func TestTheClientAnswersACloseFrame(t *testing.T) {
	onServers(t, onlyWS, setup{}, func(b *bench) {
		c, server := b.dialHalf()
		b.write(server, serverFrame(final(opClose, "\x0f\xa1")))
		_ = server.(interface{ CloseWrite() error }).CloseWrite()
		if ended := b.closeReason(c); ended.Code != 4001 || ended.Err != nil {
			b.Errorf("Receive: %v", ended)
		}
		_ = c.Close()
		sent, err := io.ReadAll(server)
		if err != nil || len(sent) != 8 || sent[0] != 0x88 || sent[1] != 0x82 {
			b.Fatalf("the client sent %q, %v; want one masked close frame", sent, err)
		}
		if code := []byte{sent[6] ^ sent[2], sent[7] ^ sent[3]}; !bytes.Equal(code, []byte{0x0f, 0xa1}) {
			b.Errorf("the client answered with code %x", code)
		}
	})
}

// What answers a message comes before what answers a control frame that followed it in the same
// bytes, and before the close frame for a violation.
func TestAnswersKeepTheOrderOfFrames(t *testing.T) {
	answer := func(l transport.Link, body []byte) { l.Send(body) }
	question := clientFrame(websocket.Frame{Fin: true, Opcode: websocket.OpText, Payload: []byte("question")})
	for name, last := range map[string][]byte{
		"ping":      clientFrame(websocket.Frame{Fin: true, Opcode: websocket.OpPing, Payload: []byte("p")}),
		"close":     clientFrame(websocket.Frame{Fin: true, Opcode: websocket.OpClose, Payload: websocket.ClosePayload(1000, "")}),
		"violation": {0x81, 0x01, 'x'},
	} {
		t.Run(name, func(t *testing.T) {
			onServers(t, []wire.Transport{wire.WS}, setup{probe: func(p *probe) { p.onMessage = answer }}, func(b *bench) {
				c := b.dial()
				b.expect("open")
				b.write(c.Raw(), question, last)
				b.receive(c, "question")
			})
		})
	}
}
