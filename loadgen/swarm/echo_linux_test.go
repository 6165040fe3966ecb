package swarm

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/eventloop"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// A closed loop: each of echoClients connections sends, waits for the echo, and
// sends again. Event loops and the yardstick take turns, so that both meet the
// same neighbours on the machine; the ratio is the median of the rounds.
const (
	echoClients = 100
	echoRound   = 20_000 // round trips of either side
	echoRounds  = 9
)

// withoutRing are the streams as they are where there is no io_uring.
var withoutRing = []wayToConnect{
	{name: "tcp-without-io-uring", on: wire.TCP, withoutRing: true},
	{name: "ws-without-io-uring", on: wire.WS, withoutRing: true},
}

// echoMessage is the question and the answer: both have the same bytes. Neither side
// encodes or decodes it, as the connections are what is compared.
func echoMessage() []byte {
	return wire.NewEcho("load-1234567-abc", string(plan.AppendContent(nil, 1e9, 1e9, 100))).Append(nil)
}

func BenchmarkEcho(b *testing.B) {
	var addresses [len(wire.Transports)]string
	startProcess(b, "echo server", echoServer{}, &addresses)
	for _, v := range append(waysToConnect(10), withoutRing...) {
		b.Run(v.name, func(b *testing.B) { compareOn(b, v, addresses) })
	}
}

// BenchmarkBusyServerEcho is BenchmarkEcho with a server that is the bottleneck: it answers
// one message at a time, and works on each, so that both sides wait for it.
func BenchmarkBusyServerEcho(b *testing.B) {
	var addresses [len(wire.Transports)]string
	startProcess(b, "echo server", echoServer{Work: 40 * time.Microsecond}, &addresses)
	for _, v := range waysToConnect(10) {
		b.Run(v.name, func(b *testing.B) { compareOn(b, v, addresses) })
	}
}

func compareOn(b *testing.B, v wayToConnect, addresses [len(wire.Transports)]string) {
	b.Helper()
	y := newYardstick(b, v.on, addresses[v.on], nil)
	e := newEchoLoops(b, v.on, eventloop.Config{
		Addresses: addresses, Sources: v.sources, MaxDatagram: 2 * wire.MaxDatagram, WithoutRing: v.withoutRing,
	})
	compareEchoes(b, y, e)
}

// compareEchoes reports what a message costs on event loops, and that as a ratio to the
// yardstick.
func compareEchoes(b *testing.B, y *yardstick, e *echoLoops) {
	b.Helper()
	y.exchange(b, echoRound)
	e.exchange(b, echoRound)
	var ratios, kernelRatios []float64
	var ours, bare float64
	for b.Loop() {
		for range echoRounds {
			bareRound, _ := cpuOf(func() { y.exchange(b, echoRound) })
			ourRound, kernel := cpuOf(func() { e.exchange(b, echoRound) })
			ratios = append(ratios, ourRound/bareRound)
			kernelRatios = append(kernelRatios, kernel/bareRound)
			ours, bare = ours+ourRound, bare+bareRound
		}
	}
	slices.Sort(ratios)
	slices.Sort(kernelRatios)
	messages := float64(len(ratios) * echoRound)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratios[len(ratios)/2], "x-yardstick")
	b.ReportMetric(kernelRatios[len(ratios)/2], "x-yardstick-in-kernel")
	b.ReportMetric(ours*1e9/messages, "cpu-ns/msg")
	b.ReportMetric((messages+echoRound)/float64(e.polls()), "msgs/poll")
	b.ReportMetric(bare*1e9/messages, "yardstick-cpu-ns/msg")
}

// cpuOf is the processor time in seconds that this process spends on do, and
// how much of it is spent in system calls.
func cpuOf(do func()) (all, kernel float64) {
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		panic(err) // Linux has it
	}
	do()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		panic(err)
	}
	kernel = time.Duration(after.Stime.Nano() - before.Stime.Nano()).Seconds()
	return kernel + time.Duration(after.Utime.Nano()-before.Utime.Nano()).Seconds(), kernel
}

// echoLoops is the closed loop on as many event loops as a swarm would have.
type echoLoops struct {
	loops   []*echoLoop
	message []byte
	// login returns what a connection sends first and has an answer to; nil for nothing.
	login  func(loop, tag int) []byte
	toSend atomic.Int64
	flying atomic.Int64
}

// echoLoop is the part of one event loop. It is its handler.
type echoLoop struct {
	*eventloop.Loop
	all   *echoLoops
	index int
	conns []eventloop.Conn
	sent  []time.Time // by connection
	open  int
	polls int
	err   error
}

func newEchoLoops(b *testing.B, t wire.Transport, c eventloop.Config) *echoLoops {
	b.Helper()
	all := &echoLoops{message: echoMessage()}
	all.connect(b, t, c)
	return all
}

// connect opens the connections, and waits until all of them are there.
func (all *echoLoops) connect(b *testing.B, t wire.Transport, c eventloop.Config) {
	b.Helper()
	workers := (&engine.Config{Target: &target.Target{Network: transport.OS{}}}).Engines()
	for index := range workers {
		e := &echoLoop{all: all, index: index, conns: make([]eventloop.Conn, echoClients/workers), sent: make([]time.Time, echoClients/workers)}
		var err error
		if e.Loop, err = eventloop.New(c, e); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(e.Close)
		for i := range e.conns {
			e.Open(t, uint64(i), i)
		}
		for e.open < len(e.conns) {
			if err := errors.Join(e.Poll(-1), e.err); err != nil {
				b.Fatal(err)
			}
			e.Flush()
		}
		all.loops = append(all.loops, e)
	}
}

func (e *echoLoop) Opened(tag uint64, c eventloop.Conn, _ time.Time) {
	e.conns[tag] = c
	if e.all.login == nil {
		e.open++
	} else if err := c.Send(e.all.login(e.index, int(tag))); err != nil {
		e.err = err
	}
}
func (e *echoLoop) Failed(_ uint64, err error) { e.err = err }
func (e *echoLoop) Ended(_ uint64, err error)  { e.err = err }

func (e *echoLoop) Control(uint64, int) {}

func (e *echoLoop) Message(tag uint64, _ []byte) {
	if e.open < len(e.conns) {
		e.open++
		return
	}
	now := e.Arrived() // as a swarm does
	e.Took(now.Sub(e.sent[tag]))
	e.sent[tag] = now
	if e.all.toSend.Add(-1) < 0 {
		e.all.flying.Add(-1)
	} else if err := e.conns[tag].Send(e.all.message); err != nil {
		e.err = err
	}
}

// polls returns how often the loops have looked for messages.
func (all *echoLoops) polls() (n int) {
	for _, e := range all.loops {
		n += e.polls
	}
	return n
}

// exchange makes so many round trips.
func (all *echoLoops) exchange(b *testing.B, messages int) {
	b.Helper()
	var running sync.WaitGroup
	clients := 0
	for _, e := range all.loops {
		clients += len(e.conns)
	}
	all.toSend.Store(int64(messages - clients))
	all.flying.Store(int64(clients))
	for _, e := range all.loops {
		running.Go(e.run)
	}
	running.Wait()
	for _, e := range all.loops {
		if e.err != nil {
			b.Fatal(e.err)
		}
	}
}

func (e *echoLoop) run() {
	for i, c := range e.conns {
		e.sent[i] = time.Now()
		if err := c.Send(e.all.message); err != nil {
			e.err = err
		}
	}
	e.Flush()
	for e.all.flying.Load() > 0 && e.err == nil {
		// The bound is for the loop that another one has left nothing to do.
		if err := e.Poll(10 * time.Millisecond); err != nil {
			e.err = err
		}
		e.polls++
		e.Flush()
	}
}
