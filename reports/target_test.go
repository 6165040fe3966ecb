package reports

import (
	"strings"
	"testing"
)

func TestAddressList(t *testing.T) {
	got := Target{
		Addresses:  map[string]string{"ws": "a:3", "control": "a:9", "udp": "a:1"},
		SenseModes: map[string]string{"udp": "3S"},
	}.AddressList()
	if want := "udp a:1 (3S), ws a:3, control a:9"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What was connected to, and what was not checked, is part of where a target is.
func TestAddressListOfAName(t *testing.T) {
	target := Target{
		Addresses:  map[string]string{"tcp": "im.example:1", "ws": "wss://im.example/im"},
		Reached:    map[string]string{"tcp": "127.0.0.1:1, 127.0.0.2:1"},
		SenseModes: map[string]string{"tcp": "3S"}, UnverifiedTLS: []string{"tcp", "ws"},
	}
	const want = "tcp im.example:1 = 127.0.0.1:1, 127.0.0.2:1 (3S, certificate not checked), ws wss://im.example/im (certificate not checked)"
	if got := target.AddressList(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if note := target.UnverifiedNote(); !strings.Contains(note, "not checked on tcp and ws (--tls-insecure)") {
		t.Errorf("noted is %q", note)
	}
	if note := (Target{}).UnverifiedNote(); note != "" {
		t.Errorf("of a checked target it is noted %q", note)
	}
}
