package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// verb is a command: either one that runs, or a group of such verbs.
type verb struct {
	name    string // as typed, with that of its group before it: "report diff"
	summary string // one line, for the list of verbs
	usage   string // what --help of a group prints
	run     func(ctx context.Context, a *app, args []string) int
	group   []verb // in place of run
}

// program returns the root of the table of verbs.
func program() verb {
	return verb{usage: programUsage, group: []verb{
		{name: "serve", summary: "run the reference server", run: serve},
		{name: "conform", summary: "check a server against the protocol", run: conform},
		{name: "explore", summary: "find what no case was written for", run: exploreServer},
		{name: "load", summary: "load a server with a swarm of clients", run: load},
		{name: "drive", summary: "be a client under test, for conform", run: driveClient},
		{name: "report", summary: "render, merge and compare the results of runs", usage: reportUsage, group: []verb{
			{name: "report html", summary: "write the page of each run anew", run: reportHTML},
			{name: "report index", summary: "write these pages, and one over all runs", run: reportIndex},
			{name: "report merge", summary: "add up the shards of a load", run: reportMerge},
			{name: "report diff", summary: "show what has become worse between two runs", run: reportDiff},
		}},
	}}
}

// dispatch runs the verb that the arguments begin with.
func (a *app) dispatch(ctx context.Context, args []string) int {
	if len(args) > 0 && (args[0] == "version" || args[0] == "--version") {
		fmt.Fprintln(a.out, "imcheck", version())
		return exitGood
	}
	return program().dispatch(ctx, a, args)
}

func (v verb) dispatch(ctx context.Context, a *app, args []string) int {
	switch {
	case v.run != nil:
		return v.run(ctx, a, args)
	case len(args) == 0:
		v.printUsage(a.err)
		return exitUsage
	case slices.Contains([]string{"help", "--help", "-h"}, args[0]):
		v.printUsage(a.out)
		return exitGood
	}
	i := slices.IndexFunc(v.group, func(w verb) bool { return w.name == strings.TrimSpace(v.name+" "+args[0]) })
	if i < 0 {
		return a.misused(v.unknown(args[0]))
	}
	return v.group[i].dispatch(ctx, a, args[1:])
}

// unknown explains why a word names no verb of the group.
func (v verb) unknown(word string) error {
	var names []string
	for _, w := range v.group {
		names = append(names, strings.TrimSpace(strings.TrimPrefix(w.name, v.name)))
	}
	last := len(names) - 1
	known := strings.Join(names[:last], ", ") + " or " + names[last]
	of := ""
	if v.name != "" {
		of = v.name + ": "
	}
	switch {
	case strings.TrimSpace(word) == "":
		return fmt.Errorf("%sthe name of the verb is empty: use %s (is a variable of the script unset?)", of, known)
	case strings.HasPrefix(word, "-"):
		return fmt.Errorf("%sthe verb goes before %s: use %s", of, word, known)
	}
	return fmt.Errorf("%sunknown verb %q: use %s", of, word, known)
}

// printUsage prints the usage text of a group of verbs, with the list of them.
func (v verb) printUsage(w io.Writer) {
	about, rest, _ := strings.Cut(v.usage, "\n\n")
	fmt.Fprintf(w, "%s\n\n", about)
	for _, below := range v.group {
		fmt.Fprintf(w, "  imcheck %-13s %s\n", below.name, below.summary)
	}
	fmt.Fprintf(w, "\n%s", rest)
}

// newFlags returns a flag set that leaves errors and help to parse.
func newFlags(name string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	return flags
}

// parse reads the flags of a verb; done is true when there is nothing more to
// do, with the exit code.
func (a *app) parse(flags *pflag.FlagSet, args []string, usage string, operands bool) (code int, done bool) {
	err := parseArguments(flags, args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(a.out, "%s\nFlags:\n%s", usage, flags.FlagUsages())
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
