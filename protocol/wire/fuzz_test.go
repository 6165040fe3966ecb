package wire_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

// What decodes is written as something that decodes to the same message.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Input)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := wire.Decode(body)
		if err != nil {
			if !errors.Is(err, wire.ErrBadMessage) {
				t.Errorf("error %v is not ErrBadMessage", err)
			}
			return
		}
		text := m.Append(nil)
		again, err := wire.Decode(text)
		if err != nil || again != m {
			t.Errorf("%q is written as\n%s, which is read as\n%s, %v", body, text, again, err)
		}
	})
}

// Which strings of a fuzzed message are present.
const (
	withContent = 1 << iota
	withFrom
	withTo
	withFingerprint
)

// A message comes back from the wire as it was, and another decoder reads the
// same from it.
func FuzzEncode(f *testing.F) {
	f.Add(false, int32(2), uint8(15), "hi", "a", "b", "f-1", true, int32(-1), int64(-1))
	f.Add(true, int32(5), uint8(1), "<>&='\u2028\u2029\"\\\t\x00😀", "", "", "", false, int32(0), int64(0))
	f.Add(true, int32(-1<<31), uint8(0), "", "", "", "", false, int32(1<<31-1), int64(-1<<63))
	f.Fuzz(func(t *testing.T, bridge bool, typ int32, present uint8, content, from, to, fp string, qos bool, userType int32, serverTime int64) {
		text := func(bit uint8, s string) wire.Text {
			if present&bit == 0 {
				return wire.Text{}
			}
			return wire.Some(strings.ToValidUTF8(s, "\uFFFD"))
		}
		m := wire.Message{
			Bridge: bridge, Type: wire.Type(typ), DataContent: text(withContent, content), From: text(withFrom, from),
			To: text(withTo, to), Fingerprint: text(withFingerprint, fp), QoS: qos, UserType: userType, ServerTime: serverTime,
		}
		body := m.Append(nil)
		if got, err := wire.Decode(body); err != nil || got != m {
			t.Errorf("%s is read as\n%s, %v", body, got, err)
		}
		if got, err := decodeStandard(body); err != nil || got != m {
			t.Errorf("%s is read by encoding/json as\n%s, %v", body, got, err)
		}
	})
}

// decodeStandard reads a message with the standard library, which shares no
// code with Decode.
func decodeStandard(body []byte) (wire.Message, error) {
	var fields struct {
		Bridge      bool    `json:"bridge"`
		Type        int32   `json:"type"`
		DataContent *string `json:"dataContent"`
		From        *string `json:"from"`
		To          *string `json:"to"`
		Fingerprint *string `json:"fp"`
		QoS         bool    `json:"QoS"`
		UserType    int32   `json:"typeu"`
		ServerTime  int64   `json:"sm"`
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		return wire.Message{}, err
	}
	text := func(s *string) wire.Text {
		if s == nil {
			return wire.Text{}
		}
		return wire.Some(*s)
	}
	return wire.Message{
		Bridge: fields.Bridge, Type: wire.Type(fields.Type), DataContent: text(fields.DataContent), From: text(fields.From),
		To: text(fields.To), Fingerprint: text(fields.Fingerprint), QoS: fields.QoS, UserType: fields.UserType, ServerTime: fields.ServerTime,
	}, nil
}

// However a stream is cut, the same bodies come out, then the same error.
func FuzzSplitter(f *testing.F) {
	f.Add(frames("abc", "", "x", "defgh"), []byte{1, 2, 3}, uint16(5))
	f.Add(append(frames("abc"), header(-1)...), []byte{6}, uint16(5))
	f.Add(append(frames("abc"), header(6)...), []byte{1}, uint16(5))
	f.Add(frames("abc")[:5], []byte{0, 4}, uint16(5))
	f.Fuzz(func(t *testing.T, stream, cuts []byte, limit uint16) {
		if limit == 0 {
			return // means the default
		}
		s := wire.Splitter{Limit: int(limit)}
		var chunks [][]byte
		for rest, i := stream, 0; len(rest) > 0; i++ {
			n := len(rest)
			if i < len(cuts) {
				n = min(n, int(cuts[i]))
			}
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		got, err := split(&s, chunks...)
		want, rest, refused := splitWhole(stream, int(limit))
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if _, is := errors.AsType[*wire.FrameError](err); is != refused || (err != nil) != refused {
			t.Errorf("error %v, want a refused length: %v", err, refused)
		}
		if !refused && s.Pending() != rest {
			t.Errorf("%d bytes are held, want %d", s.Pending(), rest)
		}
	})
}

// splitWhole is the rule of §2 for a stream that is there as a whole: rest is
// how many bytes of an incomplete frame are at its end.
func splitWhole(stream []byte, limit int) (bodies []string, rest int, refused bool) {
	for len(stream) >= wire.FrameHeader {
		length := int(int32(binary.BigEndian.Uint32(stream)))
		if length < 0 || length > limit {
			return bodies, 0, true
		}
		if len(stream) < wire.FrameHeader+length {
			break
		}
		bodies = append(bodies, string(stream[wire.FrameHeader:wire.FrameHeader+length]))
		stream = stream[wire.FrameHeader+length:]
	}
	return bodies, len(stream), false
}
