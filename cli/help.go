package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

// helpVerb is the verb that explains the others.
const helpVerb = "help"

// helpFlags are the flags of help.
type helpFlags struct {
	manual string // folder for the manual pages, "" for none
}

func (f *helpFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.manual, "man", "", "`DIR` for the manual pages, in place of an explanation: imcheck.1, and imcheck-VERB.1 for each verb")
}

// execute prints what the arguments ask to be explained, or writes the manual.
func (f *helpFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags(helpVerb)
	f.register(flags)
	if code, done := a.parse(flags, args, helpUsage, true); done {
		return code
	}
	switch {
	case f.manual == "":
		return a.help(flags.Args())
	case flags.NArg() > 0:
		return a.misused(fmt.Errorf("help: --man writes all pages: leave %q out", flags.Arg(0)))
	}
	if err := writeManual(f.manual); err != nil {
		return a.misused(fmt.Errorf("help: --man: %w", err))
	}
	return exitGood
}

// help prints the help of a verb or a topic, or of the program when no word names one.
func (a *app) help(about []string) int {
	if len(about) == 0 {
		program().printUsage(a.out)
		fmt.Fprint(a.out, "\nTopics:\n\n")
		writeTopics(a.out)
		return exitGood
	}
	t, isTopic := topicNamed(about[0])
	_, isVerb := program().below(about[0])
	switch {
	case isTopic && len(about) > 1:
		return a.misused(fmt.Errorf("help: unexpected argument %q after the topic %s", about[1], t.name))
	case isTopic:
		t.write(a.out)
		return exitGood
	case !isVerb:
		return a.misused(fmt.Errorf("help: there is no verb or topic %q: %s", about[0], helpHint(about[0])))
	}
	v, err := program().find(about)
	if err != nil {
		return a.misused(fmt.Errorf("help: %w", err))
	}
	v.printHelp(a.out)
	return exitGood
}

// helpHint says what to use in place of a word that is neither a verb nor a topic.
func helpHint(word string) string {
	if near := nearest(word, helpWords()); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "imcheck help lists them"
}

// helpWords lists the verbs and the topics.
func helpWords() (words []string) {
	for _, v := range program().group {
		words = append(words, v.word())
	}
	for _, t := range topics() {
		words = append(words, t.name)
	}
	return words
}

// printHelp prints what --help of the verb prints.
func (v verb) printHelp(w io.Writer) {
	if v.begin == nil {
		v.printUsage(w)
		return
	}
	fmt.Fprint(w, helpText(v.usage, v.flags()))
}

// helpText returns a usage text with the flags after it.
func helpText(usage string, flags *pflag.FlagSet) string {
	if !flags.HasFlags() {
		return usage
	}
	return usage + "\nFlags:\n" + flags.FlagUsages()
}

// versionFlags are the flags of version, which has none.
type versionFlags struct{}

func (versionFlags) register(*pflag.FlagSet) {}

// execute prints the version, whatever else is on the command line.
func (versionFlags) execute(_ context.Context, a *app, _ []string) int {
	fmt.Fprintln(a.out, "imcheck", version())
	return exitGood
}
