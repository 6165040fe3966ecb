package faults

import "iter"

// treatment is the change that a cutter makes to a frame.
type treatment uint8

const (
	pass   treatment = iota // its bytes pass as they arrive
	gather                  // it is kept back until it is complete
	drop                    // its bytes do not pass
)

// piece is a part of a stream: a whole frame, or bytes that pass as they arrive.
type piece struct {
	bytes []byte
	whole bool
}

// cutter cuts one direction of a stream into pieces, whatever the chunks in which it
// arrives.
type cutter struct {
	// measure reads the header at the start of b. It returns the length in bytes of the
	// frame, header included, and what to do with it. Size 0 means that the header is not
	// complete.
	measure func(b []byte) (size int64, how treatment)

	held []byte    // bytes of a frame, or of a header, that is not complete
	left int64     // bytes of the current frame that were not cut yet
	how  treatment // treatment of the current frame
}

// cut takes bytes of the stream and yields the pieces that are there. Each is valid until
// the next call, and is used before the next one is measured.
func (c *cutter) cut(b []byte) iter.Seq[piece] {
	c.held = append(c.held, b...)
	return func(yield func(piece) bool) {
		for len(c.held) > 0 {
			if c.left == 0 {
				c.left, c.how = c.measure(c.held)
			}
			n := int(min(c.left, int64(len(c.held))))
			if n == 0 || c.how == gather && int64(n) < c.left {
				return
			}
			p := piece{c.held[:n:n], c.how == gather}
			c.held, c.left = c.held[n:], c.left-int64(n)
			if c.how != drop && !yield(p) {
				return
			}
		}
	}
}

// incomplete reports whether a part of a frame is kept back.
func (c *cutter) incomplete() bool { return len(c.held) > 0 }
