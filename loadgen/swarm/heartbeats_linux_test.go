package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"imcheck/internal/certificate"
	"imcheck/loadgen/books"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var million = flag.Bool("million", false, "run the benchmark with a million clients as well; it takes five minutes and 2 GB")

// BenchmarkHeartbeats reports what a heartbeat costs in processor time while many clients
// are online, how late one in a hundred goes out, and what a client takes in memory. The
// yardstick is bare Go with as many heartbeats a second on the same server, before the
// fleet and after it. It has neither WebSocket nor TLS.
func BenchmarkHeartbeats(b *testing.B) {
	own, err := certificate.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, v := range []struct {
		name  string
		fleet fleet
		large bool
	}{
		{"udp-200000-at-30S", fleet{On: wire.UDP, Clients: 200_000, Mode: timing.Mode30S, Sources: loopbacks(200), Ramp: 30 * time.Second, Duration: 31 * time.Second}, false},
		{"tcp-18000-at-10S", fleet{On: wire.TCP, Clients: 18_000, Mode: timing.Mode10S, Ramp: 10 * time.Second, Duration: 21 * time.Second}, false},
		// Handshakes are what takes time: 500 a second.
		{"wss-18000-at-10S", fleet{On: wire.WS, Clients: 18_000, Mode: timing.Mode10S, Server: own, Ramp: 36 * time.Second, Duration: 21 * time.Second}, false},
		{"udp-1000000-at-120S", fleet{On: wire.UDP, Clients: 1_000_000, Mode: timing.Mode120S, Sources: loopbacks(1000), Ramp: 120 * time.Second, Duration: 121 * time.Second}, true},
	} {
		b.Run(v.name, func(b *testing.B) {
			if v.large && !*million {
				b.Skip("-million runs it")
			}
			for b.Loop() {
				reportHeartbeats(b, v.fleet)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func reportHeartbeats(b *testing.B, f fleet) {
	b.Helper()
	startProcess(b, "reference server", referenceServer{f.Mode, f.Server, f.Clients + 2*bareConns}, &f.Addresses)
	bare := bareBeats{On: f.On, Address: f.Addresses[f.On], Rate: float64(f.Clients) / f.Mode.Heartbeat().Seconds()}
	var before, ours, after beatCost
	if f.On != wire.WS {
		startProcess(b, "bare heartbeats", bare, &before)
	}
	startProcess(b, "beating fleet", f, &ours)
	if f.On != wire.WS {
		bare.Again = true
		startProcess(b, "bare heartbeats", bare, &after)
	}
	var answered int64
	for _, l := range ours.Load.Latencies {
		if l.Kind == books.KindNames[books.Heartbeat] && l.Transport == reports.AllTransports && l.From == reports.FromDue {
			answered = l.Count
		}
	}
	if s := ours.Load.Sessions; s.AtEnd != int64(f.Clients) {
		b.Fatalf("%d of %d clients are there at the end: %s", s.AtEnd, f.Clients, ours.Load.Reason)
	}
	// So many are due at least; a datagram may be lost where a process does not get to read.
	due := int64(f.Duration/f.Mode.Heartbeat()) * int64(f.Clients)
	b.ReportMetric(float64(max(0, due-answered)), "unanswered")
	if beats := before.Beats + after.Beats; beats > 0 {
		yardstick := (before.Seconds + after.Seconds) / beats
		b.ReportMetric(yardstick*1e6, "yardstick-cpu-us/heartbeat")
		b.ReportMetric(ours.Seconds/ours.Beats/yardstick, "x-yardstick")
		b.ReportMetric((before.Sleeps+after.Sleeps)/beats, "yardstick-sleeps/heartbeat")
	}
	g := ours.Load.Generator
	b.ReportMetric(ours.Seconds/ours.Beats*1e6, "cpu-us/heartbeat")
	b.ReportMetric(ours.Sleeps/ours.Beats, "sleeps/heartbeat")
	b.ReportMetric(float64(g.LatenessP50Us), "late-p50-us")
	b.ReportMetric(float64(g.LatenessP99Us), "late-p99-us")
	b.ReportMetric(float64(g.BytesPerClient), "B/client")
	b.ReportMetric(g.CPUSeconds, "cpu-s")
}

// beatCost is the processor time of a process for so many heartbeats, and how often one of
// its threads went to sleep meanwhile.
type beatCost struct {
	Seconds, Sleeps, Beats float64
	Load                   reports.Load // of a fleet
}

// costSoFar is that of this process, for a number of heartbeats.
func costSoFar(beats float64) beatCost {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // Linux has it
	}
	return beatCost{Seconds: time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds(), Sleeps: float64(u.Nvcsw), Beats: beats}
}

func (c beatCost) since(earlier beatCost) beatCost {
	return beatCost{Seconds: c.Seconds - earlier.Seconds, Sleeps: c.Sleeps - earlier.Sleeps, Beats: c.Beats - earlier.Beats}
}

// runBeatingFleet runs a fleet and measures the seconds of its steady part, without the
// logins.
func runBeatingFleet() error {
	var f fleet
	if err := json.NewDecoder(os.Stdin).Decode(&f); err != nil {
		return err
	}
	c, err := f.config()
	if err != nil {
		return err
	}
	var cost, first beatCost
	c.Progress = func(s Snapshot) {
		if s.Phase != PhaseSteady {
			return
		}
		now := costSoFar(s.Elapsed.Seconds() * float64(f.Clients) / f.Mode.Heartbeat().Seconds())
		if first.Beats == 0 {
			first = now
		}
		cost = now.since(first)
	}
	report, err := Run(context.Background(), c)
	if err != nil {
		return err
	}
	cost.Load = *report
	return json.NewEncoder(os.Stdout).Encode(cost)
}

// bareBeats are heartbeats in bare Go: a goroutine a connection, which sleeps, writes, and
// reads the answer. It neither encodes nor decodes.
type bareBeats struct {
	On      wire.Transport
	Address string
	Rate    float64 // of all together, a second
	Again   bool    // the users of the first time may still be there
}

const (
	bareConns = 1000
	bareTime  = 10 * time.Second
)

func runBareBeats() error {
	var y bareBeats
	if err := json.NewDecoder(os.Stdin).Decode(&y); err != nil {
		return err
	}
	conns := make([]net.Conn, bareConns)
	beats := make([][]byte, bareConns)
	for i := range conns {
		user := fmt.Sprintf("bare-%t-%d", y.Again, i)
		var err error
		if conns[i], err = y.logIn(user); err != nil {
			return err
		}
		defer conns[i].Close()
		beats[i] = y.framed(wire.NewKeepAlive(user))
	}
	every := time.Duration(bareConns / y.Rate * float64(time.Second))
	counts, failures := make([]int, bareConns), make([]error, bareConns)
	before, start := costSoFar(0), time.Now()
	var running sync.WaitGroup
	for i, c := range conns {
		running.Go(func() {
			due := start.Add(every * time.Duration(i) / bareConns)
			counts[i], failures[i] = keepBeating(c, beats[i], due, start.Add(bareTime), every)
		})
	}
	running.Wait()
	beaten := 0.0
	for _, n := range counts {
		beaten += float64(n)
	}
	cost := costSoFar(beaten).since(before)
	if err := errors.Join(failures...); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(cost)
}

func keepBeating(c net.Conn, beat []byte, due, end time.Time, every time.Duration) (count int, err error) {
	if err := c.SetReadDeadline(end.Add(5 * time.Second)); err != nil {
		return 0, err
	}
	in := make([]byte, wire.MaxDatagram)
	for ; due.Before(end); due = due.Add(every) {
		time.Sleep(time.Until(due))
		if _, err := c.Write(beat); err != nil {
			return count, err
		}
		if _, err := c.Read(in); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

func (y bareBeats) logIn(user string) (net.Conn, error) {
	c, err := net.Dial(y.On.String(), y.Address)
	if err != nil {
		return nil, err
	}
	if _, err = c.Write(y.framed(wire.NewLogin(wire.LoginInfo{UserID: wire.Some(user)}))); err == nil {
		err = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	}
	if err == nil {
		_, err = c.Read(make([]byte, wire.MaxDatagram))
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

func (y bareBeats) framed(m wire.Message) []byte {
	if y.On == wire.UDP {
		return m.Append(nil)
	}
	return wire.AppendFrame(nil, m.Append(nil))
}
