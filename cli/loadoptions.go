package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/strictyaml"
	"imcheck/loadgen/capacity"
	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
)

// registerOptions makes a flag of every option of a load that has one. What they say goes
// into given, which has the defaults.
func registerOptions(flags *pflag.FlagSet, given *options.Options) {
	for _, o := range options.All {
		if o.Flag == "" {
			continue
		}
		switch value := o.Field(given).(type) {
		case *int:
			flags.IntVar(value, o.Flag, *value, o.Help)
		case *int64:
			flags.Int64Var(value, o.Flag, *value, o.Help)
		case *float64:
			flags.Float64Var(value, o.Flag, *value, o.Help)
		case *[]string:
			flags.StringArrayVar(value, o.Flag, *value, o.Help)
		case *time.Duration:
			flags.DurationVar(value, o.Flag, *value, o.Help)
		}
	}
}

// overrideOptions sets the options that flags were given for. One that the scenario does
// not look at is refused.
func overrideOptions(flags *pflag.FlagSet, s scenario.Scenario, into, given *options.Options) error {
	for _, o := range options.All {
		if o.Flag == "" || !flags.Changed(o.Flag) {
			continue
		}
		if !o.UsedBy(s.Uses()) {
			return fmt.Errorf("--%s: the scenario %s does not use it: leave it out", o.Flag, s.Name())
		}
		if o.Key == options.Duration && len(into.Stages) > 0 {
			return fmt.Errorf("--%s: the stages of the scenario say how long the run is: leave it out", o.Flag)
		}
		o.Copy(into, given)
	}
	return nil
}

// otherFlags are the flags of a load's settings besides the options of the table.
var otherFlags = map[string]string{
	options.Scenario: "--scenario", options.Thresholds: "--threshold", options.Target: "--udp, --tcp, --ws",
	options.Transports: "--transport", options.SenseModes: "--sense-mode", options.Control: "--control",
	capacity.OptionFind: "--find", capacity.OptionFrom: "--find-from", capacity.OptionTo: "--find-to",
	capacity.OptionWithin: "--find-within", capacity.OptionRecovery: "--find-recovery",
	options.Sources: "--source-ip", options.ShardOf: "--shard", options.Start: "--start-at", options.Users: "--users",
}

// flagOf returns the flag of an option, with its dashes; "" for none.
func flagOf(option string) string {
	for _, o := range options.All {
		if o.Key == option && o.Flag != "" {
			return "--" + o.Flag
		}
	}
	return otherFlags[option]
}

// inFlags turns an error about an option into one that names its flag, unless it names
// the line of a file.
func inFlags(err error) error {
	if _, inFile := errors.AsType[*strictyaml.FileError](err); inFile {
		return err
	}
	refused, ok := errors.AsType[*options.Error](err)
	if !ok {
		return err
	}
	if flag := flagOf(refused.Option); flag != "" {
		return fmt.Errorf("%s: %s", flag, refused.Reason)
	}
	return err
}
