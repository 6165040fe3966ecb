package faults

import (
	"encoding/binary"
	"io"
	"math"
	"net"
	"slices"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
)

// What the faults below draw the line at.
const (
	// fewFrames come in one segment also by chance, when a client does not wait for
	// answers: whether a case notices a fault must not depend on that.
	fewFrames = 4
	// latePart is how long a frame may take.
	latePart = 500 * time.Millisecond
	// hugeBody is a length in bytes that nobody means.
	hugeBody = 1 << 20
)

// tcpFaults misread the 4-byte length in front of a body (§2), and close
// otherwise than by a FIN.
func tcpFaults() []Fault {
	return []Fault{
		{Name: "tcp-pieces-close", Does: "a TCP frame that comes in pieces closes the connection", TCP: onSegments(piecesClose)},
		{Name: "tcp-late-rest-lost", Does: "a TCP frame whose rest comes over half a second later is lost", TCP: onSegments(lateRestLost)},
		{Name: "tcp-segment-cut", Does: "of more than four frames in one TCP segment the first four are read", TCP: onSegments(segmentCut)},
		{Name: "tcp-segment-reversed", Does: "more than four frames in one TCP segment are taken last first", TCP: onSegments(segmentReversed)},
		{Name: "tcp-negative-length-skipped", Does: "a negative length on TCP is passed over", TCP: losing(func(length int32) bool { return length < 0 })},
		{Name: "tcp-huge-length-awaited", Does: "a TCP body of an absurd length is waited for", TCP: losing(func(length int32) bool { return length >= hugeBody })},
		{Name: "tcp-long-body-lost", Does: "a TCP body over the limit is dropped, and the connection stays", TCP: losing(func(length int32) bool {
			return length > wire.MaxTCPBody && length < hugeBody
		})},
		{Name: "tcp-incomplete-counts", Does: "the bytes of a TCP frame that is not complete count as activity", TCP: onSegments(incompleteCounts)},
		{Name: "tcp-close-reset", Does: "the server closes TCP connections by a reset", TCP: func(c net.Conn) net.Conn {
			return &resetting{behaviour.Tap{Conn: c}}
		}},
	}
}

// losing lets the listener see nothing of the frames with some lengths that it
// would close on.
func losing(which func(length int32) bool) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn {
		cutter := cutter{measure: func(b []byte) (size int, f fate) {
			size, f = measureFrame(b)
			if length := lengthOf(b); size > 0 && which(length) {
				return wire.FrameHeader + max(0, int(length)), lost
			}
			return size, f
		}}
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			return joined(slices.Collect(cutter.cut(b))), nil
		}}
	}
}

// lengthOf reads the length in front of a body, 0 when it is not complete.
func lengthOf(b []byte) int32 {
	if len(b) < wire.FrameHeader {
		return 0
	}
	return int32(binary.BigEndian.Uint32(b))
}

// measureFrame holds frames until they are whole. A length that is refused (§2)
// is for the listener to close on: it passes, and so does whatever follows.
func measureFrame(b []byte) (size int, f fate) {
	length := lengthOf(b)
	switch {
	case len(b) < wire.FrameHeader:
		return 0, whenWhole
	case length < 0 || length > wire.MaxTCPBody:
		return math.MaxInt, asItComes
	}
	return wire.FrameHeader + int(length), whenWhole
}

// segment is what one read brought: whole frames, and bytes that pass because
// their length is refused.
type segment struct {
	pieces     []piece
	incomplete bool // it ends within a frame
}

func (s segment) out() []byte { return joined(s.pieces) }

func joined(pieces []piece) (b []byte) {
	for _, p := range pieces {
		b = append(b, p.bytes...)
	}
	return b
}

// onSegments changes what is read of each segment; fresh makes the change for one
// stream.
func onSegments(fresh func() func(s segment) ([]byte, error)) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn {
		cutter, change := cutter{measure: measureFrame}, fresh()
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			pieces := slices.Collect(cutter.cut(b))
			return change(segment{pieces, cutter.incomplete()})
		}}
	}
}

func piecesClose() func(segment) ([]byte, error) {
	return func(s segment) ([]byte, error) {
		if s.incomplete {
			return s.out(), io.EOF // for the listener, the client has closed
		}
		return s.out(), nil
	}
}

// lateRestLost loses the whole frame, so that the next one is found.
func lateRestLost() func(segment) ([]byte, error) {
	var started time.Time // the frame under way; zero when there is none
	return func(s segment) ([]byte, error) {
		late := !started.IsZero() && time.Since(started) > latePart
		if late && len(s.pieces) > 0 {
			s.pieces = s.pieces[1:]
		}
		switch {
		case !s.incomplete:
			started = time.Time{}
		case started.IsZero() || len(s.pieces) > 0:
			started = time.Now()
		}
		return s.out(), nil
	}
}

func segmentCut() func(segment) ([]byte, error) {
	return func(s segment) ([]byte, error) {
		s.pieces = s.pieces[:min(len(s.pieces), fewFrames)]
		return s.out(), nil
	}
}

func segmentReversed() func(segment) ([]byte, error) {
	return func(s segment) ([]byte, error) {
		if len(s.pieces) > fewFrames {
			slices.Reverse(s.pieces)
		}
		return s.out(), nil
	}
}

// incompleteCounts shows the server, for bytes that it cannot count, a message
// that it can.
func incompleteCounts() func(segment) ([]byte, error) {
	return func(s segment) ([]byte, error) {
		out := s.out()
		if s.incomplete {
			out = wire.AppendMessageFrame(out, signOfLife())
		}
		return out, nil
	}
}

// signOfLife is a message that counts as activity and is otherwise ignored, as
// any of an unknown type (§3).
func signOfLife() wire.Message { return wire.New(99, wire.NobodyID, wire.ServerID) }

// resetting sends a reset instead of a FIN.
type resetting struct{ behaviour.Tap }

func (r *resetting) CloseWrite() error {
	_ = r.SetLinger(0) // fails on a stream that is gone, as Close does
	return r.Close()
}
