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

// Thresholds of the faults below.
const (
	// fewFrames may share a segment by chance, when a client does not wait for answers:
	// whether a case notices a fault must not depend on that.
	fewFrames = 4
	// latePart is the longest time that a frame may take to arrive.
	latePart = 500 * time.Millisecond
	// hugeBody is a length in bytes that nobody means.
	hugeBody = 1 << 20
)

// tcpFaults misread the 4-byte length in front of a body (§2), or close without a FIN.
func tcpFaults() []Fault {
	return []Fault{
		{Name: "tcp-pieces-close", Does: "a TCP frame that comes in pieces closes the connection", TCP: onSegments(piecesClose)},
		{Name: "tcp-late-rest-lost", Does: "a TCP frame whose rest comes over half a second later is lost", TCP: onSegments(lateRestLost)},
		{Name: "tcp-segment-cut", Does: "of more than four frames in one TCP segment the first four are read", TCP: onSegments(segmentCut)},
		{Name: "tcp-segment-reversed", Does: "more than four frames in one TCP segment are taken last first", TCP: onSegments(segmentReversed)},
		{Name: "tcp-negative-length-skipped", Does: "a negative length on TCP is skipped", TCP: losing(func(length int32) bool { return length < 0 })},
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

// losing hides frames from the listener whose length would have it close the connection.
func losing(which func(length int32) bool) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn {
		frames := cutter{measure: func(b []byte) (size int64, how treatment) {
			size, how = measureFrame(b)
			if length := lengthOf(b); size > 0 && which(length) {
				return wire.FrameHeader + max(0, int64(length)), drop
			}
			return size, how
		}}
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			return joined(slices.Collect(frames.cut(b))), nil
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

// measureFrame keeps frames back until they are complete. A length that is refused (§2)
// passes, and so does all that follows: the listener closes on it.
func measureFrame(b []byte) (size int64, how treatment) {
	length := lengthOf(b)
	switch {
	case len(b) < wire.FrameHeader:
		return 0, gather
	case length < 0 || length > wire.MaxTCPBody:
		return math.MaxInt64, pass
	}
	return wire.FrameHeader + int64(length), gather
}

// segment holds what one read returned: whole frames, and bytes that pass because their
// length is refused.
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
		frames, change := cutter{measure: measureFrame}, fresh()
		return &behaviour.Tap{Conn: c, Incoming: func(b []byte) ([]byte, error) {
			pieces := slices.Collect(frames.cut(b))
			return change(segment{pieces, frames.incomplete()})
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

// lateRestLost drops the whole frame, so that the next one is found.
func lateRestLost() func(segment) ([]byte, error) {
	var started time.Time // start of the current frame; zero without one
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

// incompleteCounts adds a message that counts as activity for bytes that do not.
func incompleteCounts() func(segment) ([]byte, error) {
	return func(s segment) ([]byte, error) {
		out := s.out()
		if s.incomplete {
			out = wire.AppendMessageFrame(out, signOfLife())
		}
		return out, nil
	}
}

// signOfLife is a message that counts as activity and is otherwise ignored, as any of an
// unknown type (§3).
func signOfLife() wire.Message { return wire.New(noType, wire.NobodyID, wire.ServerID) }

// resetting sends a reset instead of a FIN.
type resetting struct{ behaviour.Tap }

func (r *resetting) CloseWrite() error {
	_ = r.SetLinger(0) // fails on a stream that is gone, as Close does
	return r.Close()
}
