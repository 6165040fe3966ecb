package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

func TestTransports(t *testing.T) {
	tests := []struct {
		transport  wire.Transport
		name       string
		maxMessage int // bytes, §2
		connected  bool
	}{
		{wire.UDP, "udp", 2048, false},
		{wire.TCP, "tcp", 6144, true},
		{wire.WS, "ws", 65536, true},
	}
	if len(wire.Transports) != len(tests) {
		t.Fatalf("%d transports, want %d", len(wire.Transports), len(tests))
	}
	for i, test := range tests {
		got := wire.Transports[i]
		if got != test.transport || got.String() != test.name || got.MaxMessage() != test.maxMessage || got.Connected() != test.connected {
			t.Errorf("transport %d: %v, at most %d bytes, connected %v; want %+v", i, got, got.MaxMessage(), got.Connected(), test)
		}
		for _, name := range []string{test.name, strings.ToUpper(test.name)} {
			if parsed, err := wire.ParseTransport(name); err != nil || parsed != got {
				t.Errorf("%q is read as %v, %v", name, parsed, err)
			}
		}
	}
}

func TestParseTransportRefuses(t *testing.T) {
	for _, name := range []string{"", " tcp", "wss", "transport(7)", "quic"} {
		if got, err := wire.ParseTransport(name); err == nil {
			t.Errorf("%q is read as %v", name, got)
		} else if !strings.Contains(err.Error(), "use udp, tcp or ws") {
			t.Errorf("%q: error %q does not say what to use", name, err)
		}
	}
}

func TestTransportInJSON(t *testing.T) {
	text, err := json.Marshal(map[wire.Transport]wire.Transport{wire.UDP: wire.WS})
	if err != nil || string(text) != `{"udp":"ws"}` {
		t.Errorf("got %s, %v", text, err)
	}
	got := wire.TCP
	if err := json.Unmarshal([]byte(`"WS"`), &got); err != nil || got != wire.WS {
		t.Errorf("got %v, %v; want ws", got, err)
	}
	if err := json.Unmarshal([]byte(`"quic"`), &got); err == nil {
		t.Errorf("quic is read as %v", got)
	}
	if name := wire.Transport(7).String(); name != "transport(7)" {
		t.Errorf("a transport that does not exist is called %q", name)
	}
}
