package swarm

import (
	"fmt"
	"math"
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// maxStartAhead bounds the time until the start of a run.
const maxStartAhead = 24 * time.Hour

// OwnClients returns how many of the clients this process has.
func (c Config) OwnClients() int { return c.share().Count(c.Population()) }

func (c Config) share() plan.Share { return plan.NewShare(c.Shard, len(c.Transports)) }

// checkShard refuses a run that cannot be divided as asked, or of which one process would do
// too much, and times that no other process would count from.
func (c Config) checkShard() error {
	group := c.share().Group()
	if last := (c.Shard.Of - 1) * group; c.Shard.Divided() && c.Population() <= last {
		return options.Refuse(options.ShardOf, "%d clients are too few for %d shards, which take %d at a time: use more clients or fewer shards",
			c.Population(), c.Shard.Of, group)
	}
	if c.Shard.Divided() && c.scenario().Together() {
		return options.Refuse(options.ShardOf, "a fan-out is timed until the last member of a group has the message, for which all have to be in one process: run it undivided")
	}
	if own := c.OwnClients(); own > options.MaxOwnClients {
		return options.Refuse(options.Clients, "%d clients of one process are too many, as it has %d at most: divide the run in more shards, at least %d",
			own, options.MaxOwnClients, (c.Population()+options.MaxOwnClients-1)/options.MaxOwnClients)
	}
	if err := c.checkOwnRate(options.Rate, c.Rate); err != nil {
		return err
	}
	for i, s := range c.Stages {
		if err := c.checkOwnRate(fmt.Sprintf("%s.%d.%s", options.Stages, i, options.Rate), s.Rate); err != nil {
			return err
		}
	}
	if c.Shard.Divided() && c.Start.IsZero() {
		return options.Refuse(options.ShardOf, "the shards have to count from the same time: give all of them the same start")
	}
	return nil
}

// checkOwnRate refuses a rate of the whole run, that of a key, of which one process would
// make too much.
func (c Config) checkOwnRate(key string, whole float64) error {
	if rate := whole / float64(max(1, c.Shard.Of)); rate > options.MaxOwnRate {
		return options.Refuse(key, "%.0f a second of one process are too many, as it makes %d at most: divide the run in more shards, at least %.0f",
			rate, options.MaxOwnRate, math.Ceil(whole/options.MaxOwnRate))
	}
	return nil
}

// checkStart refuses a start that is over, or so far off that it cannot be meant.
func (c Config) checkStart(now time.Time) error {
	if c.Start.IsZero() {
		return nil
	}
	switch ahead := c.Start.Sub(now); {
	case ahead < 0:
		return options.Refuse(options.Start, "%s is over for %v: use a time to come", c.Start.Format(time.RFC3339), -ahead.Round(time.Millisecond))
	case ahead > maxStartAhead:
		return options.Refuse(options.Start, "%s is %v ahead: use a time within the next %v", c.Start.Format(time.RFC3339), ahead.Round(time.Second), maxStartAhead)
	}
	return nil
}

// nonceOf makes the nonce of a run, which the shards of a divided one share.
func nonceOf(c Config) plan.Nonce {
	if !c.Shard.Divided() {
		return plan.NewNonce()
	}
	return plan.SharedNonce(c.Seed, c.Shard.Of, c.Start)
}

// reportedShard describes the shard for the report, and so for the merge.
func (c Config) reportedShard(nonce plan.Nonce) reports.Shard {
	if c.Shard.Of == 0 {
		return reports.Shard{}
	}
	return reports.Shard{
		Index: c.Shard.Index, Of: c.Shard.Of, Run: string(nonce), Clients: c.Population(),
		WarmupMs: c.Warmup.Milliseconds(), DurationMs: c.Duration.Milliseconds(),
	}
}
