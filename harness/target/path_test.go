package target_test

import (
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
)

// impaired puts a path of specs into a target.
func impaired(t *testing.T, under *target.Target, specs ...string) {
	t.Helper()
	policy, _, err := impair.Parse(specs)
	if err != nil {
		t.Fatal(err)
	}
	under.Path = impair.New(policy)
	t.Cleanup(under.Path.Settle)
}

// Connections go over the impaired path; probes and the control API do not.
func TestPathIsOfTheProtocolOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under := startTarget(t, memory.New())
		impaired(t, under, "drop=100%", "out: delay=100ms", "tcp ws in: delay=1s")
		start := time.Now()
		if err := under.Discover(t.Context(), wait); err != nil {
			t.Fatal(err)
		}
		for _, kind := range wire.Transports {
			if err := under.Probe(t.Context(), kind, wait); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("discovering and probing took %v, as if over the path", took)
		}
		want := map[wire.Transport]time.Duration{wire.TCP: 1100 * time.Millisecond, wire.WS: 2200 * time.Millisecond} // WebSocket with its handshake
		for _, kind := range wire.Transports {
			if took := echo(t, under, kind); took != want[kind] {
				t.Errorf("%s: dialing and an echo took %v, want %v", kind, took, want[kind])
			}
		}
	})
}

// echo dials and asks for an echo. It returns how long both took, 0 when there
// was no answer within a minute.
func echo(t *testing.T, under *target.Target, kind wire.Transport) time.Duration {
	t.Helper()
	start := time.Now()
	c, err := under.Dial(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetReceiveDeadline(start.Add(time.Minute))
	if err := c.Send(wire.NewEcho("u", "x").Append(nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Receive(); err != nil {
		return 0
	}
	return time.Since(start)
}

func TestDialStreamGoesOverThePath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under := startTarget(t, memory.New())
		impaired(t, under, "tcp: delay=100ms")
		for kind, want := range map[wire.Transport]time.Duration{wire.TCP: 200 * time.Millisecond, wire.WS: 0} {
			c, err := under.DialStream(t.Context(), kind)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, _ = c.Write([]byte("\xff\xff\xff\xff no request of any kind\r\n\r\n"))
			if n, err := c.Read(make([]byte, 1)); n > 0 && kind == wire.TCP {
				t.Errorf("%s: %d bytes, %v; want the end of the stream", kind, n, err)
			}
			if took := time.Since(start); took != want {
				t.Errorf("%s: the answer took %v, want %v", kind, took, want)
			}
			_ = c.Close()
		}
	})
}

func TestPathDelay(t *testing.T) {
	under := &target.Target{Network: transport.OS{}}
	if under.PathDelay(wire.TCP) != 0 || under.PathTrouble(wire.UDP) != "" {
		t.Error("a target without an impaired path has one")
	}
	impaired(t, under, "delay=50ms, jitter=30ms, drop=5%", "tcp in: stall=1s/10s")
	for kind, want := range map[wire.Transport]time.Duration{wire.UDP: 160 * time.Millisecond, wire.TCP: 1160 * time.Millisecond, wire.WS: 160 * time.Millisecond} {
		if got := under.PathDelay(kind); got != want {
			t.Errorf("%s: delay %v, want %v", kind, got, want)
		}
		if got := under.PathTrouble(kind) != ""; got != (kind == wire.UDP) {
			t.Errorf("%s: loses %v", kind, got)
		}
	}
}
