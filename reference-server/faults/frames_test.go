package faults_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// length is the 4-byte length in front of a body, which may be negative.
func length(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func TestTCPTaps(t *testing.T) {
	frame := func(body string) []byte { return wire.AppendFrame(nil, []byte(body)) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	one, two, four := frame("one"), frame("two"), join(frame("1"), frame("2"), frame("3"), frame("4"))
	five := join(four, frame("5"))
	sign := wire.AppendMessageFrame(nil, wire.New(99, wire.NobodyID, wire.ServerID))
	long := frame(strings.Repeat("x", wire.MaxTCPBody+1))
	for _, tt := range []struct {
		fault  string
		pause  time.Duration
		chunks [][]byte
		want   []byte
	}{
		{"tcp-pieces-close", 0, [][]byte{join(one, two[:1])}, one},
		{"tcp-late-rest-lost", 500 * time.Millisecond, [][]byte{one[:2], one[2:], two}, join(one, two)},
		{"tcp-late-rest-lost", 501 * time.Millisecond, [][]byte{one[:2], one[2:], two}, two},
		{"tcp-late-rest-lost", 300 * time.Millisecond, [][]byte{one[:2], one[2:5], one[5:], two}, two},
		{"tcp-late-rest-lost", 501 * time.Millisecond, [][]byte{one[:2], join(one[2:], two[:2]), join(two[2:], one)}, one},
		{"tcp-segment-cut", 0, [][]byte{four, five, one}, join(four, four, one)},
		{"tcp-segment-reversed", 0, [][]byte{four, five}, join(four, frame("5"), frame("4"), frame("3"), frame("2"), frame("1"))},
		{"tcp-negative-length-skipped", 0, [][]byte{one, length(1 << 31), two}, join(one, two)},
		{"tcp-negative-length-skipped", 0, chunksOf(join(one, length(1<<32-1), two), 1), join(one, two)},
		{"tcp-huge-length-awaited", 0, [][]byte{one, length(1<<31 - 1), two}, one},
		{"tcp-huge-length-awaited", 0, [][]byte{one, long}, join(one, long)},
		{"tcp-long-body-lost", 0, chunksOf(join(one, long, two), 1000), join(one, two)},
		{"tcp-long-body-lost", 0, [][]byte{one, length(1<<31 - 1), two}, join(one, length(1<<31-1), two)},
		{"tcp-incomplete-counts", 0, [][]byte{one[:1], one[1:5], join(one[5:], two[:3]), two[3:]}, join(sign, sign, one, sign, two)},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, tapped := connect(t, memory.New(), wire.TCP, find(t, tt.fault)...)
				if got := through(t, client, tapped, tt.pause, tt.chunks); !bytes.Equal(got, tt.want) {
					t.Errorf("%q came as %q, want %q", tt.chunks, got, tt.want)
				}
			})
		})
	}
}

// A client's frames as the listener gets them, in chunks of each size. The masks
// may be others.
func TestWebSocketTapsOfClientFrames(t *testing.T) {
	frame := func(op ws.OpCode, payload string) ws.Frame { return ws.NewFrame(op, true, []byte(payload)) }
	part := func(op ws.OpCode, payload string) ws.Frame { return ws.NewFrame(op, false, []byte(payload)) }
	sign := frame(ws.OpText, wire.New(99, wire.NobodyID, wire.ServerID).String())
	long := strings.Repeat("x", 200)
	for _, tt := range []struct {
		fault    string
		in, want []ws.Frame
	}{
		{"ws-binary-as-text", []ws.Frame{frame(ws.OpBinary, "b"), frame(ws.OpPing, "p")}, []ws.Frame{frame(ws.OpText, "b"), frame(ws.OpPing, "p")}},
		{"ws-invalid-utf8-accepted", []ws.Frame{frame(ws.OpText, "a\xffb")}, []ws.Frame{frame(ws.OpText, "a\uFFFDb")}},
		{"ws-invalid-utf8-accepted", []ws.Frame{part(ws.OpText, "\xc3"), frame(ws.OpContinuation, "\xa4")}, []ws.Frame{part(ws.OpText, "\xc3"), frame(ws.OpContinuation, "\xa4")}},
		{"ws-reserved-opcode-ignored", []ws.Frame{frame(3, "r"), frame(11, "s"), frame(ws.OpText, "t")}, []ws.Frame{frame(ws.OpText, "t")}},
		{"ws-long-control-accepted", []ws.Frame{frame(ws.OpPing, long)}, []ws.Frame{frame(ws.OpPing, long[:125])}},
		{"ws-fragments-as-messages", []ws.Frame{part(ws.OpText, "a"), frame(ws.OpPing, "p"), part(ws.OpContinuation, "b"), frame(ws.OpContinuation, "c")},
			[]ws.Frame{frame(ws.OpText, "a"), frame(ws.OpPing, "p"), frame(ws.OpText, "b"), frame(ws.OpText, "c")}},
		{"ws-ping-unanswered", []ws.Frame{frame(ws.OpPing, "p"), frame(ws.OpPing, long), frame(ws.OpText, "t")}, []ws.Frame{frame(ws.OpPing, long), frame(ws.OpText, "t")}},
		{"ws-ping-counts", []ws.Frame{frame(ws.OpPing, "p"), part(ws.OpText, "a"), frame(ws.OpPing, "q"), frame(ws.OpContinuation, "b")},
			[]ws.Frame{frame(ws.OpPing, "p"), sign, part(ws.OpText, "a"), frame(ws.OpPing, "q"), frame(ws.OpContinuation, "b")}},
		{"ws-close-unanswered", []ws.Frame{frame(ws.OpText, "t"), frame(ws.OpClose, "\x10\xe1")}, []ws.Frame{frame(ws.OpText, "t")}},
		{"ws-close-unanswered", []ws.Frame{frame(ws.OpText, "t"), frame(ws.OpClose, "")}, []ws.Frame{frame(ws.OpText, "t")}},
		{"ws-close-code-constant", []ws.Frame{frame(ws.OpClose, "\x10\xe1")}, []ws.Frame{frame(ws.OpClose, "\x03\xe8")}},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			var masked []ws.Frame
			for _, f := range tt.in {
				masked = append(masked, ws.MaskFrame(f))
			}
			sent := append([]byte(requestHead), compiled(masked...)...)
			for _, size := range []int{1, 3, len(sent)} {
				if got, want := clientFrames(t, chunksOf(sent, size), tt.fault), compiled(tt.want...); !bytes.Equal(got, want) {
					t.Errorf("in chunks of %d it came as %q, want %q", size, got, want)
				}
			}
		})
	}
}

// clientFrames sends chunks through faults and returns the frames that come out,
// unmasked.
func clientFrames(t *testing.T, chunks [][]byte, names ...string) (frames []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, tapped := connect(t, memory.New(), wire.WS, find(t, names...)...)
		got, ok := bytes.CutPrefix(through(t, client, tapped, 0, chunks), []byte(requestHead))
		if !ok {
			t.Errorf("the request came as %q", got)
		}
		for rest := bytes.NewReader(got); rest.Len() > 0; {
			header, err := ws.ReadHeader(rest)
			if err != nil || !header.Masked {
				t.Fatalf("%+v, %v: want a masked frame", header, err)
			}
			payload := make([]byte, header.Length)
			if _, err := io.ReadFull(rest, payload); err != nil {
				t.Fatal(err)
			}
			frames = append(frames, compiled(ws.UnmaskFrame(ws.Frame{Header: header, Payload: payload}))...)
		}
	})
	return frames
}

// The bytes of a frame that is not complete become messages; what comes between
// the fragments of a message may be none.
func TestIncompleteWebSocketFrames(t *testing.T) {
	text := compiled(ws.MaskFrame(ws.NewTextFrame([]byte("t"))))
	first := compiled(ws.MaskFrame(ws.NewFrame(ws.OpText, false, []byte("a"))))
	last := compiled(ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, []byte("b"))))
	sign := ws.NewTextFrame(wire.New(99, wire.NobodyID, wire.ServerID).Append(nil))
	got := clientFrames(t, [][]byte{
		[]byte(requestHead)[:9], []byte(requestHead)[9:], text[:1], text[1:3], text[3:], first, last[:2], last[2:],
	}, "ws-incomplete-counts")
	want := compiled(sign, sign, ws.NewTextFrame([]byte("t")), ws.NewFrame(ws.OpText, false, []byte("a")), ws.NewFrame(ws.OpContinuation, true, []byte("b")))
	if !bytes.Equal(got, want) {
		t.Errorf("it came as %q, want %q", got, want)
	}
}

func TestUnmaskedFramesAreMasked(t *testing.T) {
	text := ws.NewTextFrame([]byte("t"))
	if got := clientFrames(t, [][]byte{[]byte(requestHead), compiled(text)}, "ws-unmasked-accepted"); !bytes.Equal(got, compiled(text)) {
		t.Errorf("it came as %q", got)
	}
}

// Faults add up, those of frames and those of the same frames.
func TestTapsTogether(t *testing.T) {
	binary := compiled(ws.NewBinaryFrame([]byte("a\xffb"))) // and not masked
	got := clientFrames(t, [][]byte{[]byte(requestHead), binary}, "ws-unmasked-accepted", "ws-binary-as-text", "ws-invalid-utf8-accepted")
	if want := compiled(ws.NewTextFrame([]byte("a\uFFFDb"))); !bytes.Equal(got, want) {
		t.Errorf("it came as %q, want %q", got, want)
	}
}
