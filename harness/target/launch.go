package target

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Times of the probes of a server that starts: short, so that nobody waits for a server
// that is up at once.
const (
	launchProbeWait  = 200 * time.Millisecond
	launchProbePause = 20 * time.Millisecond
)

// LaunchError reports that a server could not be launched.
type LaunchError struct {
	Command []string
	Err     error
	Output  string // the end of what it wrote
}

func (e *LaunchError) Error() string {
	text := fmt.Sprintf("launching the server: %v\n  command: %s", e.Err, strings.Join(e.Command, " "))
	if output := strings.TrimSpace(e.Output); output != "" {
		text += "\n  it wrote: " + strings.ReplaceAll(output, "\n", "\n            ")
	}
	return text + "\n  see launch in the profile"
}

// Unwrap returns the cause.
func (e *LaunchError) Unwrap() error { return e.Err }

// LaunchModes returns the sense modes in which a server is launched by default.
func (p *Profile) LaunchModes() timing.Modes {
	modes := p.Target().Modes
	for _, kind := range wire.Transports {
		if listed := p.Recipe.Modes[kind]; p.Modes[kind] == 0 && len(listed) > 0 {
			modes[kind] = listed[0]
		}
	}
	return modes
}

// Launch starts the profile's server on free ports of loopback and waits until
// it answers. The caller has to stop the process. The error is a *LaunchError;
// after it nothing is left running.
func (p *Profile) Launch(ctx context.Context, modes timing.Modes) (*Target, *Process, error) {
	t, err := p.launchTarget(modes)
	if err != nil {
		return nil, nil, &LaunchError{Command: p.Recipe.Command, Err: err}
	}
	words, err := p.Recipe.words(t.Addresses, t.Control, modes)
	if err != nil {
		return nil, nil, &LaunchError{Command: p.Recipe.Command, Err: err}
	}
	process, err := startProcess(words, p.Recipe.Ready, p.Recipe.StopTimeout)
	if err != nil {
		return nil, nil, &LaunchError{Command: words, Err: err}
	}
	if err := process.awaitReady(ctx, t, p.Recipe.StartTimeout); err != nil {
		process.Stop()
		return nil, nil, &LaunchError{words, err, process.output.String()}
	}
	return t, process, nil
}

// launchTarget returns the target that will be launched.
func (p *Profile) launchTarget(modes timing.Modes) (*Target, error) {
	t := p.Target()
	t.Modes, t.Control = modes, ""
	for _, kind := range wire.Transports {
		t.Addresses[kind] = ""
	}
	if err := p.Recipe.CheckModes(modes); err != nil {
		return nil, err
	}
	for _, kind := range p.Recipe.Transports() {
		address, err := freeAddress(t.Network, kind)
		if err != nil {
			return nil, err
		}
		t.Addresses[kind] = address
	}
	if p.Recipe.hasAddress("control") {
		address, err := freeAddress(t.Network, wire.TCP)
		if err != nil {
			return nil, err
		}
		t.Control = address
	}
	return t, nil
}

// awaitReady waits until the server has printed the line that says that it is ready, if
// the recipe has one, and answers at every address.
func (p *Process) awaitReady(ctx context.Context, t *Target, bound time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, bound, fmt.Errorf("it was not ready within %v", bound))
	defer cancel()
	select {
	case <-p.ready:
	case <-p.Exited():
		return p.ended()
	case <-ctx.Done():
		return fmt.Errorf("%w: no line of its stdout or stderr matches launch.ready", context.Cause(ctx))
	}
	for {
		err := t.probeAll(ctx)
		select {
		case <-p.Exited(): // somebody else answers, if anybody does
			return p.ended()
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(launchProbePause):
		}
		if err == nil {
			return nil
		}
	}
}

// probeAll probes every address once.
func (t *Target) probeAll(ctx context.Context) error {
	for _, kind := range t.Transports() {
		if err := t.Probe(ctx, kind, launchProbeWait); err != nil {
			return err
		}
	}
	if t.Control == "" {
		return nil
	}
	conn, err := t.Network.DialStream(ctx, t.Control)
	if err != nil {
		return &UnreachableError{What: "control API", Address: t.Control, Err: err}
	}
	return conn.Close()
}

// ended describes how a process ended that should not have.
func (p *Process) ended() error {
	if exit, ok := errors.AsType[*exec.ExitError](p.Result()); ok {
		return fmt.Errorf("it ended with %v before it was ready", exit)
	}
	return errors.New("it ended before it was ready")
}
