package variants

import (
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"imcheck/reference-server/behaviour"
)

const (
	// joinTime is the time for which writes wait to be joined.
	joinTime = 20 * time.Millisecond
	// maxJoined bounds how many bytes are held.
	maxJoined = 32 << 10
	// singleBytes is the number of bytes of a write that go out one by one. The rest of a
	// large write goes out in pieces of pieceSize, or it would take too long.
	singleBytes = 2 << 10
	pieceSize   = 100
)

// chopped is a stream whose writes are cut into pieces.
type chopped struct {
	*behaviour.Tap
	// piece returns the size of the next piece of a write, of which done bytes are written
	// and left are not.
	piece func(done, left int) int
}

func (c *chopped) Write(b []byte) (done int, err error) {
	for done < len(b) {
		n, err := c.Tap.Write(b[done : done+c.piece(done, len(b)-done)])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// chop cuts the writes of streams; cutting makes the piece function of one stream.
func chop(cutting func() func(done, left int) int) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn { return &chopped{&behaviour.Tap{Conn: c}, cutting()} }
}

// byteByByte writes single bytes.
func byteByByte(uint64) func(net.Conn) net.Conn {
	piece := func(done, left int) int {
		if done < singleBytes {
			return 1
		}
		return min(left, pieceSize)
	}
	return chop(func() func(done, left int) int { return piece })
}

// anywhere cuts at random, for each stream of a server at other places.
func anywhere(seed uint64) func(net.Conn) net.Conn {
	var streams atomic.Uint64
	return chop(func() func(done, left int) int {
		random := rand.New(rand.NewPCG(seed, streams.Add(1)<<8))
		return func(_, left int) int { return 1 + random.IntN(left) }
	})
}

// joining is a stream whose writes are held for a moment and go out together.
type joining struct {
	*behaviour.Tap
	// holding is a lock: who puts a value in has it. A goroutine that waits for a mutex
	// would stop the virtual time in which a stuck write ends.
	holding chan struct{}
	held    []byte
	timer   *time.Timer // writes what is held; nil when nothing is
	failed  error       // error of an earlier write
}

// joinedWrites holds the writes of each stream for a moment.
func joinedWrites(uint64) func(net.Conn) net.Conn { return newJoining }

func newJoining(c net.Conn) net.Conn {
	return &joining{Tap: &behaviour.Tap{Conn: c}, holding: make(chan struct{}, 1)}
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

// flush writes what is held. The caller has the lock.
func (j *joining) flush() {
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
	if len(j.held) > 0 && j.failed == nil {
		_, j.failed = j.Tap.Write(j.held)
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
	return j.Tap.CloseWrite()
}

// Close drops what is held. A write that is stuck ends with the stream.
func (j *joining) Close() error {
	err := j.Tap.Close()
	j.holding <- struct{}{}
	defer func() { <-j.holding }()
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
	j.held, j.failed = nil, net.ErrClosed
	return err
}
