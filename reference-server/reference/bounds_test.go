package reference_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// A client that sends 12 MB of what the server is to remember makes it grow by the
// bound, and by no more when what is remembered is a small part of what was sent.
func TestFloods(t *testing.T) {
	const messages, size = 200, 60_000
	long := strings.Repeat("x", size)
	floods := map[string]func(i int) string{
		"fingerprints": func(i int) string {
			return wire.NewQoSData("u", wire.ServerID, "x", fmt.Sprint(long, i)).String()
		},
		"fingerprints in long bodies": func(i int) string {
			return fmt.Sprintf(`{"type":2,"from":"u","to":"0","QoS":true,"fp":"f-%d","unknown":"%s"}`, i, long)
		},
		"unacknowledged": func(i int) string {
			return wire.NewQoSData("u", "v", long, fmt.Sprint("f-", i)).String()
		},
		"unacknowledged in long bodies": func(i int) string {
			return fmt.Sprintf(`{"type":2,"from":"u","to":"v","QoS":true,"fp":"f-%d","unknown":"%s"}`, i, long)
		},
	}
	for name, message := range floods {
		synctest.Test(t, func(t *testing.T) {
			config := everywhere(memory.New())
			config.Control = ""
			const most = 1 << 20
			config.Limits.DedupOfSession.Bytes, config.Limits.UnacknowledgedOfReceiver.Bytes = most, most
			s := start(t, config)
			u, v := dial(t, config.Network, s, wire.WS, transport.Options{}), dial(t, config.Network, s, wire.WS, transport.Options{})
			u.login("u")
			v.login("v")
			go discard(u)
			go discard(v)
			before := heapAlloc()
			for i := range messages {
				if err := u.Conn.Send([]byte(message(i))); err != nil {
					t.Fatalf("%s: message %d: %v", name, i, err)
				}
				synctest.Wait() // an ACK has the whole fingerprint, and is to be read
			}
			if after := heapAlloc(); after > before+2*most {
				t.Errorf("%s: after %d bytes the heap has grown from %d to %d bytes", name, messages*size, before, after)
			}
			runtime.KeepAlive(s)
		})
	}
}

// discard reads and forgets until the connection ends.
func discard(p *peer) {
	for {
		if _, err := p.Conn.Receive(); err != nil {
			return
		}
	}
}

// heapAlloc returns the bytes in use when nothing is going on.
func heapAlloc() uint64 {
	synctest.Wait()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Without a control API nobody can ask for events, and none is kept.
func TestNoEventsWithoutControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := everywhere(memory.New())
		config.Control = ""
		s := start(t, config)
		p := dial(t, config.Network, s, wire.WS, transport.Options{})
		p.login("u")
		const messages, size = 500, 60_000
		content := strings.Repeat("x", size)
		_, before := settled()
		p = dial(t, config.Network, s, wire.WS, transport.Options{})
		p.login("u")
		for range messages {
			p.send(wire.NewData("u", wire.ServerID, content))
		}
		p.keepAlive("u")
		if _, after := settled(); after > before+messages*size/10 {
			t.Errorf("after %d bytes of messages the heap has grown from %d to %d bytes", messages*size, before, after)
		}
	})
}
