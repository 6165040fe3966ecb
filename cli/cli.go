// Package cli is the command line: it turns flags into runs of the other packages,
// and their results into exit codes, a summary and files. Each verb has a file of its
// own with its flags; verbs.go has the table of verbs, usage.go their usage texts.
//
// Files are written before anything is printed on stdout, whose reader may be gone
// (output).
// Errors go to stderr, with the verb in front, and say what to do.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes, the same for every verb.
const (
	exitGood         = 0
	exitFallsShort   = 1 // the target does not do what it has to
	exitUsage        = 2 // bad flags, a bad file, or nothing selected
	exitUnreachable  = 3 // the target could not be reached or let nobody in, or the engine failed
	exitInconclusive = 4 // this machine was too slow or stopped
)

// app holds where one invocation reads and writes.
type app struct {
	in       io.Reader
	out, err io.Writer
	code     int // exit code of the verb that has run

	// What the run was asked for.
	verb            string
	environment     environment
	command         []string // for the report: what was typed, with what the environment adds
	fromEnvironment []string // flags that were taken from there
}

// Main runs one invocation and returns its exit code. The first interrupt, SIGTERM or
// SIGHUP ends a run gracefully, with its results written; a second interrupt or SIGTERM
// ends the program.
func Main(args []string, in io.Reader, out, err io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	context.AfterFunc(ctx, stop) // from now on a second interrupt ends the process
	survived := make(chan os.Signal, 1)
	signal.Notify(survived, survivable()...)
	defer signal.Stop(survived)
	a := &app{in: in, out: newOutput(out), err: newOutput(err), environment: os.Environ()}
	return a.dispatch(ctx, args)
}

// endings are the signals that end a run. The end of its terminal is one of them, unless
// it was started to outlive that, as nohup does.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// survivable are the signals that never end the process. A write to a pipe that nobody
// reads is an error instead (output has what becomes of it). A terminal that is closed
// tells so more than once, through its shell and by itself, and the report is yet to be
// written.
func survivable() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return []os.Signal{syscall.SIGPIPE}
	}
	return []os.Signal{syscall.SIGPIPE, syscall.SIGHUP}
}

// misused reports a mistake in the command line, or in a variable of the environment.
func (a *app) misused(err error) int {
	a.complain("%v%s", err, a.fromVariables(err.Error()))
	return exitUsage
}

// failed reports that a run could not be done.
func (a *app) failed(err error) int {
	a.complain("%v", err)
	return exitUnreachable
}

// notOpened reports that there is no target to run against, with the exit code that open
// gives the reason.
func (a *app) notOpened(err error, code int) int {
	if code == exitUsage {
		return a.misused(err)
	}
	return a.failed(err)
}
