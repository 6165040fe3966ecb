package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// newFlags returns a flag set that leaves errors and help to parse.
func newFlags(name string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	return flags
}

// parse reads the flags of a verb, from the arguments or else from the environment; done
// is true when there is nothing more to do, with the exit code.
func (a *app) parse(flags *pflag.FlagSet, args []string, usage string, operands bool) (code int, done bool) {
	a.verb = flags.Name()
	err := parseArguments(flags, args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(a.out, helpText(usage, flags))
		return exitGood, true
	}
	if err == nil && !operands && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	var added []string
	if err == nil {
		added, err = a.readEnvironment(flags)
	}
	if err != nil {
		return a.misused(fmt.Errorf("%s: %w (imcheck %s --help shows the flags)", flags.Name(), err, flags.Name())), true
	}
	a.command = slices.Concat([]string{"imcheck"}, strings.Fields(flags.Name()), shownArguments(added), shownArguments(args))
	a.warnOfVariables(slices.Concat(added, args), profileOf(flags))
	return exitGood, false
}

// profileOf returns the value of --profile, "" without one.
func profileOf(flags *pflag.FlagSet) string {
	if flag := flags.Lookup("profile"); flag != nil {
		return flag.Value.String()
	}
	return ""
}

// parseArguments reads the arguments of a verb. An empty value, as from an unset
// variable of a shell script, and a flag that would replace its own earlier value are
// errors: either would silently change what a run checks.
func parseArguments(flags *pflag.FlagSet, args []string) error {
	given := map[string]bool{}
	err := flags.ParseAll(joinOptional(flags, args), func(flag *pflag.Flag, value string) error {
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("--%s is given without a value: give it one, or leave the flag out (is a variable of the script unset?)", flag.Name)
		}
		if given[flag.Name] && !repeatable(flag) {
			return fmt.Errorf("--%s is given twice: it takes one value, so give it once", flag.Name)
		}
		given[flag.Name] = true
		return flags.Set(flag.Name, value)
	})
	if err == nil && slices.ContainsFunc(flags.Args(), func(operand string) bool { return strings.TrimSpace(operand) == "" }) {
		err = errors.New("an argument is empty: give it a value, or leave it out (is a variable of the script unset?)")
	}
	return err
}

// joinOptional joins a flag whose value may be left out with the word after it, unless that
// is a flag: verbs that have such flags take no operands.
func joinOptional(flags *pflag.FlagSet, args []string) (joined []string) {
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "--")
		flag := flags.Lookup(name)
		optional := isFlag && flag != nil && flag.Value.Type() == "string" && flag.NoOptDefVal != ""
		if optional && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			joined = append(joined, args[i]+"="+args[i+1])
			i++
			continue
		}
		joined = append(joined, args[i])
	}
	return joined
}

// repeatable reports whether all values of a flag count when it is given several
// times.
func repeatable(flag *pflag.Flag) bool {
	_, list := flag.Value.(pflag.SliceValue)
	return list
}
