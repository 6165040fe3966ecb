package websocket

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// read feeds a stream to a reader in chunks of up to size bytes and returns what
// it reads, as "opcode payload".
func read(r Reader, stream []byte, size func() int) (got []string, pending bool, err error) {
	stream = bytes.Clone(stream) // payloads are unmasked in place
	for len(stream) > 0 {
		n := min(size(), len(stream))
		in := stream[:n]
		stream = stream[n:]
		for {
			opcode, payload, ok, err := r.Next(&in)
			if err != nil {
				return got, false, err
			}
			if !ok {
				break
			}
			got = append(got, fmt.Sprintf("%s %s", opcode, payload))
		}
	}
	return got, r.Pending(), nil
}

func encoded(frames ...Frame) (stream []byte) {
	for _, f := range frames {
		stream = f.Append(stream)
	}
	return stream
}

// readerTest is a sequence of frames; they are masked as the role's peer does,
// except where wrongMask is set.
type readerTest struct {
	name      string
	rules     Rules
	frames    []Frame
	wrongMask bool
	want      []string
	reason    string    // that of the error; "" for none
	code      CloseCode // that a server closes with
}

func whole(opcode Opcode, payload string) Frame {
	return Frame{Fin: true, Opcode: opcode, Payload: []byte(payload)}
}

func fragment(opcode Opcode, payload string) Frame {
	return Frame{Opcode: opcode, Payload: []byte(payload)}
}

// onBoth are the rules that both ends check.
var onBoth = []readerTest{
	{name: "text", frames: []Frame{whole(OpText, "a"), whole(OpText, "")}, want: []string{"text a", "text "}},
	{name: "fragments", frames: []Frame{fragment(OpText, "a"), fragment(0, "b"), whole(0, "c"), whole(OpText, "d")}, want: []string{"text abc", "text d"}},
	{name: "control frames between fragments", frames: []Frame{fragment(OpText, "a"), whole(OpPing, "p"), whole(0, "b")}, want: []string{"ping p", "text ab"}},
	{name: "a character in two fragments", frames: []Frame{fragment(OpText, "\xc3"), whole(0, "\xa9")}, want: []string{"text é"}},
	{name: "control frames", frames: []Frame{whole(OpPing, ""), whole(OpPong, "p"), whole(OpClose, "\x03\xe8")}, want: []string{"ping ", "pong p", "close \x03\xe8"}},
	{name: "as long as may be", rules: Rules{MaxMessage: 4}, frames: []Frame{whole(OpText, "abcd"), fragment(OpText, "ab"), whole(0, "cd")}, want: []string{"text abcd", "text abcd"}},
	{name: "too long in fragments", rules: Rules{MaxMessage: 4}, frames: []Frame{fragment(OpText, "ab"), whole(0, "cde")}, reason: "a message is over the limit of 4 bytes", code: CloseMessageTooBig},
	{name: "continuation of nothing", frames: []Frame{whole(0, "a")}, reason: "a fragment out of order", code: CloseProtocolError},
	{name: "text within fragments", frames: []Frame{fragment(OpText, "a"), whole(OpText, "b")}, reason: "a fragment out of order", code: CloseProtocolError},
	{name: "binary", frames: []Frame{whole(OpBinary, "a")}, reason: "a binary frame"},
	{name: "invalid UTF-8", frames: []Frame{whole(OpText, "\xff")}, reason: "invalid UTF-8 in a text message"},
	{name: "reserved opcode", frames: []Frame{whole(5, "")}, reason: "reserved opcode 5", code: CloseProtocolError},
	{name: "reserved bits", frames: []Frame{{Fin: true, RSV: 2, Opcode: OpText}}, reason: "reserved bits are set", code: CloseProtocolError},
	{name: "reserved bits ignored", rules: Rules{ReservedBitsIgnored: true}, frames: []Frame{{Fin: true, RSV: 7, Opcode: OpText}}, want: []string{"text "}},
	{name: "fragmented ping", frames: []Frame{fragment(OpPing, "")}, reason: "a fragmented control frame", code: CloseProtocolError},
	{name: "long ping", frames: []Frame{whole(OpPing, strings.Repeat("x", 126))}, reason: "a control frame of 126 bytes: at most 125 are allowed", code: CloseProtocolError},
}

var atClient = []readerTest{
	{name: "masked", frames: []Frame{whole(OpText, "a")}, wrongMask: true, reason: "a masked frame from the server"},
	{name: "as many fragments as may be", rules: Rules{MaxFragments: 2}, frames: []Frame{fragment(OpText, "a"), whole(0, "b"), whole(OpText, "c")}, want: []string{"text ab", "text c"}},
	{name: "too many fragments", rules: Rules{MaxFragments: 2}, frames: []Frame{fragment(OpText, "a"), fragment(0, "b"), whole(0, "c")}, reason: "a message in more than 2 fragments"},
	{name: "too long", rules: Rules{MaxMessage: 4}, frames: []Frame{whole(OpText, "abcde")}, reason: "a frame of 5 bytes is over the limit of 4", code: CloseMessageTooBig},
	{name: "half a close code", frames: []Frame{whole(OpClose, "\x03")}, want: []string{"close \x03"}},
}

var atServer = []readerTest{
	{name: "unmasked", frames: []Frame{whole(OpText, "a")}, wrongMask: true, reason: "an unmasked frame", code: CloseProtocolError},
	{name: "half a close code", frames: []Frame{whole(OpClose, "\x03")}, reason: "a close frame with half a code", code: CloseProtocolError},
	{name: "too long", rules: Rules{MaxMessage: 4}, frames: []Frame{whole(OpText, "abcde")}, reason: "a message is over the limit of 4 bytes", code: CloseMessageTooBig},
	{name: "fragments refused", rules: Rules{Fragments: Refused}, frames: []Frame{whole(OpText, "a"), fragment(OpText, "b")}, want: []string{"text a"}, reason: "a fragmented message"},
	{name: "first fragment as a message", rules: Rules{Fragments: AsMessages}, frames: []Frame{fragment(OpText, "a"), whole(OpPing, ""), whole(0, "b")}, want: []string{"text a", "ping "}, reason: "a fragmented message"},
	{name: "text after the first fragment", rules: Rules{Fragments: AsMessages}, frames: []Frame{fragment(OpText, "a"), whole(OpText, "b")}, want: []string{"text a"}, reason: "a fragment out of order", code: CloseProtocolError},
	{name: "invalid UTF-8 in the first fragment", rules: Rules{Fragments: AsMessages}, frames: []Frame{fragment(OpText, "\xff")}, reason: "invalid UTF-8 in a text message"},
}

func TestReader(t *testing.T) {
	for role, tests := range map[Role][]readerTest{
		Client: slices.Concat(onBoth, atClient),
		Server: slices.Concat(onBoth, atServer),
	} {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%d/%s", role, test.name), func(t *testing.T) {
				for _, chunk := range []int{1, 2, 3, 1 << 20} {
					test.run(t, role, chunk)
				}
			})
		}
	}
}

func (test readerTest) run(t *testing.T, role Role, chunk int) {
	t.Helper()
	rules := test.rules
	if rules.MaxMessage == 0 {
		rules.MaxMessage = 1 << 10
	}
	frames := slices.Clone(test.frames)
	for i := range frames {
		frames[i].Masked = (role == Server) != test.wrongMask
	}
	got, pending, err := read(NewReader(role, rules), encoded(frames...), func() int { return chunk })
	if pending || !slices.Equal(got, test.want) {
		t.Errorf("chunks of %d: read %q, want %q; pending %v", chunk, got, test.want, pending)
	}
	broken, _ := errors.AsType[*ProtocolError](err)
	if (err != nil) != (test.reason != "") || err != nil && (broken == nil || broken.Reason != test.reason) {
		t.Errorf("chunks of %d: %v, want %q", chunk, err, test.reason)
	}
	if role == Server && broken != nil && broken.Code != test.code {
		t.Errorf("chunks of %d: close code %d, want %d", chunk, broken.Code, test.code)
	}
}

func TestPending(t *testing.T) {
	stream := encoded(whole(OpText, "a"), fragment(OpText, "b"), whole(OpPing, "p"), whole(0, "c"))
	complete := map[int]bool{0: true, 3: true, len(stream): true} // byte counts at which no message is open
	for n := range len(stream) + 1 {
		_, pending, err := read(NewReader(Client, Rules{MaxMessage: 10}), stream[:n], func() int { return 2 })
		if err != nil || pending == complete[n] {
			t.Errorf("after %d bytes: pending %v, %v", n, pending, err)
		}
	}
}

// A header alone is enough to refuse a frame: its payload is not waited for.
func TestRefusedByTheHeader(t *testing.T) {
	for name, header := range map[string]string{
		"too long":                  "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
		"highest bit of the length": "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
		"masked":                    "\x81\x85abcd",
	} {
		r := NewReader(Client, Rules{MaxMessage: 1 << 20})
		in := []byte(header)
		if _, _, _, err := r.Next(&in); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Frames that arrive whole are read, and answered, without an allocation.
func TestReadingDoesNotAllocate(t *testing.T) {
	r := NewReader(Client, Rules{MaxMessage: 1 << 10, MaxFragments: 10})
	stream := encoded(Server.Frame(OpText, []byte("some message")), Server.Frame(OpPing, []byte("p")))
	out := make([]byte, 0, 1<<10)
	if n := testing.AllocsPerRun(100, func() {
		in := stream
		for len(in) > 0 {
			opcode, payload, ok, err := r.Next(&in)
			if !ok || err != nil {
				t.Fatal(ok, err)
			}
			answer, _ := Client.Answer(opcode, payload)
			out = answer.Append(out[:0])
		}
	}); n != 0 {
		t.Errorf("%v allocations for two frames", n)
	}
}

// However a stream is cut, the same messages are read from it; no stream fails
// in another way than with a *ProtocolError.
func FuzzReader(f *testing.F) {
	f.Add(uint64(1), false, []byte("\x81\x05hello\x89\x00"))
	f.Add(uint64(2), true, []byte("\x81\x85\x01\x02\x03\x04hello"))
	f.Add(uint64(3), false, []byte("\x01\x01a\x89\x00\x80\x01b\x88\x02\x03\xe8"))
	f.Add(uint64(4), false, []byte("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, seed uint64, server bool, stream []byte) {
		role := Client
		if server {
			role = Server
		}
		r := NewReader(role, Rules{MaxMessage: 1 << 16, MaxFragments: 3})
		random := rand.New(rand.NewPCG(seed, 0))
		all, allPending, allErr := read(r, stream, func() int { return len(stream) })
		cut, cutPending, cutErr := read(r, stream, func() int { return 1 + random.IntN(40) })
		if !slices.Equal(all, cut) || allPending != cutPending || fmt.Sprint(allErr) != fmt.Sprint(cutErr) {
			t.Errorf("at once: %q, %v, %v; in chunks: %q, %v, %v", all, allPending, allErr, cut, cutPending, cutErr)
		}
		if _, ok := errors.AsType[*ProtocolError](allErr); allErr != nil && !ok {
			t.Errorf("%v is not a *ProtocolError", allErr)
		}
	})
}
