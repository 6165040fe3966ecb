package websocket

// splitter cuts a byte stream into frames, however the stream was cut into
// chunks. Like wire.Splitter it holds bytes of its own only while a frame is
// incomplete.
type splitter struct {
	partial []byte // header and payload so far
}

// next takes the next frame off the front of *in and unmasks its payload in
// place. check refuses a frame by its header, before its payload is kept. ok is
// false if more bytes are needed. The payload is valid until the bytes of *in
// change or next is called again. The error is that of check, or a
// *ProtocolError; the stream cannot be read on after it.
func (s *splitter) next(in *[]byte, check func(Header) error) (h Header, payload []byte, ok bool, err error) {
	frame := *in
	if len(s.partial) == 0 {
		h, size, err := measure(frame, check)
		if err != nil {
			return h, nil, false, err
		}
		if size > 0 && len(frame) >= size {
			*in = frame[size:]
			return h, unmask(h, frame[:size]), true, nil
		}
	}
	s.take(in, minHeader)
	s.take(in, headerSize(s.partial))
	h, size, err := measure(s.partial, check)
	if err != nil || size == 0 {
		return h, nil, false, err
	}
	s.take(in, size)
	if len(s.partial) < size {
		return h, nil, false, nil
	}
	frame, s.partial = s.partial, nil
	return h, unmask(h, frame), true, nil
}

// take moves bytes from *in until the frame so far has size of them.
func (s *splitter) take(in *[]byte, size int) {
	n := min(size-len(s.partial), len(*in))
	if n > 0 {
		s.partial = append(s.partial, (*in)[:n]...)
		*in = (*in)[n:]
	}
}

// measure reads and checks the header at the start of b. size is the length of
// the whole frame, or 0 if the header is incomplete.
func measure(b []byte, check func(Header) error) (h Header, size int, err error) {
	h, size, err = ParseHeader(b)
	if err != nil || size == 0 {
		return h, 0, err
	}
	if err := check(h); err != nil {
		return h, 0, err
	}
	return h, size + int(h.Length), nil
}

// unmask returns the payload of a whole frame.
func unmask(h Header, frame []byte) []byte {
	payload := frame[len(frame)-int(h.Length):]
	if h.Masked {
		applyMask(payload, h.Mask)
	}
	return payload
}
