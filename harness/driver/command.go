package driver

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"imcheck/harness/process"
)

// mostStartsAtOnce bounds the processes that start at the same time.
const mostStartsAtOnce = 8

// startsAtOnce returns how many processes may start at the same time: a JVM takes a processor
// for a second or more, which those whose times are measured meanwhile have to do without.
func startsAtOnce() int { return min(mostStartsAtOnce, runtime.GOMAXPROCS(0)) }

// A client that was not ready soon after its start loads the rest of its program once it is
// used: it counts as starting until it has reported something, for a while at most.
const (
	soon     = 200 * time.Millisecond
	loadTime = 5 * time.Second
)

// Times in which a process has to end once it was told to, and once it was asked to by a
// signal. Then it is killed.
const (
	exitTime = time.Second
	stopTime = time.Second
)

// Command is a Launcher of processes. Make one with NewCommand.
type Command struct {
	words    []string
	starting chan struct{}
	ready    time.Duration
}

// NewCommand returns a launcher of a command, which is split into words as a shell does it
// with quotes and backslashes; nothing else of a shell has a meaning.
func NewCommand(command string) (*Command, error) {
	words, err := split(command)
	if err != nil {
		return nil, err
	}
	return &Command{words: words, starting: make(chan struct{}, startsAtOnce()), ready: readyTime}, nil
}

// LaunchError reports a client under test that could not be started.
type LaunchError struct {
	Command []string
	Err     error
	Stderr  string // the end of what it wrote there
}

func (e *LaunchError) Error() string {
	text := fmt.Sprintf("launching the client: %v", e.Err)
	if len(e.Command) > 0 {
		text += "\n  command: " + strings.Join(e.Command, " ")
	}
	return withStderr(text, e.Stderr)
}

// Unwrap returns the cause.
func (e *LaunchError) Unwrap() error { return e.Err }

// Launch starts a process.
func (c *Command) Launch(ctx context.Context) (*Driver, error) {
	select {
	case c.starting <- struct{}{}:
	case <-ctx.Done():
		return nil, &LaunchError{Command: c.words, Err: context.Cause(ctx)}
	}
	began := time.Now()
	var stderr process.Tail
	d, err := c.start(&stderr)
	if err == nil {
		err = d.awaitReady(ctx, c.ready)
	}
	if err != nil {
		<-c.starting
		return nil, &LaunchError{c.words, err, stderr.String()}
	}
	if time.Since(began) < soon {
		<-c.starting
	} else {
		go c.awaitLoaded(d)
	}
	return d, nil
}

// awaitLoaded lets another client start once one has loaded its program.
func (c *Command) awaitLoaded(d *Driver) {
	defer func() { <-c.starting }()
	overdue := time.NewTimer(loadTime)
	defer overdue.Stop()
	select {
	case <-d.reported:
	case <-d.done:
	case <-overdue.C:
	}
}

func (c *Command) start(stderr *process.Tail) (*Driver, error) {
	command := exec.Command(c.words[0], c.words[1:]...)
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, stdout := io.Pipe()
	command.Stdout, command.Stderr = stdout, stderr
	p, err := process.Start(command, stopTime)
	if err != nil {
		return nil, err
	}
	go func() {
		<-p.Exited()
		_ = stdout.CloseWithError(ended(p.Result()))
	}()
	return newDriver(in, out, stderr.String, func() {
		overdue := time.NewTimer(exitTime)
		defer overdue.Stop()
		select {
		case <-p.Exited():
		case <-overdue.C:
		}
		p.Stop()
	}), nil
}

// ended describes how a process ended that was not told to.
func ended(result error) error {
	if result == nil {
		return fmt.Errorf("it ended with exit status 0")
	}
	return fmt.Errorf("it ended with %w", result)
}
