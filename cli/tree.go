package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
)

// dispatch runs the verb that the arguments begin with, and returns the exit code.
func (a *app) dispatch(ctx context.Context, args []string) int {
	if len(args) > 0 && args[0] == "--version" {
		args = []string{"version"}
	}
	completing := len(args) > 0 && slices.Contains([]string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, args[0])
	if _, err := program().find(args); err != nil && !completing {
		return a.misused(err)
	}
	root := a.tree(program(), completing)
	root.SetArgs(append([]string{}, args...)) // nil would mean those of the process
	if err := root.ExecuteContext(ctx); err != nil {
		return a.misused(err)
	}
	return a.code
}

// tree returns the verbs as commands of cobra. Each verb reads its own arguments (parse).
// Only to complete what is typed does cobra need their flags.
func (a *app) tree(v verb, completing bool) *cobra.Command {
	c := &cobra.Command{
		Use: "imcheck", Short: v.summary, Args: cobra.ArbitraryArgs, DisableFlagParsing: !completing,
		SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Run: func(c *cobra.Command, args []string) { a.code = a.runVerb(c.Context(), v, args) },
	}
	if v.name != "" {
		c.Use = v.word()
	} else {
		c.SetOut(a.out)
		c.SetErr(a.err)
	}
	if completing {
		addCompletion(c, v)
	}
	for _, below := range v.group {
		command := a.tree(below, completing)
		c.AddCommand(command)
		if below.name == helpVerb {
			c.SetHelpCommand(command)
		}
	}
	return c
}

// runVerb runs a verb; a group prints its usage.
func (a *app) runVerb(ctx context.Context, v verb, args []string) int {
	switch {
	case v.begin != nil:
		return v.begin().execute(ctx, a, args)
	case len(args) == 0:
		v.printUsage(a.err)
		return exitUsage
	case v.name == "":
		return a.help(nil)
	}
	v.printUsage(a.out)
	return exitGood
}
