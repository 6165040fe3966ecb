package behaviour

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"imcheck/harness/transport"
)

const (
	// maxPathQueue bounds how many datagrams wait to be read.
	maxPathQueue = 4096
	// maxDatagram is longer than any datagram, in bytes.
	maxDatagram = 1 << 16
	// maxHold bounds how long a datagram is held so that others overtake it.
	maxHold = 20 * time.Millisecond
)

// Path impairs datagrams in both directions alike. The zero value leaves them alone.
type Path struct {
	// Loss, Duplication and Reordering are the probabilities, from 0 to 1, that a
	// datagram is lost, delivered twice, or held for a moment so that others overtake it.
	Loss, Duplication, Reordering float64
	// Jitter is the longest random delay of a datagram.
	Jitter time.Duration
}

func (p Path) healthy() bool { return p == Path{} }

// delays draws the delay of each copy of a datagram; there is none when it is lost.
func (p Path) delays(random *rand.Rand) (delays []time.Duration) {
	if random.Float64() < p.Loss {
		return nil
	}
	copies := 1
	if random.Float64() < p.Duplication {
		copies = 2
	}
	for range copies {
		delay := time.Duration(0)
		if p.Jitter > 0 {
			delay = time.Duration(random.Int64N(int64(p.Jitter) + 1))
		}
		if random.Float64() < p.Reordering {
			delay = max(delay, time.Duration(random.Int64N(int64(maxHold)+1)))
		}
		delays = append(delays, delay)
	}
	return delays
}

// impairedNetwork is a network whose datagram listeners have an impaired path.
type impairedNetwork struct {
	transport.Network
	path Path
	seed uint64
}

func (n impairedNetwork) ListenPacket(address string) (transport.PacketConn, error) {
	socket, err := n.Network.ListenPacket(address)
	if err != nil {
		return nil, err
	}
	c := &impairedSocket{PacketConn: socket, path: n.path, in: rand.New(rand.NewPCG(n.seed, 2)), out: rand.New(rand.NewPCG(n.seed, 3))}
	c.changed.L = &c.mu
	return c, nil
}

// impairedSocket loses, duplicates and delays what a socket receives and sends. From its
// first read on a goroutine reads from the socket, until that is closed.
type impairedSocket struct {
	transport.PacketConn
	path Path

	mu      sync.Mutex
	changed sync.Cond
	in, out *rand.Rand // each direction draws its own numbers
	reading bool
	queue   []pathDatagram
	failed  error // reason that the socket has ended: nothing more arrives
}

type pathDatagram struct {
	from netip.AddrPort
	data []byte
}

// ReadFromUDPAddrPort waits for a datagram; what does not fit b is cut off.
func (c *impairedSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reading {
		c.reading = true
		go c.read()
	}
	for len(c.queue) == 0 && c.failed == nil {
		c.changed.Wait()
	}
	if c.failed != nil {
		return 0, netip.AddrPort{}, c.failed
	}
	first := c.queue[0]
	c.queue[0] = pathDatagram{}
	c.queue = c.queue[1:]
	return copy(b, first.data), first.from, nil
}

// read takes datagrams from the socket until it fails.
func (c *impairedSocket) read() {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := c.PacketConn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			c.fail(err)
			return
		}
		for _, delay := range c.delays(c.in) {
			d := pathDatagram{from, slices.Clone(buffer[:n])}
			after(delay, func() { c.arrive(d) })
		}
	}
}

func (c *impairedSocket) delays(random *rand.Rand) []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.path.delays(random)
}

func (c *impairedSocket) arrive(d pathDatagram) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil && len(c.queue) < maxPathQueue {
		c.queue = append(c.queue, d)
		c.changed.Signal()
	}
}

func (c *impairedSocket) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed, c.queue = err, nil
	c.changed.Broadcast()
}

// WriteToUDPAddrPort sends the copies of a datagram that the path delivers. One that
// goes out later may fail unnoticed, as any may be lost.
func (c *impairedSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	for _, delay := range c.delays(c.out) {
		copied := slices.Clone(b)
		after(delay, func() { _, _ = c.PacketConn.WriteToUDPAddrPort(copied, to) })
	}
	return len(b), nil
}

// after calls do after a delay, at once when there is none.
func after(delay time.Duration, do func()) {
	if delay <= 0 {
		do()
		return
	}
	time.AfterFunc(delay, do)
}
