package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"weak"

	"imcheck/protocol/wire"
)

// split feeds the chunks one after the other and returns copies of the bodies
// that come out, up to an error.
func split(s *wire.Splitter, chunks ...[]byte) (bodies []string, err error) {
	for _, in := range chunks {
		for {
			body, ok, err := s.Next(&in)
			if err != nil {
				return bodies, err
			}
			if !ok {
				break
			}
			bodies = append(bodies, string(body))
		}
		if len(in) > 0 {
			return bodies, errors.New("bytes were left over")
		}
	}
	return bodies, nil
}

// frames is the stream of the given bodies.
func frames(bodies ...string) []byte {
	var stream []byte
	for _, body := range bodies {
		stream = wire.AppendFrame(stream, []byte(body))
	}
	return stream
}

// header is the prefix of a frame with any length, negative ones included.
func header(length int32) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(length))
}

func TestAppendFrame(t *testing.T) {
	if got, want := wire.AppendFrame([]byte("x"), []byte("abc")), "x\x00\x00\x00\x03abc"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m := wire.NewData("a", "b", strings.Repeat("x", 300))
	got := wire.AppendMessageFrame([]byte("x"), m)
	if want := wire.AppendFrame([]byte("x"), m.Append(nil)); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSplitterSplitsAnywhere(t *testing.T) {
	bodies := []string{"first", "", "x", strings.Repeat("y", 40), "last"}
	stream := frames(bodies...)
	for i := range len(stream) + 1 {
		for j := i; j <= len(stream); j++ {
			var s wire.Splitter
			got, err := split(&s, stream[:i], stream[i:j], stream[j:])
			if err != nil || !slices.Equal(got, bodies) {
				t.Fatalf("cut at %d and %d: %q, %v", i, j, got, err)
			}
			if s.Pending() != 0 {
				t.Fatalf("cut at %d and %d: %d bytes are still held", i, j, s.Pending())
			}
		}
	}
	var s wire.Splitter
	got, err := split(&s, slices.Collect(slices.Chunk(stream, 1))...)
	if err != nil || !slices.Equal(got, bodies) {
		t.Errorf("byte by byte: %q, %v", got, err)
	}
}

func TestSplitterLengths(t *testing.T) {
	const limit = 100
	tests := []struct {
		name   string
		limit  int
		length int32
		want   int // the limit that the error names; 0 when the frame is taken
	}{
		{"0", limit, 0, 0},
		{"1", limit, 1, 0},
		{"limit-1", limit, limit - 1, 0},
		{"limit", limit, limit, 0},
		{"limit+1", limit, limit + 1, limit},
		{"default limit", 0, 6144, 0},
		{"default limit+1", 0, 6145, 6144},
		{"-1", limit, -1, limit},
		{"-2^31", limit, math.MinInt32, limit},
		{"2^31-1", limit, math.MaxInt32, limit},
	}
	for _, test := range tests {
		body := strings.Repeat("b", max(0, min(int(test.length), 10000)))
		stream := append(header(test.length), body...)
		for cut := range wire.FrameHeader + 1 {
			s := wire.Splitter{Limit: test.limit}
			got, err := split(&s, stream[:cut], stream[cut:])
			frame, refused := errors.AsType[*wire.FrameError](err)
			switch {
			case test.want == 0 && (err != nil || !slices.Equal(got, []string{body})):
				t.Errorf("length %s, cut at %d: %d bodies, %v", test.name, cut, len(got), err)
			case test.want != 0 && (!refused || frame.Length != test.length || frame.Limit != test.want):
				t.Errorf("length %s, cut at %d: error %v, want a FrameError with limit %d", test.name, cut, err, test.want)
			case test.want != 0 && s.Pending() > wire.FrameHeader:
				t.Errorf("length %s, cut at %d: %d bytes are held of a refused frame", test.name, cut, s.Pending())
			}
		}
	}
}

// The bodies before a refused length are still delivered.
func TestSplitterDeliversBeforeAnError(t *testing.T) {
	var s wire.Splitter
	got, err := split(&s, append(frames("a", "b"), header(-1)...))
	if _, refused := errors.AsType[*wire.FrameError](err); !refused || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFrameErrorText(t *testing.T) {
	tests := []struct {
		err  wire.FrameError
		want string
	}{
		{wire.FrameError{Length: -5, Limit: 6144}, "bad frame: negative length -5"},
		{wire.FrameError{Length: 6145, Limit: 6144}, "bad frame: length 6145 is over the limit of 6144 bytes"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
		if errors.Is(&test.err, wire.ErrBadMessage) {
			t.Errorf("%v counts as a bad message", &test.err)
		}
	}
}

// Of a chunk that ends one frame and begins others only the first is taken;
// what is held is never more than a frame.
func TestSplitterHoldsOneFrameAtMost(t *testing.T) {
	stream := frames("abcdef", "second", "third")
	var s wire.Splitter
	in := stream[:7]
	if _, ok, err := s.Next(&in); ok || err != nil || len(in) != 0 || s.Pending() != 7 {
		t.Fatalf("7 bytes in: ok %v, %v, %d left, %d held", ok, err, len(in), s.Pending())
	}
	in = stream[7:]
	body, ok, err := s.Next(&in)
	if !ok || err != nil || string(body) != "abcdef" {
		t.Fatalf("got %q, %v, %v", body, ok, err)
	}
	if s.Pending() != 0 || len(in) != len(stream)-10 {
		t.Errorf("%d bytes held, %d left; want 0 and %d", s.Pending(), len(in), len(stream)-10)
	}
}

// A server has many connections, most of them idle: one that once got a frame
// in pieces keeps nothing of it.
func TestSplitterReleasesACompletedFrame(t *testing.T) {
	var s wire.Splitter
	stream := frames(strings.Repeat("x", wire.MaxTCPBody))
	in := stream[:10]
	if _, ok, err := s.Next(&in); ok || err != nil {
		t.Fatalf("a part of a frame gives %v, %v", ok, err)
	}
	in = stream[10:]
	body, ok, err := s.Next(&in)
	if !ok || err != nil {
		t.Fatalf("the rest of the frame gives %v, %v", ok, err)
	}
	held := weak.Make(&body[0])
	runtime.GC()
	if held.Value() != nil {
		t.Error("the splitter still holds the frame")
	}
	runtime.KeepAlive(&s)
}

// A peer that announces much and sends little costs little.
func TestSplitterAllocatesNothingForUnsentBytes(t *testing.T) {
	const announced = 1 << 30
	used := allocatedBytes(func() {
		s := wire.Splitter{Limit: announced}
		got, err := split(&s, header(announced), []byte("abc"))
		if err != nil || len(got) != 0 || s.Pending() != wire.FrameHeader+3 {
			t.Errorf("got %q, %v, %d bytes held", got, err, s.Pending())
		}
	})
	if used > 1<<16 {
		t.Errorf("%d bytes were allocated for 7 received", used)
	}
}

// allocatedBytes is about how much f allocates: the runtime may add a little.
func allocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
