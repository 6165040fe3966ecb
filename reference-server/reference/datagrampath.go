package reference

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"imcheck/harness/transport"
)

const (
	// maxPathQueue bounds the datagrams that wait to be read.
	maxPathQueue = 4096
	// maxDatagram is longer than any datagram, in bytes.
	maxDatagram = 1 << 16
	// reorderedFor is how long a datagram is held at most so that others overtake it.
	reorderedFor = 20 * time.Millisecond
)

// path is what happens to datagrams on their way, in both directions alike. The
// zero value leaves them alone.
type path struct {
	lost, doubled, reordered float64       // probabilities
	jitter                   time.Duration // the most that one is late
}

func (p path) healthy() bool { return p == path{} }

// fate draws the delays of the copies of a datagram; none when it is lost.
func (p path) fate(random *rand.Rand) (delays []time.Duration) {
	if random.Float64() < p.lost {
		return nil
	}
	copies := 1
	if random.Float64() < p.doubled {
		copies = 2
	}
	for range copies {
		delay := time.Duration(0)
		if p.jitter > 0 {
			delay = time.Duration(random.Int64N(int64(p.jitter) + 1))
		}
		if random.Float64() < p.reordered {
			delay = max(delay, time.Duration(random.Int64N(int64(reorderedFor)+1)))
		}
		delays = append(delays, delay)
	}
	return delays
}

// impairedNetwork is a network whose datagram listeners have a bad path.
type impairedNetwork struct {
	transport.Network
	path path
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

// impairedSocket loses, doubles and delays what a socket receives and sends. A
// goroutine reads from the first read on until the socket is closed.
type impairedSocket struct {
	transport.PacketConn
	path path

	mu      sync.Mutex
	changed sync.Cond
	in, out *rand.Rand // each direction draws its own numbers
	reading bool
	queue   []pathDatagram
	failed  error // of the socket: nothing more comes
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
		for _, delay := range c.fate(c.in) {
			d := pathDatagram{from, slices.Clone(buffer[:n])}
			after(delay, func() { c.arrive(d) })
		}
	}
}

func (c *impairedSocket) fate(random *rand.Rand) []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.path.fate(random)
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

// WriteToUDPAddrPort sends one datagram, or what becomes of it. One that goes out
// later can fail without anybody knowing, as any can be lost.
func (c *impairedSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	for _, delay := range c.fate(c.out) {
		copied := slices.Clone(b)
		after(delay, func() { _, _ = c.PacketConn.WriteToUDPAddrPort(copied, to) })
	}
	return len(b), nil
}

// after does something at once, or later.
func after(delay time.Duration, do func()) {
	if delay <= 0 {
		do()
		return
	}
	time.AfterFunc(delay, do)
}
