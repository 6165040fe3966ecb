package cli

import (
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/harness/relay"
	"imcheck/harness/transport/impair"
)

// relayFlags say what a relay does to what passes it.
type relayFlags struct {
	impair []string
	seed   int64
	at     []string
}

func (f *relayFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.impair, "impair", nil, "make the way between the relay and the server bad (repeatable): `SPEC` is "+impair.Grammar)
	flags.Int64Var(&f.seed, "seed", 1, "draws losses and delays, unless a spec has a seed")
	flags.StringArrayVar(&f.at, "at", nil, "do something to what passes at a time after the start (repeatable): `TIME=ACTION`, where the action is "+relay.ActionGrammar)
}

// plan parses the flags. The notes name what a spec does not do on all transports. An error
// is the user's.
func (f *relayFlags) plan() (policy impair.Policy, plan []relay.Timed, notes []string, err error) {
	policy, notes, err = impair.Parse(f.impair)
	if err != nil {
		return policy, nil, nil, fmt.Errorf("--impair %w", err)
	}
	if !policy.Seeded {
		policy.Seed = f.seed
	}
	for _, text := range f.at {
		timed, err := relay.ParseTimed(text)
		if err != nil {
			return policy, nil, nil, fmt.Errorf("--at %w", err)
		}
		plan = append(plan, timed)
	}
	return policy, plan, notes, nil
}
