package timing_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// The table of §3, pair by pair, in seconds.
var pairs = []struct {
	mode                      timing.SenseMode
	name                      string
	transport                 wire.Transport
	heartbeat, giveUp, expiry int
}{
	{timing.Mode3S, "3S", wire.UDP, 3, 10, 10},
	{timing.Mode3S, "3S", wire.TCP, 3, 5, 7},
	{timing.Mode3S, "3S", wire.WS, 3, 5, 7},
	{timing.Mode5S, "5S", wire.TCP, 5, 8, 11},
	{timing.Mode5S, "5S", wire.WS, 5, 8, 11},
	{timing.Mode10S, "10S", wire.UDP, 10, 21, 21},
	{timing.Mode10S, "10S", wire.TCP, 10, 15, 15},
	{timing.Mode10S, "10S", wire.WS, 10, 15, 15},
	{timing.Mode15S, "15S", wire.TCP, 15, 20, 20},
	{timing.Mode15S, "15S", wire.WS, 15, 20, 20},
	{timing.Mode30S, "30S", wire.UDP, 30, 61, 62},
	{timing.Mode30S, "30S", wire.TCP, 30, 35, 35},
	{timing.Mode30S, "30S", wire.WS, 30, 35, 35},
	{timing.Mode60S, "60S", wire.UDP, 60, 121, 122},
	{timing.Mode60S, "60S", wire.TCP, 60, 65, 65},
	{timing.Mode60S, "60S", wire.WS, 60, 65, 65},
	{timing.Mode120S, "120S", wire.UDP, 120, 241, 242},
	{timing.Mode120S, "120S", wire.TCP, 120, 125, 125},
	{timing.Mode120S, "120S", wire.WS, 120, 125, 125},
}

func TestPairs(t *testing.T) {
	for _, p := range pairs {
		t.Run(p.name+" "+p.transport.String(), func(t *testing.T) {
			second := time.Second
			if got, want := p.mode.Heartbeat(), time.Duration(p.heartbeat)*second; got != want {
				t.Errorf("heartbeat every %v, want %v", got, want)
			}
			if got, want := p.mode.GiveUp(p.transport), time.Duration(p.giveUp)*second; got != want {
				t.Errorf("client gives up after %v, want %v", got, want)
			}
			if got, want := p.mode.Expiry(p.transport), time.Duration(p.expiry)*second; got != want {
				t.Errorf("server expires after %v, want %v", got, want)
			}
			if !p.mode.On(p.transport) {
				t.Error("the mode does not exist there")
			}
			if got := p.mode.String(); got != p.name {
				t.Errorf("the mode is called %q", got)
			}
		})
	}
}

// Every pair is in the table above, or does not exist.
func TestPairsAreAll(t *testing.T) {
	listed := map[timing.SenseMode]map[wire.Transport]bool{}
	for _, p := range pairs {
		if listed[p.mode] == nil {
			listed[p.mode] = map[wire.Transport]bool{}
		}
		listed[p.mode][p.transport] = true
	}
	if len(listed) != len(timing.SenseModes) || len(pairs) != 19 {
		t.Errorf("%d modes in %d pairs are tested, of %d modes", len(listed), len(pairs), len(timing.SenseModes))
	}
	for _, mode := range timing.SenseModes {
		for _, transport := range wire.Transports {
			if got := mode.On(transport); got != listed[mode][transport] {
				t.Errorf("%v on %v exists: %v, want %v", mode, transport, got, listed[mode][transport])
			}
		}
	}
}

func TestAbsentModes(t *testing.T) {
	for _, mode := range []timing.SenseMode{timing.Mode5S, timing.Mode15S} {
		if mode.On(wire.UDP) || mode.Expiry(wire.UDP) != 0 || mode.GiveUp(wire.UDP) != 0 {
			t.Errorf("%v exists on udp: expiry %v, give-up %v", mode, mode.Expiry(wire.UDP), mode.GiveUp(wire.UDP))
		}
	}
	for _, mode := range []timing.SenseMode{0, 8, 255} {
		for _, transport := range wire.Transports {
			if mode.On(transport) || mode.Heartbeat() != 0 || mode.GiveUp(transport) != 0 {
				t.Errorf("%v, which is not a mode, has times on %v", mode, transport)
			}
		}
		if !strings.HasPrefix(mode.String(), "sense mode ") {
			t.Errorf("mode %d is called %q", uint8(mode), mode)
		}
	}
}

func TestDefaults(t *testing.T) {
	want := timing.Modes{wire.UDP: timing.Mode3S, wire.TCP: timing.Mode15S, wire.WS: timing.Mode15S}
	if got := timing.DefaultModes(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClientPace(t *testing.T) {
	if timing.GiveUpCheck != 2*time.Second {
		t.Errorf("looks at the link every %v, want 2s", timing.GiveUpCheck)
	}
	for transport, want := range map[wire.Transport]time.Duration{wire.UDP: 2 * time.Second, wire.TCP: 3 * time.Second, wire.WS: 3 * time.Second} {
		if got := timing.Relogin(transport); got != want {
			t.Errorf("%v: logs in again every %v, want %v", transport, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, mode := range timing.SenseModes {
		for _, name := range []string{mode.String(), strings.ToLower(mode.String())} {
			if got, err := timing.Parse(name); err != nil || got != mode {
				t.Errorf("%q is read as %v, %v", name, got, err)
			}
		}
	}
	for _, name := range []string{"", "3", "S", "03S", " 3S", "7S", "sense mode 0"} {
		if got, err := timing.Parse(name); err == nil {
			t.Errorf("%q is read as %v", name, got)
		} else if !strings.Contains(err.Error(), "use 3S, 5S, 10S, 15S, 30S, 60S or 120S") {
			t.Errorf("%q: error %q does not say what to use", name, err)
		}
	}
}

func TestParseModes(t *testing.T) {
	all := func(udp, tcp, ws timing.SenseMode) timing.Modes {
		return timing.Modes{wire.UDP: udp, wire.TCP: tcp, wire.WS: ws}
	}
	everything, streams := wire.Transports[:], []wire.Transport{wire.TCP, wire.WS}
	tests := []struct {
		text   string
		served []wire.Transport
		want   timing.Modes
	}{
		{"3S", everything, all(timing.Mode3S, timing.Mode3S, timing.Mode3S)},
		{"120s", everything, all(timing.Mode120S, timing.Mode120S, timing.Mode120S)},
		{"udp=10S", everything, all(timing.Mode10S, 0, 0)},
		{"tcp=5S", everything, all(0, timing.Mode5S, 0)},
		{"udp=3S,tcp=5S,ws=10S", everything, all(timing.Mode3S, timing.Mode5S, timing.Mode10S)},
		{"WS=60S,UDP=30s", everything, all(timing.Mode30S, 0, timing.Mode60S)},
		{"15S", streams, all(0, timing.Mode15S, timing.Mode15S)},
		{"5S", []wire.Transport{wire.TCP}, all(0, timing.Mode5S, 0)},
		{"10S", []wire.Transport{wire.UDP}, all(timing.Mode10S, 0, 0)},
		{"ws=15S", streams, all(0, 0, timing.Mode15S)},
	}
	for _, test := range tests {
		if got, err := timing.ParseModes(test.text, test.served); err != nil || got != test.want {
			t.Errorf("%q for %v is read as %v, %v; want %v", test.text, test.served, got, err, test.want)
		}
	}
}

func TestParseModesRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "unknown sense mode"},
		{"4S", `unknown sense mode "4S": use 3S`},
		{"5S", "sense mode 5S does not exist on udp: name a mode for each transport, such as udp=3S,tcp=5S,ws=5S"},
		{"15S", "sense mode 15S does not exist on udp"},
		{"udp=5S", "sense mode 5S does not exist on udp: use 3S, 10S, 30S, 60S or 120S there"},
		{"tcp=3S,udp=15S", "sense mode 15S does not exist on udp"},
		{"3S,5S", "unknown sense mode"},
		{"3S,tcp=5S", `unknown transport "3S"`},
		{"quic=3S", `unknown transport "quic": use udp, tcp or ws`},
		{"=3S", `unknown transport ""`},
		{"udp=", `unknown sense mode ""`},
		{"udp=3S,", `unknown transport ""`},
		{"udp=3S=5S", `unknown sense mode "3S=5S"`},
		{"udp = 3S", `unknown transport "udp "`},
		{"udp=3S,tcp=5S,udp=10S", "the sense mode of udp is given twice"},
	}
	for _, test := range tests {
		got, err := timing.ParseModes(test.text, wire.Transports[:])
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, error %v; want %q", test.text, got, err, test.want)
		}
		if got != (timing.Modes{}) {
			t.Errorf("%q is refused, yet something was returned: %v", test.text, got)
		}
	}
}

// A mode that is for a transport that nobody serves would have no effect.
func TestParseModesOfWhatIsServed(t *testing.T) {
	for text, want := range map[string]string{
		"udp=3S,tcp=5S": "udp=3S: udp is not served: leave it out, or name its address",
		"ws=3S":         "ws is not served",
		"4S":            `unknown sense mode "4S"`,
	} {
		if got, err := timing.ParseModes(text, []wire.Transport{wire.TCP}); err == nil || !strings.Contains(err.Error(), want) || got != (timing.Modes{}) {
			t.Errorf("%q: %v, error %v; want %q", text, got, err, want)
		}
	}
	udpAndTCP := []wire.Transport{wire.UDP, wire.TCP}
	if _, err := timing.ParseModes("15S", udpAndTCP); err == nil || !strings.HasSuffix(err.Error(), "such as udp=3S,tcp=15S") {
		t.Errorf("the example is %v", err)
	}
}

func TestModesOr(t *testing.T) {
	modes := timing.Modes{wire.TCP: timing.Mode5S}.Or(timing.DefaultModes())
	if want := (timing.Modes{timing.Mode3S, timing.Mode5S, timing.Mode15S}); modes != want {
		t.Errorf("got %v, want %v", modes, want)
	}
}

func TestSenseModeInJSON(t *testing.T) {
	text, err := json.Marshal(timing.Mode10S)
	if err != nil || string(text) != `"10S"` {
		t.Errorf("got %s, %v", text, err)
	}
	var got timing.SenseMode
	if err := json.Unmarshal([]byte(`"60s"`), &got); err != nil || got != timing.Mode60S {
		t.Errorf("got %v, %v; want 60S", got, err)
	}
	if err := json.Unmarshal([]byte(`"61S"`), &got); err == nil {
		t.Errorf("61S is read as %v", got)
	}
}
