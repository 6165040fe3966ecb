package wire

import "encoding/binary"

// FrameHeader is the size of a TCP frame's length prefix in bytes (docs/protocol.md §2).
const FrameHeader = 4

// AppendFrame appends body after its 4-byte big-endian length.
func AppendFrame(b, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

// AppendMessageFrame appends the encoded message as one TCP frame, without an
// intermediate buffer.
func AppendMessageFrame(b []byte, m Message) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = m.Append(b)
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-FrameHeader))
	return b
}

// Splitter cuts a byte stream into the bodies of its frames (§2), however the
// stream was cut into chunks. The zero value accepts bodies of up to MaxTCPBody.
//
// It buffers only what has arrived of an incomplete frame: a peer that announces a
// large frame and sends nothing costs nothing.
type Splitter struct {
	Limit   int    // largest body in bytes; 0 means MaxTCPBody
	partial []byte // an incomplete frame so far, header included
}

// Next takes the next frame off the front of *in and returns its body. ok is
// false once *in is used up and more bytes are needed. The body is valid until the
// bytes of *in change or Next is called again. The error is a *FrameError; the
// stream cannot be read on after it.
func (s *Splitter) Next(in *[]byte) (body []byte, ok bool, err error) {
	if len(s.partial) == 0 {
		size, err := s.frameSize(*in)
		if err != nil {
			return nil, false, err
		}
		if size > 0 && len(*in) >= size {
			body, *in = (*in)[FrameHeader:size], (*in)[size:]
			return body, true, nil
		}
	}
	return s.complete(in)
}

// Pending returns the number of buffered bytes of an incomplete frame.
func (s *Splitter) Pending() int { return len(s.partial) }

// complete continues a frame that arrives in pieces: first its header, so that a
// length is refused before a byte of its body is kept.
func (s *Splitter) complete(in *[]byte) (body []byte, ok bool, err error) {
	s.take(in, FrameHeader)
	size, err := s.frameSize(s.partial)
	if err != nil || size == 0 {
		return nil, false, err
	}
	s.take(in, size)
	if len(s.partial) < size {
		return nil, false, nil
	}
	body, s.partial = s.partial[FrameHeader:], nil
	return body, true, nil
}

// take moves bytes from *in until the frame so far has size of them.
func (s *Splitter) take(in *[]byte, size int) {
	n := min(size-len(s.partial), len(*in))
	if n > 0 {
		s.partial = append(s.partial, (*in)[:n]...)
		*in = (*in)[n:]
	}
}

// frameSize returns the length of the whole frame at the start of b, or 0 if its
// header is incomplete.
func (s *Splitter) frameSize(b []byte) (int, error) {
	if len(b) < FrameHeader {
		return 0, nil
	}
	limit := s.Limit
	if limit == 0 {
		limit = MaxTCPBody
	}
	length := int32(binary.BigEndian.Uint32(b))
	if length < 0 || int(length) > limit {
		return 0, &FrameError{length, limit}
	}
	return FrameHeader + int(length), nil
}
