package cli

import (
	"fmt"
	"testing"

	"github.com/spf13/pflag"
)

// plannedProxy returns a relay as its flags have it.
func plannedProxy(_ *testing.T, args []string) string {
	var f proxyFlags
	var given *pflag.FlagSet
	var plan string
	refusal := parsed(func(flags *pflag.FlagSet) { f.register(flags); given = flags }, args, func() error {
		policy, timed, _, err := f.relay.plan()
		plan = fmt.Sprintf("seed %d %v duration %v", policy.Seed, timed, f.duration)
		if err == nil {
			err = f.check(given)
		}
		return err
	})
	return refusal + plan
}

// plannedTalk returns a talk as its flags have it.
func plannedTalk(_ *testing.T, args []string) string {
	var f talkFlags
	var given *pflag.FlagSet
	var plan string
	refusal := parsed(func(flags *pflag.FlagSet) { f.register(flags); given = flags }, args, func() error {
		o, _, err := f.options(given)
		plan = fmt.Sprintf("%d commands, %d clients on %s in %s, %s through %s, control %s, rate %v for %v, seed %d %v",
			len(f.commands), len(o.Launchers), o.Transport, o.Mode, o.Transport, f.addresses[o.Transport], f.control, o.Rate, o.Duration, o.Policy.Seed, o.Policy.Specs())
		for _, timed := range o.Plan {
			plan += fmt.Sprintf(", %v %v", timed.At, timed.Action)
		}
		return err
	})
	return refusal + plan
}
