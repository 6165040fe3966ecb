// Package driver runs clients under test through the driver contract (docs/contracts.md,
// part B): as processes, or as functions of this process.
package driver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/protocol/driverapi"
)

// Launcher starts clients under test, any number of them at once.
type Launcher interface {
	// Launch starts a client and waits until it is ready. The caller has to stop it. The
	// error is a *LaunchError, after which nothing is left running.
	Launch(ctx context.Context) (*Driver, error)
}

// Event is an event with the time at which it was read.
type Event struct {
	At time.Time
	driverapi.Event
}

// Driver is a client under test that runs.
type Driver struct {
	Ready driverapi.Event // what it says of itself
	// Played is the number of cases that it has played before, see Pool.
	Played int

	commands chan driverapi.Command
	events   chan Event
	done     chan struct{} // closed by Stop
	reported chan struct{} // closed once it has reported something besides being ready
	err      error         // set before events is closed
	stderr   func() string
	end      func() // ends the client, and returns when it is gone
	stopping sync.Once
	working  sync.WaitGroup

	resetting atomic.Bool // it was told to reset, and has not said yet that it is ready
}

// EndedError reports a client that ended, or broke the contract, unasked.
type EndedError struct {
	Err    error
	Stderr string // the end of what it wrote there
}

func (e *EndedError) Error() string {
	return withStderr(fmt.Sprintf("the driver of the client failed: %v", e.Err), e.Stderr)
}

// Unwrap returns the cause.
func (e *EndedError) Unwrap() error { return e.Err }

func withStderr(text, stderr string) string {
	if stderr = strings.TrimSpace(stderr); stderr == "" {
		return text
	}
	return text + "\n  its stderr ends with: " + strings.ReplaceAll(stderr, "\n", "\n            ")
}

// maxCommands bounds the commands that wait for a driver to read them.
const maxCommands = 256

// errNotReading ends a client that does not take its commands.
var errNotReading = errors.New("it does not read its stdin")

// newDriver talks to a client: it writes commands to in, and reads events from out until
// an error. end ends the client.
func newDriver(in io.WriteCloser, out io.ReadCloser, stderr func() string, end func()) *Driver {
	d := &Driver{
		commands: make(chan driverapi.Command, maxCommands), events: make(chan Event, maxCommands),
		done: make(chan struct{}), reported: make(chan struct{}), stderr: stderr, end: end,
	}
	d.working.Go(func() { d.write(in) })
	d.working.Go(func() { d.read(out) })
	return d
}

// write writes commands until Stop, the last of which is to exit.
func (d *Driver) write(in io.WriteCloser) {
	defer in.Close()
	for c := range d.commands {
		if _, err := in.Write(c.Append(nil)); err != nil {
			return // the reader learns why
		}
	}
}

func (d *Driver) read(out io.ReadCloser) {
	defer close(d.events)
	defer out.Close() // a client that goes on writing learns of it
	reported := sync.OnceFunc(func() { close(d.reported) })
	for reader := driverapi.NewEventReader(out); ; {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			err = errors.New("it ended")
		}
		if err != nil {
			d.err = err
			return
		}
		if e.Kind == driverapi.EventReady && d.resetting.CompareAndSwap(true, false) {
			reader.Restart()
		}
		if e.Kind != driverapi.EventReady {
			reported()
		}
		select {
		case d.events <- Event{time.Now(), e}:
		case <-d.done:
			d.err = errors.New("it was stopped")
			return
		}
	}
}

// Do tells the client to do something. It does not wait; the error says that the client
// does not read what it is told.
func (d *Driver) Do(c driverapi.Command) error {
	select {
	case d.commands <- c:
		return nil
	default:
		return &EndedError{errNotReading, d.stderr()}
	}
}

// Events are the events after the first, in order. The channel is closed when the client
// ends or breaks the contract, of which Err has the reason.
func (d *Driver) Events() <-chan Event { return d.events }

// Err returns why there are no more events, an *EndedError. Call it once Events is closed.
func (d *Driver) Err() error { return &EndedError{d.err, d.stderr()} }

// Stop tells the client to exit, and returns when it is gone, whatever it does. It may be
// called several times.
func (d *Driver) Stop() {
	d.stopping.Do(func() {
		_ = d.Do(driverapi.Command{Do: driverapi.ActionExit}) // one that does not read is ended anyway
		close(d.commands)
		close(d.done)
		d.end()
		d.working.Wait()
	})
}

// readyTime bounds the time until a client is ready.
const readyTime = 20 * time.Second

// awaitReady waits for the first event, and stops the client unless that says that it is
// ready.
func (d *Driver) awaitReady(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("it was not ready within %v", within))
	defer cancel()
	var err error
	select {
	case e, ok := <-d.events:
		switch {
		case !ok:
			err = d.err
		case e.Kind != driverapi.EventReady:
			err = fmt.Errorf("its first event is not ready, but %s", e)
		default:
			d.Ready = e.Event
			return nil
		}
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	d.Stop()
	return err
}
