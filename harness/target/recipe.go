package target

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Bounds of a launch when the profile names none. A server on a virtual
// machine of its own language may take a while to come up.
const (
	defaultStartTimeout = 30 * time.Second
	defaultStopTimeout  = 5 * time.Second
)

// Recipe describes how a server is launched.
type Recipe struct {
	// Command is the program and its arguments, with placeholders: {udp}, {tcp},
	// {ws} and {control} are addresses, {udp.port} and so on their ports,
	// {senseMode.udp} and so on the sense modes, and {senseMode} the one that all
	// transports have.
	Command []string
	// Ready matches the line of stdout or stderr after which the server is up; nil when
	// its addresses are all that shows it. They have to answer in any case.
	Ready        *regexp.Regexp
	StartTimeout time.Duration // until it is ready
	StopTimeout  time.Duration // from being asked to end until it is killed
	// Modes are the sense modes that it can be launched in, the preferred one
	// first; none where it cannot be chosen.
	Modes [len(wire.Transports)][]timing.SenseMode
}

var placeholder = regexp.MustCompile(`\{[A-Za-z.]+\}`)

// has reports whether the command has a placeholder.
func (r *Recipe) has(name string) bool {
	return slices.ContainsFunc(r.Command, func(word string) bool { return strings.Contains(word, "{"+name+"}") })
}

// Transports lists what the launched server serves: what it is given an
// address for.
func (r *Recipe) Transports() (served []wire.Transport) {
	for _, kind := range wire.Transports {
		if r.hasAddress(kind.String()) {
			served = append(served, kind)
		}
	}
	return served
}

func (r *Recipe) hasAddress(name string) bool { return r.has(name) || r.has(name+".port") }

// check refuses a recipe that cannot work; at leads to the key at fault.
func (r *Recipe) check() (at []string, err error) {
	if len(r.Command) == 0 {
		return []string{"command"}, errors.New("name the program and its arguments, as a list")
	}
	known := r.values([len(wire.Transports)]string{}, "", timing.Modes{})
	for i, word := range r.Command {
		for _, name := range placeholder.FindAllString(word, -1) {
			if _, ok := known[name]; !ok {
				return []string{"command", strconv.Itoa(i)}, fmt.Errorf("unknown placeholder %s: use {udp}, {udp.port}, {senseMode.udp}, the same for tcp and ws, {control}, {control.port} or {senseMode}", name)
			}
		}
	}
	if len(r.Transports()) == 0 {
		return []string{"command"}, errors.New("it has none of {udp}, {tcp} and {ws}: the server needs an address to listen on")
	}
	for _, kind := range wire.Transports {
		told := r.hasAddress(kind.String()) && (r.has("senseMode") || r.has("senseMode."+kind.String()))
		switch listed := len(r.Modes[kind]) > 0; {
		case listed && !told:
			return []string{"senseModes", kind.String()}, fmt.Errorf("the command has no {%s} with {senseMode.%s}: the server cannot get its mode", kind, kind)
		case told && !listed:
			return []string{"senseModes"}, fmt.Errorf("the command has {senseMode} for %s: list the modes of %s that it can be launched in", kind, kind)
		}
	}
	return nil, nil
}

// CheckModes refuses sense modes in which the server cannot be launched.
func (r *Recipe) CheckModes(modes timing.Modes) error {
	for _, kind := range r.Transports() {
		if listed := r.Modes[kind]; len(listed) > 0 && !r.CanLaunch(kind, modes[kind]) {
			return fmt.Errorf("sense mode %s on %s is not among those of launch.senseModes in the profile", modes[kind], kind)
		}
	}
	return nil
}

// CanLaunch reports whether the server can be launched in a mode.
func (r *Recipe) CanLaunch(kind wire.Transport, mode timing.SenseMode) bool {
	return slices.Contains(r.Modes[kind], mode)
}

// values returns the value of each placeholder.
func (r *Recipe) values(addresses [len(wire.Transports)]string, control string, modes timing.Modes) map[string]string {
	values := map[string]string{"{control}": control, "{control.port}": portOf(control), "{senseMode}": ""}
	for _, kind := range wire.Transports {
		values["{"+kind.String()+"}"] = addresses[kind]
		values["{"+kind.String()+".port}"] = portOf(addresses[kind])
		values["{senseMode."+kind.String()+"}"] = modes[kind].String()
	}
	return values
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address) // an address without a port is not launched
	return port
}

// words returns the command with every placeholder filled in.
func (r *Recipe) words(addresses [len(wire.Transports)]string, control string, modes timing.Modes) ([]string, error) {
	values := r.values(addresses, control, modes)
	if r.has("senseMode") {
		mode, err := r.commonMode(modes)
		if err != nil {
			return nil, err
		}
		values["{senseMode}"] = mode.String()
	}
	words := make([]string, len(r.Command))
	for i, word := range r.Command {
		words[i] = placeholder.ReplaceAllStringFunc(word, func(name string) string { return values[name] })
	}
	return words, nil
}

// commonMode returns the mode of all transports; one on which it does not exist
// (§3) may have any other.
func (r *Recipe) commonMode(modes timing.Modes) (timing.SenseMode, error) {
	served := r.Transports()
	common := modes[served[len(served)-1]] // a stream, if there is one: streams have every mode
	for _, kind := range served {
		if common.On(kind) && modes[kind] != common {
			return 0, fmt.Errorf("the command has {senseMode}, so that the mode of every transport is the same, but it is to be %s on %s and %s on %s: use {senseMode.udp}, {senseMode.tcp} and {senseMode.ws}",
				common, served[len(served)-1], modes[kind], kind)
		}
	}
	return common, nil
}
