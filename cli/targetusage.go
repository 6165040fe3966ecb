package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/harness/target"
	"imcheck/harness/usage"
)

// targetUsageFlags say which process of the target is watched.
type targetUsageFlags struct {
	pid     int    // 0 when not known
	metrics string // URL, "" when not known
}

func (f *targetUsageFlags) register(flags *pflag.FlagSet) {
	f.registerAs(flags,
		"process of the target on this machine, whose CPU, memory and open files are watched",
		"http://host:port/metrics of the target, whose CPU, memory, open files and garbage collections are watched")
}

// registerAs is register with other help.
func (f *targetUsageFlags) registerAs(flags *pflag.FlagSet, pid, metrics string) {
	flags.IntVar(&f.pid, "target-pid", 0, pid)
	flags.StringVar(&f.metrics, "target-metrics", "", metrics)
}

// check refuses what cannot be watched, and flags that do not go together. embedded is
// whether the target is a server in this process.
func (f *targetUsageFlags) check(embedded bool) error {
	switch {
	case f.pid < 0:
		return fmt.Errorf("--target-pid %d: it has to be the number of a process", f.pid)
	case f.pid != 0 && f.metrics != "":
		return errors.New("--target-pid and --target-metrics say the same: leave one out")
	case (f.pid != 0 || f.metrics != "") && embedded:
		return errors.New("--target-pid and --target-metrics: the server that is started without a target has no process of its own: name a target")
	case f.metrics != "":
		if err := target.CheckMetrics(f.metrics); err != nil {
			return fmt.Errorf("--target-metrics: %w", err)
		}
	}
	return nil
}

// source returns what is watched, after a first reading; nil when nothing is. The error
// names the flag.
func (f *targetUsageFlags) source(ctx context.Context) (usage.Source, error) {
	switch {
	case f.pid != 0:
		source, err := usage.Process(f.pid)
		if err != nil {
			return nil, fmt.Errorf("--target-pid: %w", err)
		}
		return source, readOnce(ctx, "--target-pid", source)
	case f.metrics != "":
		source := usage.Metrics(f.metrics)
		return source, readOnce(ctx, "--target-metrics", source)
	}
	return nil, nil
}

func readOnce(ctx context.Context, flag string, source usage.Source) error {
	if _, err := source.Read(ctx); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}
