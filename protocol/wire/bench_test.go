package wire_test

import (
	"testing"

	"imcheck/protocol/wire"
)

// typicalMessages are the messages that a busy server handles most of the time.
var typicalMessages = []struct {
	name    string
	message wire.Message
}{
	{"keep-alive", wire.NewKeepAlive("u-8d9786")},
	{"data", wire.NewQoSData("a-8d9786", "b-8d9786", "hello, how are you today?", "b0c9f6ac-3a4e-4d6d-9a58-2a3f5c1d7e80")},
	{"login", wire.NewLogin(wire.LoginInfo{UserID: wire.Some("u-8d9786"), Token: wire.Some("t")})},
	{"markup", wire.NewData("a-8d9786", "b-8d9786", "<a href='x'>1 & 2</a>")},
}

// Bounds of what one call may allocate, for any typical message. They hold under
// the race detector too, so they are checked there as well.
const (
	encodeAllocs = 0 // the buffer is large enough
	decodeAllocs = 2 // one copy of the body, one for a content with escapes
)

func TestAppendAllocates(t *testing.T) {
	for _, typical := range typicalMessages {
		buffer := make([]byte, 0, 512)
		allocs := testing.AllocsPerRun(100, func() { buffer = typical.message.Append(buffer[:0]) })
		if allocs > encodeAllocs {
			t.Errorf("%s: Append allocates %v times, want at most %d", typical.name, allocs, encodeAllocs)
		}
		allocs = testing.AllocsPerRun(100, func() { buffer = wire.AppendMessageFrame(buffer[:0], typical.message) })
		if allocs > encodeAllocs {
			t.Errorf("%s: AppendMessageFrame allocates %v times, want at most %d", typical.name, allocs, encodeAllocs)
		}
	}
}

func TestDecodeAllocates(t *testing.T) {
	for _, typical := range typicalMessages {
		body := typical.message.Append(nil)
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := wire.Decode(body); err != nil {
				t.Fatal(err)
			}
		})
		if allocs > decodeAllocs {
			t.Errorf("%s: Decode allocates %v times, want at most %d", typical.name, allocs, decodeAllocs)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, typical := range typicalMessages {
		b.Run(typical.name, func(b *testing.B) {
			buffer := typical.message.Append(nil)
			b.SetBytes(int64(len(buffer)))
			b.ReportAllocs()
			for b.Loop() {
				buffer = typical.message.Append(buffer[:0])
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, typical := range typicalMessages {
		b.Run(typical.name, func(b *testing.B) {
			body := typical.message.Append(nil)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := wire.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSplitter(b *testing.B) {
	var stream []byte
	for _, typical := range typicalMessages {
		stream = wire.AppendMessageFrame(stream, typical.message)
	}
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	var s wire.Splitter
	for b.Loop() {
		for in := stream; ; {
			_, ok, err := s.Next(&in)
			if err != nil {
				b.Fatal(err)
			}
			if !ok {
				break
			}
		}
	}
}
