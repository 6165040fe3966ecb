package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"imcheck/loadgen/plan"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
)

// shardFlags say which part of a load this process does, and from when on.
type shardFlags struct {
	given   *pflag.FlagSet
	shard   string
	base    int
	startAt string
}

func (f *shardFlags) register(flags *pflag.FlagSet) {
	f.given = flags
	flags.StringVar(&f.shard, "shard", "", "do part I of N of the load, as in 2/4; the other flags are the same for every part")
	flags.IntVar(&f.base, "shard-base", 1, "number of the first part: 1, or 0 as in JOB_COMPLETION_INDEX of Kubernetes")
	flags.StringVar(&f.startAt, "start-at", "", "when the load begins, such as 2030-12-31T23:59:00Z; the same for every part (default: at once)")
}

// complete puts what the flags say into a swarm. own is that the process starts
// the target itself.
func (f *shardFlags) complete(c *swarm.Config, own bool) (err error) {
	if f.shard == "" && f.given.Changed("shard-base") {
		return errors.New("--shard-base does nothing without --shard")
	}
	if f.shard != "" {
		if c.Shard, err = plan.ParseShard(f.shard, f.base); err != nil {
			return fmt.Errorf("--shard: %w", err)
		}
		if own {
			return errors.New("--shard: every process would have a server of its own: name one that runs already with --udp, --tcp or --ws")
		}
	}
	if f.startAt != "" {
		if c.Start, err = time.Parse(time.RFC3339, f.startAt); err != nil {
			return fmt.Errorf("--start-at: %q is not a time of the form 2030-12-31T23:59:00Z", f.startAt)
		}
	}
	return nil
}

// histogramLogs are the logs below the folder of --out; nil without one.
func histogramLogs(out string) *reports.HistogramLogs {
	if out == "" {
		return nil
	}
	return reports.NewHistogramLogs(filepath.Join(out, reports.HistogramFolder))
}
