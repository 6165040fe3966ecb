// Package cli is the command line: it turns flags into runs of the other
// packages and what they found into exit codes, a summary and files.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/spf13/pflag"
)

// Exit codes, the same for every verb.
const (
	exitGood         = 0
	exitFallsShort   = 1 // the target does not do what it has to
	exitUsage        = 2 // bad flags, a bad file, or nothing selected
	exitUnreachable  = 3 // the target could not be reached, or the engine failed
	exitInconclusive = 4 // the tester's own machine could not tell
)

// app is where one invocation reads and writes.
type app struct {
	in       io.Reader
	out, err io.Writer
	command  []string // as typed, for the report
}

// verb is one thing that the program does.
type verb struct {
	name, summary string
	run           func(ctx context.Context, a *app, args []string) int
}

func verbs() []verb {
	return []verb{
		{"serve", "run the reference server", serve},
		{"conform", "check a server against the protocol", conform},
		{"load", "load a server with a swarm of clients", load},
		{"report", "render, merge and compare what runs have left behind", report},
	}
}

// Main runs one invocation and returns its exit code. The first interrupt ends
// a run in good order, with what was measured written; the second ends the
// program.
func Main(args []string, in io.Reader, out, err io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt is no longer caught
	a := &app{in, out, err, append([]string{"imcheck"}, args...)}
	return a.dispatch(ctx, args)
}

func (a *app) dispatch(ctx context.Context, args []string) int {
	if len(args) == 0 {
		a.usage(a.err)
		return exitUsage
	}
	switch name := args[0]; name {
	case "help", "--help", "-h":
		a.usage(a.out)
		return exitGood
	case "version", "--version":
		fmt.Fprintln(a.out, "imcheck", version())
		return exitGood
	default:
		i := slices.IndexFunc(verbs(), func(v verb) bool { return v.name == name })
		if i < 0 {
			return a.misused(fmt.Errorf("unknown verb %q: use serve, conform, load or report", name))
		}
		return verbs()[i].run(ctx, a, args[1:])
	}
}

func (a *app) usage(w io.Writer) {
	fmt.Fprint(w, "imcheck checks and loads servers that speak the MobileIMSDK protocol.\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  imcheck %-8s %s\n", v.name, v.summary)
	}
	fmt.Fprint(w, `
"imcheck VERB --help" shows the flags of a verb. Without a target, conform and
load run against a reference server of their own.

Exit codes: 0 good, 1 the target falls short, 2 usage, 3 the target could not
be reached, 4 inconclusive because this machine was too slow or stopped.
`)
}

// misused reports a mistake in the command line.
func (a *app) misused(err error) int {
	a.complain("%v", err)
	return exitUsage
}

// failed reports that a run could not be done.
func (a *app) failed(err error) int {
	a.complain("%v", err)
	return exitUnreachable
}

// newFlags is a flag set that leaves errors and help to parse.
func newFlags(name string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	return flags
}

// parse reads the flags of a verb; done is true when there is nothing more to
// do, with the exit code.
func (a *app) parse(flags *pflag.FlagSet, args []string, synopsis string, operands bool) (code int, done bool) {
	err := parseArguments(flags, args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(a.out, "Usage: imcheck %s\n\n%s", synopsis, flags.FlagUsages())
		return exitGood, true
	}
	if err == nil && !operands && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err != nil {
		return a.misused(fmt.Errorf("%s: %w (imcheck %s --help shows the flags)", flags.Name(), err, flags.Name())), true
	}
	return exitGood, false
}

// version is that of the module, as the build noted it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
