package websocket

import (
	"bytes"
	"strconv"
	"testing"
)

func TestFrameEncoding(t *testing.T) {
	tests := []struct {
		name  string
		frame Frame
		want  string // without the key and the payload of a masked frame
	}{
		{"text of a server", Server.Frame(OpText, []byte("hi")), "\x81\x02hi"},
		{"text of a client", Client.Frame(OpText, []byte("hi")), "\x81\x82"},
		{"empty ping", Server.Frame(OpPing, nil), "\x89\x00"},
		{"fragment", Frame{Opcode: OpContinuation, Payload: []byte("a")}, "\x00\x01a"},
		{"reserved bits", Frame{Fin: true, RSV: 5, Opcode: OpBinary}, "\xd2\x00"},
		{"bits that do not exist", Frame{RSV: 0xff, Opcode: 0xff}, "\x7f\x00"},
		{"16 bits of length", Server.Frame(OpText, bytes.Repeat([]byte("a"), 126)), "\x81\x7e\x00\x7e"},
		{"64 bits of length", Server.Frame(OpText, bytes.Repeat([]byte("a"), 1<<16)), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
	}
	for _, test := range tests {
		b := test.frame.Append([]byte("before"))
		got, ok := bytes.CutPrefix(b, []byte("before"))
		if !ok || !bytes.HasPrefix(got, []byte(test.want)) {
			t.Errorf("%s: %.20q, want a prefix %q", test.name, got, test.want)
		}
		h, size, err := ParseHeader(got)
		if err != nil || h.Length != int64(len(test.frame.Payload)) || size+len(test.frame.Payload) != len(got) {
			t.Errorf("%s: parsed as %+v of %d bytes, %v", test.name, h, size, err)
		}
	}
}

func TestIncompleteHeaders(t *testing.T) {
	for _, header := range []string{"\x81\x02", "\x81\x82abcd", "\x81\x7e\x00\x7e", "\x81\xfe\x00\x7eabcd", "\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00abcd"} {
		for n := range len(header) {
			if _, size, err := ParseHeader([]byte(header[:n])); size != 0 || err != nil {
				t.Errorf("%d bytes of %q: size %d, %v", n, header, size, err)
			}
		}
		if h, size, err := ParseHeader([]byte(header)); size != len(header) || err != nil || string(h.Append(nil)) != header {
			t.Errorf("%q: parsed as %+v of %d bytes, %v", header, h, size, err)
		}
	}
}

// Whatever its length and place, a payload is masked byte by byte
// (RFC 6455 §5.3), and unmasked by masking it again.
func TestMasking(t *testing.T) {
	mask := [4]byte{1, 2, 4, 8}
	text := bytes.Repeat([]byte("some text"), 20)
	for length := range len(text) {
		payload := bytes.Clone(text[:length])
		applyMask(payload, mask)
		for i, b := range payload {
			if b != text[i]^mask[i%4] {
				t.Fatalf("byte %d of %d is %#x, want %#x", i, length, b, text[i]^mask[i%4])
			}
		}
		if applyMask(payload, mask); !bytes.Equal(payload, text[:length]) {
			t.Fatalf("%d bytes: unmasked to %q", length, payload)
		}
	}
}

func TestMasksDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		seen[string(Client.Frame(OpText, nil).Append(nil))] = true
	}
	if len(seen) < 90 {
		t.Errorf("100 frames have %d masking keys", len(seen))
	}
}

func TestOpcodes(t *testing.T) {
	tests := []struct {
		opcode            Opcode
		control, reserved bool
		name              string
	}{
		{OpContinuation, false, false, "continuation"},
		{OpText, false, false, "text"},
		{OpBinary, false, false, "binary"},
		{3, false, true, "opcode 3"},
		{7, false, true, "opcode 7"},
		{OpClose, true, false, "close"},
		{OpPing, true, false, "ping"},
		{OpPong, true, false, "pong"},
		{11, true, true, "opcode 11"},
		{15, true, true, "opcode 15"},
	}
	for _, test := range tests {
		if o := test.opcode; o.IsControl() != test.control || o.IsReserved() != test.reserved || o.String() != test.name {
			t.Errorf("%d: control %v, reserved %v, %q", byte(o), o.IsControl(), o.IsReserved(), o)
		}
	}
}

// The key and its answer are the example of RFC 6455 §1.3.
func TestAcceptKey(t *testing.T) {
	if got := AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("got %q", got)
	}
}

func BenchmarkMask(b *testing.B) {
	for _, size := range []int{16, 150, 4096} {
		payload := make([]byte, size)
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				applyMask(payload, [4]byte{1, 2, 3, 4})
			}
		})
	}
}
