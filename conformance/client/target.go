package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"imcheck/harness/driver"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Target is a client under test.
type Target struct {
	Launcher driver.Launcher
	Network  transport.Network // that the client connects over
	Path     *impair.Path      // impairs the connections of the client; nil does not
	Host     string            // IP address of this machine that the client connects to; "" for the loopback
	// Tolerance is granted on both sides of every measured time.
	Tolerance time.Duration

	Info  driverapi.Event // the client's ready, which Discover finds
	Modes timing.Modes    // sense mode of each transport that cases run on, which Choose sets; 0 for none
}

// loopback is the address where the scripted servers listen unless the client is elsewhere.
const loopback = "127.0.0.1"

// host returns the address where the scripted servers listen.
func (t *Target) host() string { return cmp.Or(t.Host, loopback) }

// Discover starts the client once, to learn what it can do. The error is a
// *driver.LaunchError.
func (t *Target) Discover(ctx context.Context) error {
	d, err := t.Launcher.Launch(ctx)
	if err != nil {
		return err
	}
	t.Info = d.Ready
	d.Stop()
	return nil
}

// Choose chooses the sense modes to run in: those that are wanted, and where none is 3S if
// the client has it, else its first one. The error says that it has not got such a mode.
func (t *Target) Choose(wanted timing.Modes) (err error) {
	for _, kind := range t.Info.Transports {
		if t.Modes[kind], err = t.mode(kind, wanted[kind]); err != nil {
			return err
		}
	}
	if len(t.Transports()) == 0 {
		return errors.New("the client names no sense mode that exists on one of its transports")
	}
	return nil
}

// mode returns the sense mode to run in on a transport, 0 for none.
func (t *Target) mode(kind wire.Transport, wanted timing.SenseMode) (timing.SenseMode, error) {
	modes := slices.DeleteFunc(slices.Clone(t.Info.Modes), func(m timing.SenseMode) bool { return !m.On(kind) })
	switch {
	case wanted != 0 && !slices.Contains(modes, wanted):
		return 0, fmt.Errorf("the client has no sense mode %s on %s, only %v", wanted, kind, modes)
	case wanted != 0:
		return wanted, nil
	case slices.Contains(modes, timing.Mode3S):
		return timing.Mode3S, nil
	case len(modes) > 0:
		return modes[0], nil
	}
	return 0, nil
}

// Transports lists what cases can run on.
func (t *Target) Transports() (served []wire.Transport) {
	for _, kind := range wire.Transports {
		if t.Modes[kind] != 0 {
			served = append(served, kind)
		}
	}
	return served
}
