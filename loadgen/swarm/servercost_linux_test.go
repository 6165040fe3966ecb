package swarm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"imcheck/harness/transport/eventloop"
	"imcheck/internal/certificate"
	"imcheck/internal/childprocess"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// serverRound is the number of round trips of a round of BenchmarkServer.
const serverRound = 100_000

// numberedLogin is the first message of a connection.
func numberedLogin(loop, tag int) []byte {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some(fmt.Sprintf("load-1234567-%d-%d", loop, tag)), Token: wire.Some("t")}).Append(nil)
}

// BenchmarkServer reports the processor time that the reference server takes for an echo to a
// user, with its answer, and how much that is of what bare Go takes, which is a goroutine a
// connection and neither decodes nor encodes. Clients are those of BenchmarkEcho; both servers
// have their turns on the same machine.
func BenchmarkServer(b *testing.B) {
	var ours, bare [len(wire.Transports)]string
	reference := startProcess(b, "reference server", referenceServer{Mode: timing.Mode120S}, &ours)
	yardstick := startProcess(b, "echo server", certificate.Own{}, &bare)
	for _, v := range waysToConnect(10)[:3] {
		b.Run(v.name, func(b *testing.B) {
			clientsOf := func(addresses [len(wire.Transports)]string) *echoLoops {
				all := &echoLoops{message: echoMessage(), login: numberedLogin}
				all.connect(b, v.on, eventloop.Config{Addresses: addresses, MaxDatagram: 2 * wire.MaxDatagram})
				return all
			}
			compareServers(b, [2]int{reference, yardstick}, [2]*echoLoops{clientsOf(ours), clientsOf(bare)})
		})
	}
}

// compareServers has two servers take turns; the first is compared with the second.
func compareServers(b *testing.B, pids [2]int, clients [2]*echoLoops) {
	b.Helper()
	var spent [2]float64
	var ratios []float64
	for _, c := range clients {
		c.exchange(b, serverRound)
	}
	for b.Loop() {
		for range echoRounds {
			var round [2]float64
			for i, c := range clients {
				before := procTicks(b, pids[i])
				c.exchange(b, serverRound)
				round[i] = (procTicks(b, pids[i]) - before) / 100 // Linux counts in hundredths of a second
				spent[i] += round[i]
			}
			ratios = append(ratios, round[0]/round[1])
		}
	}
	slices.Sort(ratios)
	messages := float64(len(ratios) * serverRound)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratios[len(ratios)/2], "x-yardstick")
	b.ReportMetric(spent[0]*1e6/messages, "cpu-us/msg")
	b.ReportMetric(messages/spent[0], "msg/cpu-s")
	b.ReportMetric(spent[1]*1e6/messages, "yardstick-cpu-us/msg")
}

// loginsAtOnce is the number of logins under way at most in BenchmarkSessionMemory, fewer than
// the datagrams that a socket has room for.
const loginsAtOnce = 200

// BenchmarkSessionMemory reports the peak of the reference server's resident memory by the
// number of its UDP sessions, once they have logged in as fast as they can.
func BenchmarkSessionMemory(b *testing.B) {
	for _, sessions := range []int{200_000, 1_000_000, 2_000_000} {
		b.Run(strconv.Itoa(sessions), func(b *testing.B) {
			for b.Loop() {
				var addresses [len(wire.Transports)]string
				pid := startProcess(b, "reference server", referenceServer{Mode: timing.Mode120S}, &addresses)
				before := peakOf(b, pid)
				logInBySharedSockets(b, addresses, sessions)
				peak := peakOf(b, pid)
				b.ReportMetric(float64(peak-before)/float64(sessions), "B/session")
				b.ReportMetric(float64(peak)/1e6, "MB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func peakOf(b *testing.B, pid int) int64 {
	b.Helper()
	peak, err := childprocess.PeakResident(pid)
	if err != nil {
		b.Fatal(err)
	}
	return peak
}

// logins are clients that log in and do nothing after that. It is the handler of their loop.
type logins struct {
	answered int
	err      error
}

func (l *logins) Opened(tag uint64, c eventloop.Conn, _ time.Time) {
	l.err = errors.Join(l.err, c.Send(numberedLogin(0, int(tag))))
}

func (l *logins) Failed(_ uint64, err error) { l.err = err }
func (l *logins) Ended(_ uint64, err error)  { l.err = err }
func (l *logins) Control(uint64, int)        {}
func (l *logins) Message(uint64, []byte)     { l.answered++ }

// logInBySharedSockets opens so many sessions.
func logInBySharedSockets(b *testing.B, addresses [len(wire.Transports)]string, sessions int) {
	b.Helper()
	l := &logins{}
	loop, err := eventloop.New(eventloop.Config{Addresses: addresses, Sources: loopbacks(200), MaxDatagram: 2 * wire.MaxDatagram}, l)
	if err != nil {
		b.Fatal(err)
	}
	defer loop.Close()
	progress, answered := time.Now(), 0
	for opened := 0; l.answered < sessions && l.err == nil; {
		if l.answered > answered {
			progress, answered = time.Now(), l.answered
		} else if time.Since(progress) > time.Minute {
			b.Fatalf("after %d of %d answers no more come", answered, opened)
		}
		for opened < min(sessions, l.answered+loginsAtOnce) {
			loop.Open(wire.UDP, uint64(opened), opened)
			opened++
		}
		if err := loop.Poll(time.Second); err != nil {
			b.Fatal(err)
		}
		loop.Flush()
	}
	if l.err != nil {
		b.Fatal(l.err)
	}
}
