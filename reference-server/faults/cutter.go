package faults

import "iter"

// fate is what a cutter makes of a frame.
type fate uint8

const (
	asItComes fate = iota // its bytes pass
	whenWhole             // it is held until it is complete
	lost                  // its bytes do not pass
)

// piece is a part of a stream: a whole frame, or bytes that pass.
type piece struct {
	bytes []byte
	whole bool
}

// cutter cuts one direction of a stream into pieces, whatever the chunks are in
// which it comes.
type cutter struct {
	// measure reads the header at the start of b: the length in bytes of its frame,
	// header included, and what becomes of it. Size 0 says that the header is not
	// complete.
	measure func(b []byte) (size int, f fate)

	held []byte // of a frame that is not complete, or of its header
	left int    // bytes of the frame under way that were not cut yet
	fate fate   // of that frame
}

// cut takes bytes of the stream and gives the pieces that have come; each is
// valid until the next call, and is used before the next one is measured.
func (c *cutter) cut(b []byte) iter.Seq[piece] {
	c.held = append(c.held, b...)
	return func(yield func(piece) bool) {
		for len(c.held) > 0 {
			if c.left == 0 {
				c.left, c.fate = c.measure(c.held)
			}
			n := min(c.left, len(c.held))
			if n == 0 || c.fate == whenWhole && n < c.left {
				return
			}
			p := piece{c.held[:n:n], c.fate == whenWhole}
			c.held, c.left = c.held[n:], c.left-n
			if c.fate != lost && !yield(p) {
				return
			}
		}
	}
}

// incomplete is whether a frame is held, or its header.
func (c *cutter) incomplete() bool { return len(c.held) > 0 }
