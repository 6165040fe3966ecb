package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// shells are those for which there is a script that completes what is typed.
var shells = []struct {
	name  string
	write func(root *cobra.Command, w io.Writer) error
}{
	{"bash", func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh", (*cobra.Command).GenZshCompletion},
	{"fish", func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
	{"powershell", (*cobra.Command).GenPowerShellCompletionWithDesc},
}

// completionFlags are the flags of completion, which has none.
type completionFlags struct{}

func (completionFlags) register(*pflag.FlagSet) {}

// execute prints the script for a shell.
func (f completionFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags("completion")
	if code, done := a.parse(flags, args, completionUsage, true); done {
		return code
	}
	var names []string
	for _, shell := range shells {
		names = append(names, shell.name)
	}
	if flags.NArg() != 1 {
		return a.misused(errors.New("completion: name one shell: " + strings.Join(names, ", ")))
	}
	i := slices.Index(names, flags.Arg(0))
	if i < 0 {
		return a.misused(fmt.Errorf("completion: there is no script for the shell %q: use %s", flags.Arg(0), strings.Join(names, ", ")))
	}
	if err := shells[i].write(a.tree(program(), true), a.out); err != nil {
		return a.failed(fmt.Errorf("completion: %w", err))
	}
	return exitGood
}

// addCompletion tells a command of cobra what completes the flags and the operands of its
// verb.
func addCompletion(c *cobra.Command, v verb) {
	c.ValidArgsFunction = func(_ *cobra.Command, given []string, typed string) ([]string, cobra.ShellCompDirective) {
		if v.operands == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return v.operands(given, typed)
	}
	if v.begin == nil {
		return
	}
	flags := v.flags()
	flags.VisitAll(func(flag *pflag.Flag) {
		_, flag.Usage = pflag.UnquoteUsage(flag)
		flag.Usage, _, _ = strings.Cut(flag.Usage, "; ")
		flag.Usage, _, _ = strings.Cut(flag.Usage, " (")
	})
	c.Flags().AddFlagSet(flags)
	flags.VisitAll(func(flag *pflag.Flag) {
		complete := valuesOf(v.name, flag)
		_ = c.RegisterFlagCompletionFunc(flag.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return complete(typed)
		}) // an error means that the flag is not there, or has one already
	})
}

// completeHelp completes the operands of help.
func completeHelp(given []string, typed string) ([]string, cobra.ShellCompDirective) {
	if v, ok := program().below(strings.Join(given, " ")); ok && v.group != nil {
		var below []string
		for _, w := range v.group {
			below = append(below, described(w.word(), w.summary))
		}
		return oneOf(below...)(typed)
	}
	if len(given) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var known []string
	for _, v := range program().group {
		known = append(known, described(v.word(), v.summary))
	}
	for _, t := range topics() {
		known = append(known, described(t.name, t.summary))
	}
	return oneOf(known...)(typed)
}

// completeShell completes the operand of completion.
func completeShell(given []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, shell := range shells {
		names = append(names, shell.name)
	}
	return oneOf(names...)(typed)
}

// completeFolders completes operands that are folders.
func completeFolders([]string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
