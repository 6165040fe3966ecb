// Package timing has the timing of the protocol's keep-alives: the sense modes that
// both ends agree on, their heartbeat intervals, give-up and expiry times
// (docs/protocol.md §3), and a small type for times.
package timing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/protocol/wire"
)

// SenseMode is one row of the table in §3. The zero value means no mode.
type SenseMode uint8

// The sense modes, named for the client's heartbeat interval.
const (
	Mode3S SenseMode = iota + 1
	Mode5S
	Mode10S
	Mode15S
	Mode30S
	Mode60S
	Mode120S
)

// SenseModes lists every mode, shortest first.
var SenseModes = [...]SenseMode{Mode3S, Mode5S, Mode10S, Mode15S, Mode30S, Mode60S, Mode120S}

// row has the times of one mode in seconds (§3); 0 where UDP lacks the mode.
type row struct {
	name                       string
	heartbeat                  int
	giveUpTCP, giveUpUDP       int
	expiryStream, expiryPacket int
}

var table = [...]row{
	Mode3S:   {"3S", 3, 5, 10, 7, 10},
	Mode5S:   {"5S", 5, 8, 0, 11, 0},
	Mode10S:  {"10S", 10, 15, 21, 15, 21},
	Mode15S:  {"15S", 15, 20, 0, 20, 0},
	Mode30S:  {"30S", 30, 35, 61, 35, 62},
	Mode60S:  {"60S", 60, 65, 121, 65, 122},
	Mode120S: {"120S", 120, 125, 241, 125, 242},
}

// A client's intervals that do not depend on the mode (§3).
const (
	// GiveUpCheck is the interval at which a client checks for an overdue keep-alive
	// response.
	GiveUpCheck = 2 * time.Second
	// ReloginStream is the pause between login attempts on TCP. It is used for
	// WebSocket too, for which §3 gives none.
	ReloginStream = 3 * time.Second
	// ReloginUDP is the pause between login attempts on UDP.
	ReloginUDP = 2 * time.Second
)

// Default returns the default mode of a 6.x server on t (§3).
func Default(t wire.Transport) SenseMode {
	if t == wire.UDP {
		return Mode3S
	}
	return Mode15S
}

// Relogin returns a client's pause between login attempts on t.
func Relogin(t wire.Transport) time.Duration {
	if t == wire.UDP {
		return ReloginUDP
	}
	return ReloginStream
}

func (m SenseMode) row() row {
	if int(m) >= len(table) {
		return row{}
	}
	return table[m]
}

// String returns the mode's name, such as "3S".
func (m SenseMode) String() string {
	if name := m.row().name; name != "" {
		return name
	}
	return fmt.Sprintf("sense mode %d", uint8(m))
}

// On reports whether the mode exists on t: UDP has five of the seven.
func (m SenseMode) On(t wire.Transport) bool { return m.Expiry(t) > 0 }

// Heartbeat returns the interval between a client's keep-alives.
func (m SenseMode) Heartbeat() time.Duration { return seconds(m.row().heartbeat) }

// GiveUp returns the time for which a client on t waits for a keep-alive response
// before it considers the connection broken, or 0 if the mode does not exist
// there. WebSocket clients wait as long as TCP clients.
func (m SenseMode) GiveUp(t wire.Transport) time.Duration {
	if t == wire.UDP {
		return seconds(m.row().giveUpUDP)
	}
	return seconds(m.row().giveUpTCP)
}

// Expiry returns the idle timeout of a session on t: the time for which a server
// keeps it without an inbound message. It is 0 if the mode does not exist there.
func (m SenseMode) Expiry(t wire.Transport) time.Duration {
	if t == wire.UDP {
		return seconds(m.row().expiryPacket)
	}
	return seconds(m.row().expiryStream)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// Parse returns the mode with a name, in either case.
func Parse(name string) (SenseMode, error) {
	for _, m := range SenseModes {
		if strings.EqualFold(name, m.String()) {
			return m, nil
		}
	}
	return 0, fmt.Errorf("unknown sense mode %q: use 3S, 5S, 10S, 15S, 30S, 60S or 120S", name)
}

// MarshalText returns the mode's name, for JSON and YAML.
func (m SenseMode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText parses a mode's name.
func (m *SenseMode) UnmarshalText(text []byte) (err error) {
	*m, err = Parse(string(text))
	return err
}

// Modes has the sense mode of each transport of one server.
type Modes [len(wire.Transports)]SenseMode

// DefaultModes returns the default mode of each transport.
func DefaultModes() Modes {
	var modes Modes
	for _, t := range wire.Transports {
		modes[t] = Default(t)
	}
	return modes
}

// Or returns m, completed by the modes of other.
func (m Modes) Or(other Modes) Modes {
	for t := range m {
		m[t] = cmp.Or(m[t], other[t])
	}
	return m
}

// ParseModes parses one mode for all the transports that a server serves, such as
// "3S", or a list such as "udp=3S,tcp=5S"; the other transports get no mode. A mode
// has to exist on its transports: "15S" does for a server without UDP (§3).
func ParseModes(text string, served []wire.Transport) (modes Modes, err error) {
	if strings.Contains(text, "=") {
		return parseModeList(text, served)
	}
	mode, err := Parse(text)
	if err != nil {
		return Modes{}, err
	}
	for _, t := range served {
		if !mode.On(t) {
			return Modes{}, fmt.Errorf("sense mode %s does not exist on %s: name a mode for each transport, such as %s", mode, t, exampleModes(mode, served))
		}
		modes[t] = mode
	}
	return modes, nil
}

// exampleModes returns a list that ParseModes accepts, with mode where it exists.
func exampleModes(mode SenseMode, served []wire.Transport) string {
	var list []string
	for _, t := range served {
		shown := mode
		if !mode.On(t) {
			shown = Default(t)
		}
		list = append(list, t.String()+"="+shown.String())
	}
	return strings.Join(list, ",")
}

func parseModeList(text string, served []wire.Transport) (modes Modes, err error) {
	for part := range strings.SplitSeq(text, ",") {
		transportName, modeName, _ := strings.Cut(part, "=")
		t, err := wire.ParseTransport(transportName)
		if err != nil {
			return Modes{}, err
		}
		if modes[t] != 0 {
			return Modes{}, fmt.Errorf("the sense mode of %s is given twice", t)
		}
		if !slices.Contains(served, t) {
			return Modes{}, fmt.Errorf("%s: %s is not served: leave it out, or name its address", part, t)
		}
		mode, err := Parse(modeName)
		if err != nil {
			return Modes{}, err
		}
		if !mode.On(t) { // then t is UDP (§3)
			return Modes{}, fmt.Errorf("sense mode %s does not exist on %s: use 3S, 10S, 30S, 60S or 120S there", mode, t)
		}
		modes[t] = mode
	}
	return modes, nil
}
