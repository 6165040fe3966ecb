package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// verb is a command: either one that runs, or a group of such verbs. The table of them
// (program) is the one source of what runs, of help, completion and man pages, and of the
// environment variables.
type verb struct {
	name    string // as typed, with that of its group before it: "report diff"
	summary string // one line, for the list of verbs
	usage   string // what --help prints, before the flags or the list of verbs
	begin   func() command
	group   []verb // in place of begin
	hidden  bool   // left out of the list of verbs: it is about the program itself

	// operands completes an operand, given those before it; nil when
	// there are none.
	operands func(given []string, typed string) ([]string, cobra.ShellCompDirective)
}

// command is one use of a verb, with the values of its flags.
type command interface {
	register(flags *pflag.FlagSet)
	// execute reads the arguments and does what they say. It returns the exit code.
	execute(ctx context.Context, a *app, args []string) int
}

// program returns the root of the table of verbs.
func program() verb {
	return verb{usage: programUsage, group: []verb{
		{name: "serve", summary: "run the reference server", usage: serveUsage, begin: func() command { return new(serveFlags) }},
		{name: "conform", summary: "check a server or a client against the protocol", usage: conformUsage, begin: func() command { return new(conformFlags) }},
		{name: "explore", summary: "find what no case was written for", usage: exploreUsage, begin: func() command { return new(exploreFlags) }},
		{name: "load", summary: "load a server with a swarm of clients", usage: loadUsage, begin: func() command { return new(loadFlags) }},
		{name: "drive", summary: "be a client under test, for conform", usage: driveUsage, begin: func() command { return new(driveFlags) }},
		{name: "talk", summary: "let clients under test talk to each other", usage: talkUsage, begin: func() command { return new(talkFlags) }},
		{name: "proxy", summary: "relay clients to a server over a bad network", usage: proxyUsage, begin: func() command { return new(proxyFlags) }},
		{name: "report", summary: "render, merge and compare the results of runs", usage: reportUsage, group: []verb{
			{name: "report html", summary: "write the page of each run anew", usage: htmlUsage, begin: func() command { return new(htmlFlags) }, operands: completeFolders},
			{name: "report index", summary: "write these pages, and one over all runs", usage: indexUsage, begin: func() command { return new(indexFlags) }, operands: completeFolders},
			{name: "report matrix", summary: "put implementations side by side", usage: matrixUsage, begin: func() command { return new(matrixFlags) }, operands: completeFolders},
			{name: "report merge", summary: "add up the shards of a load", usage: mergeUsage, begin: func() command { return new(mergeFlags) }, operands: completeFolders},
			{name: "report diff", summary: "show what has become worse between two runs", usage: diffUsage, begin: func() command { return new(diffFlags) }, operands: completeFolders},
		}},
		{name: helpVerb, summary: "explain a verb or a topic", usage: helpUsage, begin: func() command { return new(helpFlags) }, operands: completeHelp, hidden: true},
		{name: "completion", summary: "print the completion script of a shell", usage: completionUsage, begin: func() command { return completionFlags{} }, operands: completeShell, hidden: true},
		{name: "version", summary: "print the version", usage: versionUsage, begin: func() command { return versionFlags{} }, hidden: true},
	}}
}

// word returns the last word of the name, which is typed after those of the group.
func (v verb) word() string { return v.name[strings.LastIndex(v.name, " ")+1:] }

// below returns the verb of the group that a word names.
func (v verb) below(word string) (found verb, ok bool) {
	i := slices.IndexFunc(v.group, func(w verb) bool { return w.word() == word })
	if i < 0 {
		return verb{}, false
	}
	return v.group[i], true
}

// each calls visit for every verb that runs, those of groups included.
func (v verb) each(visit func(verb)) {
	if v.begin != nil {
		visit(v)
	}
	for _, below := range v.group {
		below.each(visit)
	}
}

// flags returns the flags of the verb, as the program has them before any is given.
func (v verb) flags() *pflag.FlagSet {
	flags := newFlags(v.name)
	v.begin().register(flags)
	return flags
}

// find returns the verb that arguments begin with: a group when they name none below it.
// An error explains why the next word names no verb of the group.
func (v verb) find(args []string) (found verb, err error) {
	if v.group == nil || len(args) == 0 {
		return v, nil
	}
	if below, ok := v.below(args[0]); ok {
		return below.find(args[1:])
	}
	if asksHelp(args[0]) {
		return v, nil
	}
	return v, v.unknown(args[0])
}

// asksHelp reports whether a word in place of a verb asks for help.
func asksHelp(word string) bool { return slices.Contains([]string{"help", "--help", "-h"}, word) }

// unknown explains why a word names no verb of the group.
func (v verb) unknown(word string) error {
	var names []string
	for _, w := range v.group {
		if !w.hidden {
			names = append(names, w.word())
		}
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
		if !below.hidden {
			fmt.Fprintf(w, "  imcheck %-13s %s\n", below.name, below.summary)
		}
	}
	fmt.Fprintf(w, "\n%s", rest)
}
