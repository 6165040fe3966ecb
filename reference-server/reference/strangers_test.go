package reference_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// crowd is the number of clients that come and go at a time without logging in.
const crowd = 1000

// heapSlack is the difference that the heap may have by chance, in bytes. A session, the
// least that a client could leave, has over 200.
const heapSlack = crowd * 100

// TestStrangersLeaveNothing has a thousand strangers come and go in every way
// there is: the server then has no more goroutines, and no more memory, than
// before.
func TestStrangersLeaveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		s := startServer(t, n, timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
		come(t, n, s) // once before, so that what is kept for reuse is there
		goroutines, heap := settled()
		for range 3 {
			come(t, n, s)
		}
		goroutinesAfter, heapAfter := settled()
		if goroutinesAfter > goroutines {
			t.Errorf("%d goroutines, before the strangers %d", goroutinesAfter, goroutines)
		}
		if heapAfter > heap+heapSlack {
			t.Errorf("the heap has grown from %d to %d bytes", heap, heapAfter)
		}
		p := dial(t, n, s, wire.TCP, transport.Options{})
		p.login("u")
	})
}

// settled lets every timeout pass, and measures.
func settled() (goroutines int, heap uint64) {
	time.Sleep(time.Minute)
	synctest.Wait()
	runtime.GC()
	runtime.GC() // what the first one finalized
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return runtime.NumGoroutine(), memory.HeapAlloc
}

// come lets a crowd of strangers in; none of them logs in.
func come(t *testing.T, n transport.Network, s *reference.Server) {
	t.Helper()
	for i := range crowd {
		kind := wire.Transports[i%len(wire.Transports)]
		conn, err := transport.Dial(t.Context(), n, kind, s.Address(kind), transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		switch i / len(wire.Transports) % 7 {
		case 0: // comes and goes
		case 1:
			_ = conn.Send(wire.NewEcho("u", "x").Append(nil))
			_, _ = conn.Receive()
		case 2:
			_ = conn.Send(wire.NewKeepAlive("u").Append(nil))
			_, _ = conn.Receive()
		case 3:
			_ = conn.Send([]byte("bad"))
		case 4:
			_, _ = conn.Raw().Write([]byte{0, 0})
		case 5:
			_ = conn.Send(wire.NewLogin(wire.LoginInfo{Token: wire.Some("t")}).Append(nil)) // no user
		case 6:
			_ = conn.Abort()
		}
		_ = conn.Close()
	}
}

// TestStrangersOverSockets is the same over the machine's network: when the
// server is closed, no goroutine of any stranger is left.
func TestStrangersOverSockets(t *testing.T) {
	before := runtime.NumGoroutine()
	config := everywhere(transport.OS{})
	config.Control = ""
	s := start(t, config)
	come(t, transport.OS{}, s)
	p := dial(t, transport.OS{}, s, wire.TCP, transport.Options{})
	p.login("u")
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	s.Close()
	// A goroutine that has done its work, and was waited for, still has to leave.
	after := runtime.NumGoroutine()
	for giveUp := time.Now().Add(10 * time.Second); after > before && time.Now().Before(giveUp); after = runtime.NumGoroutine() {
		runtime.Gosched()
	}
	if after > before {
		t.Errorf("%d goroutines, %d before the server was started", after, before)
	}
}

// A thousand users that come and go leave no more than their events.
func TestUsersLeaveNoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		s := startServer(t, n, timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
		goroutines, _ := settled()
		for i := range crowd {
			kind := wire.Transports[i%len(wire.Transports)]
			p := dial(t, n, s, kind, transport.Options{})
			p.login("u" + wire.NewFingerprint())
			_ = p.Close()
		}
		if after, _ := settled(); after > goroutines {
			t.Errorf("%d goroutines, before the users %d", after, goroutines)
		}
		if online := s.Online(); len(online) != 0 {
			t.Errorf("%d users are still online", len(online))
		}
	})
}
