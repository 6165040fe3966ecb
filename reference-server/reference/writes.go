package reference

import (
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"imcheck/protocol/wire"
)

const (
	// joinTime is how long writes are held to be joined.
	joinTime = 20 * time.Millisecond
	// maxJoined bounds in bytes what is held.
	maxJoined = 32 << 10
	// singleBytes is how much of a write goes out byte by byte; the rest of a large
	// one goes in pieces of pieceSize, or it would take too long.
	singleBytes = 2 << 10
	pieceSize   = 100
)

// chopped is a stream whose writes are cut into pieces.
type chopped struct {
	*tap
	// piece is the size of the next piece of a write of which done bytes are written
	// and left are not.
	piece func(done, left int) int
}

func (c *chopped) Write(b []byte) (done int, err error) {
	for done < len(b) {
		n, err := c.tap.Write(b[done : done+c.piece(done, len(b)-done)])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// byteByByte writes single bytes.
func byteByByte(done, left int) int {
	if done < singleBytes {
		return 1
	}
	return min(left, pieceSize)
}

// anywhere cuts at random, for each stream at other places.
func anywhere(seed uint64, streams *atomic.Uint64) func(done, left int) int {
	random := rand.New(rand.NewPCG(seed, streams.Add(1)<<8))
	return func(_, left int) int { return 1 + random.IntN(left) }
}

// chop cuts the writes of TCP and WebSocket; piece is called for each stream.
func chop(piece func() func(done, left int) int) func(*behaviour) {
	return onStreams(func(c net.Conn) net.Conn { return &chopped{&tap{Conn: c}, piece()} })
}

func onStreams(change func(net.Conn) net.Conn) func(*behaviour) {
	return func(b *behaviour) {
		wrap(wire.TCP, change)(b)
		wrap(wire.WS, change)(b)
	}
}

// joining is a stream whose writes are held for a moment and go out together.
type joining struct {
	*tap
	// holding is held by having put a value in. A goroutine that waits for a mutex
	// would stop the virtual time that ends a stuck write.
	holding chan struct{}
	held    []byte
	timer   *time.Timer // of held; nil when nothing is
	failed  error       // of an earlier write
}

func newJoining(c net.Conn) net.Conn {
	return &joining{tap: &tap{Conn: c}, holding: make(chan struct{}, 1)}
}

func (j *joining) Write(b []byte) (int, error) {
	j.holding <- struct{}{}
	defer func() { <-j.holding }()
	if j.failed != nil {
		return 0, j.failed
	}
	j.held = append(j.held, b...)
	switch {
	case len(j.held) > maxJoined:
		j.flush()
	case j.timer == nil:
		j.timer = time.AfterFunc(joinTime, j.flushLater)
	}
	return len(b), j.failed
}

// flush writes what is held. It is called with holding.
func (j *joining) flush() {
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
	if len(j.held) > 0 && j.failed == nil {
		_, j.failed = j.tap.Write(j.held)
	}
	j.held = nil
}

func (j *joining) flushLater() {
	j.holding <- struct{}{}
	defer func() { <-j.holding }()
	j.flush()
}

// CloseWrite writes what is held before the FIN.
func (j *joining) CloseWrite() error {
	j.flushLater()
	return j.tap.CloseWrite()
}

// Close drops what is held. A write that is stuck ends with the stream.
func (j *joining) Close() error {
	err := j.tap.Close()
	j.holding <- struct{}{}
	defer func() { <-j.holding }()
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
	j.held, j.failed = nil, net.ErrClosed
	return err
}
