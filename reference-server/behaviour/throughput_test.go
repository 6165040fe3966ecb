package behaviour

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// noting notes when it is given what.
type noting struct {
	start time.Time
	data  []time.Duration
	other []time.Duration
}

func (n *noting) Open(transport.Link) bool     { return true }
func (n *noting) Closed(transport.Link, error) {}
func (n *noting) Message(_ transport.Link, b []byte) {
	if m, err := wire.Decode(b); err == nil && m.Type == wire.TypeData {
		n.data = append(n.data, time.Since(n.start))
		return
	}
	n.other = append(n.other, time.Since(n.start))
}

type fakeLink struct{ transport.Link }

func (fakeLink) Transport() wire.Transport  { return wire.TCP }
func (fakeLink) RemoteAddr() netip.AddrPort { return netip.AddrPort{} }

// Data comes through at the rate, in its order and however much there is; after a time in
// which nothing waits no more than that comes at once. Everything else passes.
func TestThroughput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &noting{start: time.Now()}
		limited := NewThroughput(to, 100)
		defer limited.Close()
		data, heartbeat := wire.New(wire.TypeData, "a", "b").Append(nil), wire.New(wire.TypeKeepAlive, "a", "0").Append(nil)
		for range 50 {
			limited.Message(fakeLink{}, data)
		}
		limited.Message(fakeLink{}, heartbeat)
		limited.Message(fakeLink{}, []byte("no message"))
		time.Sleep(10 * time.Second)
		for range 3 {
			limited.Message(fakeLink{}, data)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(to.data) != 53 || len(to.other) != 2 || to.other[1] != 0 {
			t.Fatalf("%d of 53 messages came through, the others at %v, want 2 at once", len(to.data), to.other)
		}
		for i, at := range to.data {
			want := time.Duration(i+1) * 10 * time.Millisecond
			if i >= 50 {
				want = 10*time.Second + time.Duration(i-49)*10*time.Millisecond
			}
			if at != want {
				t.Errorf("message %d came through after %v, want %v", i, at, want)
			}
		}
	})
}

// What waits is bounded.
func TestThroughputIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := NewThroughput(&noting{start: time.Now()}, 1)
		defer limited.Close()
		data := wire.New(wire.TypeData, "a", "b").Append(nil)
		for range maxWaiting + 1000 {
			limited.Message(fakeLink{}, data)
		}
		if len(limited.queue) > maxWaiting {
			t.Errorf("%d wait, want %d at most", len(limited.queue), maxWaiting)
		}
	})
}
