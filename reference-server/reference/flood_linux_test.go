package reference_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/internal/childprocess"
	"imcheck/protocol/wire"
)

// floodTime is the duration of each flood.
const floodTime = 8 * time.Second

// flooded is a server in another process, and its addresses.
type flooded struct {
	*testing.B
	ws, control string
	pid         int
}

// BenchmarkFloods reports how much memory one client can make the server take, by
// everything that it keeps.
func BenchmarkFloods(b *testing.B) {
	long := strings.Repeat("x", 60_000)
	floods := []struct {
		name  string
		flood func(f *flooded)
	}{
		{"nothing", func(*flooded) {}},
		{"fingerprints-large", func(f *flooded) {
			f.send(1, func(i int) wire.Message { return wire.NewQoSData("u0", wire.ServerID, "x", fmt.Sprint(long, i)) })
		}},
		{"fingerprints-small", func(f *flooded) {
			f.send(8, func(i int) wire.Message { return wire.NewQoSData("u0", wire.ServerID, "x", fmt.Sprintf("%036d", i)) })
		}},
		{"unacknowledged-large", func(f *flooded) {
			f.send(64, func(i int) wire.Message {
				return wire.NewQoSData("u0", fmt.Sprint("u", i%64), long, fmt.Sprint("f-", i))
			})
		}},
		{"unacknowledged-small", func(f *flooded) {
			f.send(64, func(i int) wire.Message {
				return wire.NewQoSData("u0", fmt.Sprint("u", i%64), "x", fmt.Sprint("f-", i))
			})
		}},
		{"events", func(f *flooded) {
			f.send(1, func(int) wire.Message { return wire.NewData("u0", wire.ServerID, long) })
		}},
		{"connections-unread", (*flooded).readNothing},
		{"streams-unread", (*flooded).followUnread},
	}
	for _, flood := range floods {
		b.Run(flood.name, func(b *testing.B) {
			f := startFlooded(b)
			for b.Loop() {
				flood.flood(f)
			}
			b.ReportMetric(f.peakMB(), "MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func startFlooded(b *testing.B) *flooded {
	b.Helper()
	var addresses []string
	pid := childprocess.Start(b, serving, "a server to flood", nil, &addresses)
	return &flooded{b, addresses[0], addresses[1], pid}
}

// connect connects and logs in.
func (f *flooded) connect(user string) (transport.Conn, error) {
	conn, err := transport.Dial(f.Context(), transport.OS{}, wire.WS, f.ws, transport.Options{})
	if err != nil {
		return nil, err
	}
	f.Cleanup(func() { _ = conn.Abort() })
	if err := conn.Send(loginMessage(user).Append(nil)); err != nil {
		return nil, err
	}
	_, err = conn.Receive()
	return conn, err
}

// login is connect where that has to succeed.
func (f *flooded) login(user string) transport.Conn {
	f.Helper()
	conn, err := f.connect(user)
	if err != nil {
		f.Fatal(err)
	}
	return conn
}

// send logs users in, who read what comes and acknowledge nothing, and has each send
// numbered messages as fast as it can. One that the server drops, as it reads its own
// ACKs too slowly, comes back.
func (f *flooded) send(users int, message func(i int) wire.Message) {
	var conns []transport.Conn
	for i := range users {
		conns = append(conns, f.login(fmt.Sprint("u", i)))
	}
	var sending sync.WaitGroup
	until := time.Now().Add(floodTime)
	for first, conn := range conns {
		go discard(&peer{Conn: conn})
		user := fmt.Sprint("u", first)
		sending.Go(func() {
			for i := first; time.Now().Before(until); i += users {
				m := message(i)
				m.From = wire.Some(user)
				if conn.Send(m.Append(nil)) == nil {
					continue
				}
				again, err := f.connect(user)
				if err != nil {
					f.Errorf("the flood was over before its time: %v", err)
					return
				}
				conn = again
				go discard(&peer{Conn: conn})
			}
		})
	}
	sending.Wait()
}

// readNothing has many users ask for large echoes that they do not read.
func (f *flooded) readNothing() {
	echo := wire.NewEcho("u", strings.Repeat("x", 60_000)).Append(nil)
	var conns []transport.Conn
	for i := range 1500 {
		conns = append(conns, f.login(fmt.Sprint("u", i)))
	}
	for range 100 {
		for _, conn := range conns {
			_ = conn.Raw().SetWriteDeadline(time.Now().Add(time.Millisecond))
			_ = conn.Send(echo) // one that is dropped by now sends nothing
		}
	}
}

// followUnread opens streams of events that it does not read, and makes events.
func (f *flooded) followUnread() {
	for range 1500 {
		conn, err := net.Dial("tcp", f.control)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = conn.Close() })
		if _, err := fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: %s\r\n\r\n", f.control); err != nil {
			f.Fatal(err)
		}
	}
	long := strings.Repeat("x", 60_000)
	f.send(1, func(int) wire.Message { return wire.NewData("u0", wire.ServerID, long) })
}

// peakMB is the most memory that was resident so far.
func (f *flooded) peakMB() float64 {
	f.Helper()
	peak, err := childprocess.PeakResident(f.pid)
	if err != nil {
		f.Fatal(err)
	}
	return float64(peak) / 1e6
}
