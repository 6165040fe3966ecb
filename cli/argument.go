package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

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
