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
