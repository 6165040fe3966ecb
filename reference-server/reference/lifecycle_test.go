package reference_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// addresses are those that a server has bound, as a configuration.
func addresses(s *reference.Server) (bound [len(wire.Transports)]string, controlAddress string) {
	for _, kind := range wire.Transports {
		bound[kind] = s.Address(kind)
	}
	return bound, s.ControlAddress()
}

// Close leaves every address free and drops every connection; the end of the
// bubble shows that nothing runs on.
func TestClose(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		config := everywhere(n)
		s := start(t, config)
		var peers []*peer
		for _, kind := range wire.Transports {
			p := dial(t, n, s, kind, transport.Options{})
			p.login(kind.String())
			peers = append(peers, p)
		}
		config.Addresses, config.Control = addresses(s)
		s.Close()
		for _, p := range peers {
			if p.Transport().Connected() {
				if _, err := p.Conn.Receive(); err == nil {
					t.Errorf("%s: the connection is still there", p.Transport())
				}
			}
			p.Abort()
		}
		s.Close() // once more does nothing
		again := start(t, config)
		dial(t, n, again, wire.WS, transport.Options{}).login("again")
	})
}

// After Close the rules rest: what nobody can see any more does not expire.
func TestCloseStopsTheRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		s := start(t, everywhere(n))
		p := dial(t, n, s, wire.UDP, transport.Options{})
		p.login("u")
		p.Abort()
		s.Close()
		time.Sleep(time.Hour)
		if online := s.Online(); len(online) != 1 {
			t.Errorf("an hour after Close %q are online: something still runs", online)
		}
	})
}

func TestCloseFromSeveralGoroutines(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		s := start(t, everywhere(n))
		dial(t, n, s, wire.TCP, transport.Options{}).login("u")
		var closing sync.WaitGroup
		for range 4 {
			closing.Go(s.Close)
		}
		closing.Wait()
	})
}

// An address that is in use is named, and the others are free again.
func TestAddressInUse(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		probe := start(t, everywhere(n))
		free := everywhere(n)
		free.Addresses, free.Control = addresses(probe)
		probe.Close()
		occupied := start(t, everywhere(n))
		taken, takenControl := addresses(occupied)
		for _, kind := range wire.Transports {
			config := free
			config.Addresses[kind] = taken[kind]
			checkInUse(t, config, free, kind.String(), taken[kind])
		}
		config := free
		config.Control = takenControl
		checkInUse(t, config, free, "control API", takenControl)
	})
}

// checkInUse starts a server that cannot start, then one on the addresses
// that the first had to give back.
func checkInUse(t *testing.T, config, free reference.Config, what, address string) {
	t.Helper()
	s, err := reference.Start(config)
	if err == nil {
		s.Close()
		t.Fatalf("%s: started on an address that is in use", what)
	}
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), what) {
		t.Errorf("%s: error %q, want one that names it and %s", what, err, address)
	}
	s, err = reference.Start(free)
	if err != nil {
		t.Fatalf("%s: something stayed bound: %v", what, err)
	}
	s.Close()
}

func TestBadAddress(t *testing.T) {
	for _, address := range []string{"nowhere", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x"} {
		config := reference.Config{Network: transport.OS{}, Modes: timing.DefaultModes()}
		config.Addresses[wire.TCP] = address
		if s, err := reference.Start(config); err == nil {
			s.Close()
			t.Errorf("%s: started", address)
		} else if !strings.Contains(err.Error(), address) {
			t.Errorf("%s: error %q does not name it", address, err)
		}
	}
}

// A transport without an address is not served, and not declared.
func TestOneTransportOnly(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		for _, kind := range wire.Transports {
			config := everywhere(n)
			config.Addresses, config.Control = [len(wire.Transports)]string{}, ""
			config.Addresses[kind] = anyPort
			s := start(t, config)
			for _, other := range wire.Transports {
				if (s.Address(other) != "") != (other == kind) {
					t.Errorf("%s only: address of %s is %q", kind, other, s.Address(other))
				}
			}
			info := s.Info()
			if len(info.Listen) != 1 || len(info.SenseMode) != 1 || info.Listen[kind.String()] != s.Address(kind) || s.ControlAddress() != "" {
				t.Errorf("%s only: declares %+v, control API %q", kind, info, s.ControlAddress())
			}
			dial(t, n, s, kind, transport.Options{}).login("u")
		}
	})
}

// A server does what it declares (§3).
func TestSenseModes(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		s := startServer(t, n, timing.Modes{timing.Mode10S, timing.Mode5S, timing.Mode120S})
		want := map[string]string{"udp": "10S", "tcp": "5S", "ws": "120S"}
		info := s.Info()
		for _, kind := range wire.Transports {
			name := kind.String()
			if info.SenseMode[name] != want[name] || info.Listen[name] != s.Address(kind) {
				t.Errorf("%s: declared %s at %s, want %s at %s", name, info.SenseMode[name], info.Listen[name], want[name], s.Address(kind))
			}
		}
		if info.Name != reference.Name || info.Version != "test" {
			t.Errorf("the server calls itself %s %s", info.Name, info.Version)
		}
	})
}

// Over TLS, on TCP and WebSocket alike, UDP stays as it is.
func TestTLS(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		config := everywhere(n)
		var trusting transport.Options
		config.TLS, trusting.TLS = certificate(t)
		s := start(t, config)
		for _, kind := range wire.Transports {
			dial(t, n, s, kind, trusting).login(kind.String())
		}
		for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
			untrusting := transport.Options{TLS: trusting.TLS.Clone()}
			untrusting.TLS.RootCAs = nil
			conn, err := transport.Dial(t.Context(), n, kind, s.Address(kind), untrusting)
			if err == nil {
				conn.Close()
				t.Errorf("%s: a certificate that nobody trusts is accepted", kind)
			}
		}
		plain := dial(t, n, s, wire.TCP, transport.Options{})
		plain.send(wire.NewEcho("u", "x"))
		if body, err := plain.Conn.Receive(); err == nil && len(body) > 0 {
			if m, err := wire.Decode(body); err == nil {
				t.Errorf("a plain client is answered with %s", m)
			}
		}
	})
}

func TestTLSWithoutCertificate(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		config := everywhere(n)
		_, config.TLS = certificate(t)
		if s, err := reference.Start(config); err == nil {
			s.Close()
			t.Error("started without a certificate")
		} else if !strings.Contains(err.Error(), "certificate") {
			t.Errorf("error %q does not say what is missing", err)
		}
	})
}

func TestWait(t *testing.T) {
	s := start(t, everywhere(transport.OS{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Wait(ctx); err != nil {
		t.Errorf("Wait: %v", err)
	}
}

// failing is a network whose stream listeners stop working.
type failing struct{ transport.OS }

var errNetwork = errors.New("the network is gone")

func (f failing) ListenStream(address string) (net.Listener, error) {
	l, err := f.OS.ListenStream(address)
	return failingListener{l}, err
}

type failingListener struct{ net.Listener }

func (failingListener) Accept() (net.Conn, error) { return nil, errNetwork }

// Wait reports a listener that fails, and Close does not hang on it.
func TestListenerFails(t *testing.T) {
	s := start(t, everywhere(failing{}))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Wait(ctx); !errors.Is(err, errNetwork) {
		t.Errorf("Wait: %v, want %v", err, errNetwork)
	}
}

// The application of §5 by the conventions of docs/contracts.md, on the wire.
func TestConventions(t *testing.T) {
	onNetworks(t, func(t *testing.T, n transport.Network) {
		config := everywhere(n)
		config.Stamp = true
		s := start(t, config)
		p := dial(t, n, s, wire.UDP, transport.Options{})
		for token, want := range map[string]wire.Code{"t": 0, "": 0, "code:1025": 1025, "code:-7": -7, "code:x": 0, "code:": 0, "code:99999999999": 0, "CODE:5": 0} {
			p.send(wire.NewLogin(wire.LoginInfo{UserID: wire.Some("u"), Token: wire.Some(token)}))
			response, err := wire.ParseLoginResponse(p.expect(wire.TypeLoginResponse).DataContent.Value())
			if err != nil || response.Code != want {
				t.Errorf("token %q: code %d, %v; want %d", token, response.Code, err, want)
			}
			p.send(wire.NewLogout("u"))
		}
		p.login("u")
		p.send(wire.NewQoSData("u", wire.ServerID, "veto: x", "f-1"))
		p.send(wire.NewQoSData("u", "nobody", "x", "f-2"))
		p.send(wire.NewQoSData("u", "off-v", "veto:x", "f-3"))
		p.send(wire.NewQoSData("u", "off-v", "x", "f-4"))
		if ack := p.expect(wire.TypeReceived); !ack.DataContent.Is("f-4") {
			t.Errorf("ACK of %q, want that of the stored message only", ack.DataContent.Value())
		}
		before := time.Now().Add(-patience).UnixMilli()
		p.send(wire.NewEcho("u", "x"))
		if echo := p.expect(wire.TypeEchoResponse); echo.ServerTime < before {
			t.Errorf("stamp %d is no time of now", echo.ServerTime)
		}
		if capabilities := strings.Join(s.Info().Capabilities.Names(), " "); capabilities != "s2c kick online events verdicts offline-store veto stamp" {
			t.Errorf("capabilities: %s", capabilities)
		}
	})
}
