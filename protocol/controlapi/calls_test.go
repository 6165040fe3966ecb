package controlapi_test

import (
	"strings"
	"testing"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

func TestDeclaredModes(t *testing.T) {
	tests := []struct {
		declared map[string]string
		want     timing.Modes
		bad      string
	}{
		{nil, timing.DefaultModes(), ""},
		{map[string]string{"udp": "10S", "tcp": "5S", "ws": "120S"}, timing.Modes{timing.Mode10S, timing.Mode5S, timing.Mode120S}, ""},
		{map[string]string{"tcp": "60S"}, timing.Modes{timing.Mode3S, timing.Mode60S, timing.Mode15S}, ""},
		{map[string]string{"sctp": "3S"}, timing.Modes{}, "sctp"},
		{map[string]string{"tcp": "4S"}, timing.Modes{}, "4S"},
		{map[string]string{"udp": ""}, timing.Modes{}, "sense mode"},
		{map[string]string{"udp": "5S"}, timing.Modes{}, "5S"},
	}
	for _, test := range tests {
		got, err := controlapi.Info{SenseMode: test.declared}.Modes(wire.Transports[:])
		if test.bad == "" {
			if err != nil || got != test.want {
				t.Errorf("%v: %v, %v; want %v", test.declared, got, err, test.want)
			}
		} else if err == nil || !strings.Contains(err.Error(), test.bad) {
			t.Errorf("%v: error %v does not name %q", test.declared, err, test.bad)
		}
	}
}

// Nothing that a server declares of an ignored transport is a mistake.
func TestDeclaredModesOfWhatIsServed(t *testing.T) {
	declared := controlapi.Info{SenseMode: map[string]string{"udp": "15S", "tcp": "15S"}}
	if modes, err := declared.Modes([]wire.Transport{wire.TCP}); err != nil || modes[wire.TCP] != timing.Mode15S {
		t.Errorf("got %v, %v", modes, err)
	}
}
