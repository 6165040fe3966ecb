package cli

import (
	"fmt"

	"github.com/spf13/pflag"
)

// example is a flag that prints a file which is built into the program, so that users
// of an installed binary have one to copy.
type example struct {
	flag  string // without dashes
	read  func(name string) ([]byte, error)
	asked bool
}

func (e *example) register(flags *pflag.FlagSet, about string) {
	flags.BoolVar(&e.asked, e.flag, false, about)
}

// printExample prints the example that was asked for; done is false when none was.
func (a *app) printExample(e example, flags *pflag.FlagSet) (code int, done bool) {
	if !e.asked {
		return exitGood, false
	}
	if flags.NFlag()-len(a.fromEnvironment) > 1 {
		return a.misused(fmt.Errorf("%s: --%s prints a file and runs nothing: leave the other flags out", flags.Name(), e.flag)), true
	}
	text, err := e.read("example")
	if err != nil {
		return a.failed(fmt.Errorf("%s: reading what is built into this program: %w", flags.Name(), err)), true
	}
	if _, err := a.out.Write(text); err != nil {
		return a.failed(fmt.Errorf("%s: printing the example: %w", flags.Name(), err)), true
	}
	return exitGood, true
}
