package target_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

const anyPort = "127.0.0.1:0"

// wait bounds one try of a probe.
const wait = 5 * time.Second

// onNetworks runs a test over the machine's network and, inside a bubble whose
// end shows that no goroutine is left, over the one in memory.
func onNetworks(t *testing.T, test func(t *testing.T, n transport.Network)) {
	t.Run("os", func(t *testing.T) { test(t, transport.OS{}) })
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, memory.New()) })
	})
}

// startTarget starts a reference server and describes it as a target.
func startTarget(t *testing.T, n transport.Network) *target.Target {
	t.Helper()
	s, err := reference.Start(reference.Config{
		Network: n, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
		Modes: timing.DefaultModes(), Limits: server.DefaultLimits, Version: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	described := &target.Target{Network: n, Control: s.ControlAddress(), Modes: timing.DefaultModes()}
	for _, kind := range wire.Transports {
		described.Addresses[kind] = s.Address(kind)
	}
	return described
}

func TestDiscover(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		described := startTarget(t, n)
		if err := described.Discover(t.Context(), wait); err != nil {
			t.Fatal(err)
		}
		if described.Info.Name != reference.Name || described.Info.Listen["ws"] != described.Addresses[wire.WS] {
			t.Errorf("discovered %+v", described.Info)
		}
		if !described.Has(controlapi.CapabilityS2C) || described.Has(controlapi.CapabilityBridge) {
			t.Errorf("capabilities %q", described.Info.Capabilities)
		}
		if modes, err := described.Info.Modes(wire.Transports[:]); err != nil || modes != timing.DefaultModes() {
			t.Errorf("declared modes %v, %v", modes, err)
		}
	})
}

// Nobody at an address is an error that names it and what it is for.
func TestNobodyThere(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		described := startTarget(t, n)
		l, err := n.ListenStream(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		free := l.Addr().String()
		l.Close()
		for _, kind := range wire.Transports {
			other := *described
			other.Addresses[kind] = free
			err := other.Probe(t.Context(), kind, wait)
			expectUnreachable(t, err, kind.String(), free)
			expectUnreachable(t, other.Discover(t.Context(), wait), kind.String(), free)
			if !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("%s: %v, which does not say that it was refused", kind, err)
			}
		}
		other := *described
		other.Control = free
		expectUnreachable(t, other.Discover(t.Context(), wait), "control API", free)
	})
}

func expectUnreachable(t *testing.T, err error, what, address string) {
	t.Helper()
	unreachable, ok := errors.AsType[*target.UnreachableError](err)
	if !ok || unreachable.What != what || unreachable.Address != address {
		t.Errorf("%s: %v, want an UnreachableError for %s", what, err, address)
		return
	}
	if text := err.Error(); !strings.Contains(text, what) || !strings.Contains(text, address) || !strings.Contains(text, "is it running") {
		t.Errorf("%s: %q does not help", what, text)
	}
}

// A UDP socket that never answers is found out after three tries, each of
// which asks two questions.
func TestSilentUDP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		silent, err := n.ListenPacket(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		begin := time.Now()
		described := &target.Target{Network: n, Addresses: [len(wire.Transports)]string{wire.UDP: silent.LocalAddr().String()}}
		err = described.Probe(t.Context(), wire.UDP, 200*time.Millisecond)
		expectUnreachable(t, err, "udp", silent.LocalAddr().String())
		if took := time.Since(begin); took != 600*time.Millisecond || !strings.Contains(err.Error(), "silent for 600ms") {
			t.Errorf("gave up after %v: %v", took, err)
		}
		for question := range 2 * 3 {
			buffer := make([]byte, 1000)
			size, _, err := silent.ReadFromUDPAddrPort(buffer)
			if m, _ := wire.Decode(buffer[:size]); err != nil || m.Type != [...]wire.Type{wire.TypeKeepAlive, wire.TypeEcho}[question%2] {
				t.Errorf("a probe sent %q, %v", buffer[:size], err)
			}
		}
	})
}

// A server that answers late, or only the last try, is there.
func TestLateUDP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		socket, err := n.ListenPacket(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		go func() {
			for try := 1; ; try++ {
				_, from, err := socket.ReadFromUDPAddrPort(make([]byte, 1000))
				if err != nil {
					return
				}
				if try == 3 {
					socket.WriteToUDPAddrPort([]byte("anything"), from)
				}
			}
		}()
		described := &target.Target{Network: n, Addresses: [len(wire.Transports)]string{wire.UDP: socket.LocalAddr().String()}}
		if err := described.Probe(t.Context(), wire.UDP, time.Second); err != nil {
			t.Error(err)
		}
	})
}

// A probe ends with its context.
func TestProbeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		silent, err := n.ListenPacket(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		described := &target.Target{Network: n, Addresses: [len(wire.Transports)]string{wire.UDP: silent.LocalAddr().String()}}
		if err := described.Probe(ctx, wire.UDP, time.Hour); err == nil || time.Since(begin) != time.Second {
			t.Errorf("%v after %v, want an error after 1 s", err, time.Since(begin))
		}
	})
}

func TestTransports(t *testing.T) {
	described := target.Target{Addresses: [...]string{wire.UDP: "a:1", wire.TCP: "", wire.WS: "a:3"}}
	if got := described.Transports(); len(got) != 2 || got[0] != wire.UDP || got[1] != wire.WS {
		t.Errorf("transports %v, want udp and ws", got)
	}
}

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{"127.0.0.1:7901", "localhost:1", "[::1]:80", "host.example:8901"} {
		if err := target.CheckAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "7901", "127.0.0.1", ":7901", "127.0.0.1:", "::1:80", "a:b:c"} {
		if err := target.CheckAddress(bad); err == nil || !strings.Contains(err.Error(), "host:port") {
			t.Errorf("%q: error %v does not help", bad, err)
		}
	}
}
