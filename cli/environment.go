package cli

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// variablePrefix begins the names of the environment variables that take the place of
// flags.
const variablePrefix = "IMCHECK_"

// otherVariables are those with the prefix that are not for flags: of the CI jobs in
// fixtures/ci, and of cobra's completion.
var otherVariables = []string{"IMCHECK_SOURCE", "IMCHECK_TOKEN", "IMCHECK_ACTIVE_HELP", "IMCHECK_COMPLETION_DESCRIPTIONS"}

// variableOf returns the environment variable of a flag: IMCHECK_SENSE_MODE for
// sense-mode.
func variableOf(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// environment is the environment of the process, NAME=value each.
type environment []string

// value returns the value of a variable, "" when it is not set. One that is blank counts
// as not set: CI systems pass those that nobody has given a value.
func (e environment) value(name string) string {
	for _, variable := range slices.Backward(e) {
		if value, found := strings.CutPrefix(variable, name+"="); found && strings.TrimSpace(value) != "" {
			return value
		}
	}
	return ""
}

// names lists the variables with the prefix that have a value.
func (e environment) names() (names []string) {
	for _, variable := range e {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, variablePrefix) && e.value(name) != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// readEnvironment sets the flags that are not given from their variables, and returns them
// as arguments that say the same.
func (a *app) readEnvironment(flags *pflag.FlagSet) (args []string, err error) {
	flags.VisitAll(func(flag *pflag.Flag) {
		name := variableOf(flag.Name)
		value := a.environment.value(name)
		if flag.Changed || value == "" || err != nil {
			return
		}
		for _, one := range valuesIn(flag, value) {
			if refused := flags.Set(flag.Name, one); refused != nil {
				err = fmt.Errorf("the environment variable %s: %w", name, refused)
				return
			}
			args = append(args, "--"+flag.Name+"="+one)
		}
		a.fromEnvironment = append(a.fromEnvironment, flag.Name)
	})
	return args, err
}

// valuesIn returns the values in a variable: a repeatable flag has one on each line.
func valuesIn(flag *pflag.Flag, text string) (values []string) {
	if !repeatable(flag) {
		return []string{strings.TrimRight(text, "\r\n")}
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			values = append(values, line)
		}
	}
	return values
}

// fromVariables names the variables that an error is about, with a blank before: those of
// the flags that it names, else all that flags were taken from. It is "" when there are
// none, or when the error names one itself.
func (a *app) fromVariables(complaint string) string {
	if len(a.fromEnvironment) == 0 || strings.Contains(complaint, variablePrefix) {
		return ""
	}
	var named, all []string
	for _, flag := range a.fromEnvironment {
		all = append(all, variableOf(flag))
		if regexp.MustCompile(`--` + regexp.QuoteMeta(flag) + `([^a-z0-9-]|$)`).MatchString(complaint) {
			named = append(named, fmt.Sprintf("--%s is %s", flag, variableOf(flag))+a.elsewhere(flag))
		}
	}
	if len(named) == 0 {
		named = all
	}
	return fmt.Sprintf(" (from the environment: %s)", strings.Join(named, ", "))
}

// ambiguous are flags that mean one thing to a verb that serves, or to a client, and another
// to those that check: where to listen and where to connect, for example.
var ambiguous = []string{"udp", "tcp", "ws", "control", "fault", "tls-cert", "tls-key"}

// elsewhere says which other verbs a variable means something else to, so that a value for
// them may be wrong here; it is "" when there are none.
func (a *app) elsewhere(name string) string {
	if !slices.Contains(ambiguous, name) {
		return ""
	}
	meanings := map[string]string{} // by verb
	program().each(func(v verb) {
		if flag := v.flags().Lookup(name); flag != nil {
			meanings[v.name] = flag.Usage
		}
	})
	here, known := meanings[a.verb]
	maps.DeleteFunc(meanings, func(_, meaning string) bool { return meaning == here })
	if !known || len(meanings) == 0 {
		return ""
	}
	return fmt.Sprintf(", which means something else to %s: unset it, or give --%s to %s", strings.Join(slices.Sorted(maps.Keys(meanings)), ", "), name, a.verb)
}

// warnOfVariables names the variables with the prefix that no flag has. One that the
// arguments or the profile mention, such as for a key, is meant for them.
func (a *app) warnOfVariables(args []string, profile string) {
	set := a.environment.names()
	if len(set) == 0 {
		return
	}
	var known []string
	program().each(func(v verb) {
		v.flags().VisitAll(func(flag *pflag.Flag) { known = append(known, variableOf(flag.Name)) })
	})
	strays := slices.DeleteFunc(set, func(name string) bool {
		return slices.Contains(known, name) || slices.Contains(otherVariables, name)
	})
	if len(strays) == 0 {
		return
	}
	text, err := os.ReadFile(profile)
	if err != nil { // who reads it for its keys reports that
		text = nil
	}
	mentions := strings.Join(slices.Concat(args, []string{string(text)}), "\n")
	for _, name := range strays {
		if strings.Contains(mentions, name) {
			continue
		}
		hint := "imcheck help environment lists them"
		if near := nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		a.complain("warning: no flag has the environment variable %s: %s", name, hint)
	}
}
