package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/reports"
)

// swarmArguments are those of the load of a level.
func (r *loadedRun) swarmArguments(load float64, dir string) []string {
	c := r.underLoad.config(r.target, load, 2*r.usual+5*time.Minute)
	args := []string{
		"load", "--scenario", r.underLoad.scenario, "--clients", fmt.Sprint(c.Clients), "--duration", min(c.Duration, longestSwarm).Round(time.Second).String(),
		"--transport", strings.Join(transportNames(c.Transports), ","), "--out", dir, "--metrics", "127.0.0.1:0", "--until-input-ends", "--checkpoint", "0",
	}
	if r.underLoad.axis == reports.LoadByRate {
		args = append(args, "--rate", exactly(load))
	}
	args = append(args, r.givenTarget()...)
	if f := &r.conformFlags.target; !f.embedded() && !f.launches() {
		return args
	}
	var modes []string
	for _, kind := range r.target.Transports() { // they are known only now that it runs
		args = append(args, "--"+kind.String(), r.target.Addresses[kind])
		modes = append(modes, kind.String()+"="+r.target.Modes[kind].String())
	}
	if r.target.Control != "" {
		args = append(args, "--control", r.target.Control)
	}
	return append(args, "--sense-mode", strings.Join(modes, ","))
}

// ofTarget lists the flags of a target that a load has as well.
func ofTarget() (names []string) {
	flags := newFlags("load")
	f := new(targetFlags)
	f.register(flags)
	f.registerUsers(flags)
	flags.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return names
}

// givenTarget returns the flags of the target as they were typed, secrets and all. Those that
// the environment has are left to it.
func (r *loadedRun) givenTarget() (args []string) {
	started := r.conformFlags.target.embedded() || r.conformFlags.target.launches()
	for _, name := range ofTarget() {
		flag := r.conformFlags.target.given.Lookup(name)
		if flag == nil || !flag.Changed || r.app.isFromEnvironment(name) || started && name == "sense-mode" {
			continue
		}
		values := []string{flag.Value.String()}
		if several, ok := flag.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			args = append(args, "--"+name+"="+value)
		}
	}
	return args
}

// swarmEnvironment is that of this process without what is meant for this command alone: the
// variables of other flags, and those of a workflow, whose summary is about the whole run.
func (r *loadedRun) swarmEnvironment() (kept []string) {
	passed := map[string]bool{}
	for _, name := range ofTarget() {
		passed[variableOf(name)] = r.app.isFromEnvironment(name)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		own := strings.HasPrefix(name, variablePrefix) && !passed[name] && r.isFlagVariable(name)
		if !own && name != stepSummaryVariable && name != actionsVariable {
			kept = append(kept, variable)
		}
	}
	return kept
}

// isFlagVariable reports whether a variable with the prefix would be taken for a flag. Others
// may be for the profile, which names them.
func (r *loadedRun) isFlagVariable(name string) bool {
	found := false
	program().each(func(v verb) {
		v.flags().VisitAll(func(flag *pflag.Flag) { found = found || variableOf(flag.Name) == name })
	})
	return found
}

// isFromEnvironment reports whether a flag was taken from its variable.
func (a *app) isFromEnvironment(flag string) bool { return slices.Contains(a.fromEnvironment, flag) }
