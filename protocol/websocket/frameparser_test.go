package websocket

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// split feeds a stream in chunks of random sizes and returns its frames.
func split(stream []byte, seed uint64, check func(Header) error) (frames []Frame, rest int, err error) {
	random := rand.New(rand.NewPCG(seed, 0))
	s := splitter{}
	stream = bytes.Clone(stream) // payloads are unmasked in place
	for len(stream) > 0 {
		n := 1 + random.IntN(min(len(stream), 40))
		in := stream[:n]
		stream = stream[n:]
		for {
			h, payload, ok, err := s.next(&in, check)
			if err != nil {
				return frames, 0, err
			}
			if !ok {
				break
			}
			frames = append(frames, Frame{h.Fin, h.RSV, h.Opcode, h.Masked, bytes.Clone(payload)})
		}
	}
	return frames, len(s.partial), nil
}

func equalFrames(a, b []Frame) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Fin != b[i].Fin || a[i].RSV != b[i].RSV || a[i].Opcode != b[i].Opcode ||
			a[i].Masked != b[i].Masked || !bytes.Equal(a[i].Payload, b[i].Payload) {
			return false
		}
	}
	return true
}

func acceptAll(h Header) error {
	if h.Length > 1<<20 {
		return &ProtocolError{Reason: "too long"}
	}
	return nil
}

func TestFramesSurviveTheirEncoding(t *testing.T) {
	var want []Frame
	var stream []byte
	for _, masked := range []bool{false, true} {
		for _, length := range []int{0, 1, 125, 126, 127, 65535, 65536} {
			f := Frame{Fin: length%2 == 0, RSV: byte(length % 8), Opcode: Opcode(length % 16), Masked: masked, Payload: bytes.Repeat([]byte{'a'}, length)}
			want = append(want, f)
			stream = f.Append(stream)
		}
	}
	for seed := range uint64(5) {
		got, rest, err := split(stream, seed, acceptAll)
		if err != nil || rest != 0 || !equalFrames(got, want) {
			t.Errorf("seed %d: %d frames of %d came back, %d bytes left, %v", seed, len(got), len(want), rest, err)
		}
	}
}

func TestAFrameIsRefusedByItsHeader(t *testing.T) {
	r := NewReader(Client, Rules{MaxMessage: 10})
	in := Server.Frame(OpText, make([]byte, 11)).Append(nil)[:2]
	if _, _, _, err := r.Next(&in); err == nil {
		t.Error("the header of a frame that is too long was accepted")
	}
}

// However a stream is cut, the same frames come out of it.
func FuzzSplitter(f *testing.F) {
	f.Add(uint64(1), []byte("\x81\x05hello\x89\x00"))
	f.Add(uint64(2), []byte("\x81\x85\x01\x02\x03\x04hello"))
	f.Add(uint64(3), []byte("\x82\x7e\x00\x7f"))
	f.Add(uint64(4), []byte("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, seed uint64, stream []byte) {
		whole, wholeRest, wholeErr := split(stream, seed, acceptAll)
		other, otherRest, otherErr := split(stream, seed+1, acceptAll)
		if !equalFrames(whole, other) || wholeRest != otherRest || (wholeErr == nil) != (otherErr == nil) {
			t.Errorf("cut in two ways: %d and %d frames, %d and %d bytes left, %v and %v",
				len(whole), len(other), wholeRest, otherRest, wholeErr, otherErr)
		}
		if _, ok := errors.AsType[*ProtocolError](wholeErr); wholeErr != nil && !ok {
			t.Errorf("%v is not a *ProtocolError", wholeErr)
		}
	})
}
