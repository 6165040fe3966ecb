package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

const flagsProfile = `
addresses: {tcp: '127.0.0.1:1', ws: '127.0.0.1:2', control: '127.0.0.1:3'}
tls: {serverName: im.example}
senseModes: {tcp: 5S}
tolerance: 300ms
`

// TestFlagsBesideProfile holds that a flag counts before the profile, and that
// the profile counts where no flag is given.
func TestFlagsBesideProfile(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(profile, []byte(flagsProfile), 0o666); err != nil {
		t.Fatal(err)
	}
	asProfile := target.Target{
		Addresses: [...]string{wire.UDP: "", wire.TCP: "127.0.0.1:1", wire.WS: "127.0.0.1:2"}, Control: "127.0.0.1:3",
		Modes: timing.Modes{timing.Mode3S, timing.Mode5S, timing.Mode15S}, Tolerance: 300 * time.Millisecond,
	}
	tests := []struct {
		flags  []string
		change func(want *target.Target)
	}{
		{nil, func(*target.Target) {}},
		{[]string{"--tcp", "127.0.0.1:9"}, func(want *target.Target) { want.Addresses[wire.TCP] = "127.0.0.1:9" }},
		{[]string{"--udp", "127.0.0.1:9"}, func(want *target.Target) { want.Addresses[wire.UDP] = "127.0.0.1:9" }},
		{[]string{"--control", "127.0.0.1:9"}, func(want *target.Target) { want.Control = "127.0.0.1:9" }},
		{[]string{"--sense-mode", "10S"}, func(want *target.Target) {
			want.Modes = timing.Modes{timing.Mode3S, timing.Mode10S, timing.Mode10S} // UDP is not served
		}},
		{[]string{"--sense-mode", "15S"}, func(want *target.Target) {
			want.Modes = timing.Modes{timing.Mode3S, timing.Mode15S, timing.Mode15S}
		}},
		{[]string{"--sense-mode", "ws=10S"}, func(want *target.Target) { want.Modes[wire.WS] = timing.Mode10S }},
		{[]string{"--tolerance", "100ms"}, func(want *target.Target) { want.Tolerance = 100 * time.Millisecond }},
		{[]string{"--tls=true"}, func(*target.Target) {}},
	}
	for _, test := range tests {
		args := append([]string{"--profile", profile}, test.flags...)
		var f targetFlags
		flags := newFlags("conform")
		f.register(flags)
		f.registerTolerance(flags)
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		if err := f.readProfile(); err != nil {
			t.Fatal(err)
		}
		got, stop, _, err := f.open(t.Context())
		if err != nil {
			t.Errorf("%q: %v", test.flags, err)
			continue
		}
		stop()
		want := asProfile
		test.change(&want)
		if got.Addresses != want.Addresses || got.Control != want.Control || got.Modes != want.Modes || got.Tolerance != want.Tolerance {
			t.Errorf("%q: got %+v, want %+v", test.flags, got, want)
		}
		if tls := got.TLS[wire.TCP]; tls == nil || tls.ServerName != "im.example" || got.TLS[wire.WS] == nil {
			t.Errorf("%q: TLS %+v, want that of the profile", test.flags, got.TLS)
		}
		if again := f.arguments(); !slices.Equal(again, args) {
			t.Errorf("%q: the target is named again as %q", args, again)
		}
	}
}
