package reference_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
)

// Each fault has a name of its own and says what it does, and a server starts
// with it and answers an echo, which hardly any fault touches.
func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]bool{}
		for _, fault := range faults.All() {
			if fault.Name == "" || strings.ContainsAny(fault.Name, " ,=\n") || fault.Does == "" || seen[fault.Name] {
				t.Errorf("fault %q (%q): its name or its rule is missing, or there are two", fault.Name, fault.Does)
			}
			seen[fault.Name] = true
			found, err := faults.Find([]string{fault.Name})
			if err != nil || len(found) != 1 || found[0].Name != fault.Name {
				t.Errorf("%s: found %v, %v", fault.Name, found, err)
			}
			config := everywhere(memory.New())
			config.Faults = found
			s := start(t, config)
			p := dial(t, config.Network, s, wire.TCP, transport.Options{})
			p.send(wire.NewEcho("u", "x"))
			p.receive()
			p.Abort()
			s.Close()
		}
	})
}

// Faults can be combined: each of two that change the same messages counts.
func TestFaultsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := everywhere(memory.New())
		var err error
		if config.Faults, err = faults.Find([]string{"c2c-doubled", "c2c-altered", "heartbeat-answer-missing"}); err != nil {
			t.Fatal(err)
		}
		p := dial(t, config.Network, start(t, config), wire.TCP, transport.Options{})
		p.send(loginMessage("u"))
		p.expect(wire.TypeLoginResponse)
		p.send(wire.NewKeepAlive("u"))
		p.send(wire.NewData("u", "u", "x"))
		for range 2 {
			if m := p.expect(wire.TypeData); m.DataContent.Is("x") {
				t.Errorf("received %s, which is not altered", m)
			}
		}
	})
}

// The same goes for two that change what comes in.
func TestInboundFaultsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := everywhere(memory.New())
		var err error
		if config.Faults, err = faults.Find([]string{"null-tolerated", "array-tolerated", "bad-message-tolerated"}); err != nil {
			t.Fatal(err)
		}
		s := start(t, config)
		for _, kind := range wire.Transports {
			p := dial(t, config.Network, s, kind, transport.Options{})
			p.login("u-" + kind.String())
			for _, body := range []string{"null", "[]"} {
				if err := p.Conn.Send([]byte(body)); err != nil {
					t.Fatal(err)
				}
			}
			p.keepAlive("u-" + kind.String())
		}
	})
}

// Each server has a memory of its own: what one has seen another does not know.
func TestFaultsRememberByServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults, err := faults.Find([]string{"c2c-deduplicated"})
		if err != nil {
			t.Fatal(err)
		}
		m := wire.NewQoSData("u", "u", "x", "fp")
		for range 2 {
			config := everywhere(memory.New())
			config.Faults = faults
			p := dial(t, config.Network, start(t, config), wire.TCP, transport.Options{})
			p.login("u")
			p.send(m)
			p.expect(wire.TypeData)
			p.expect(wire.TypeReceived)
			p.send(m)
			p.expect(wire.TypeReceived)
		}
	})
}
