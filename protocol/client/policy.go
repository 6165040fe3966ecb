package client

import (
	"cmp"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
)

// Policy has the times of a client that does not keep to those of §3 and §4. A field that
// is 0 means the time of the rule.
type Policy struct {
	Heartbeat      time.Duration // between keep-alives
	GiveUp         time.Duration // without a response to them
	Relogin        time.Duration // between login attempts
	Retransmission qos.Policy    // the one of §4 when its Sweep is 0
	DedupMemory    time.Duration // for which fingerprints are remembered
}

func (c *Config) policy() Policy {
	if c.Policy == nil {
		return Policy{}
	}
	return *c.Policy
}

func (c *Config) heartbeat() time.Duration { return cmp.Or(c.policy().Heartbeat, c.Mode.Heartbeat()) }
func (c *Config) giveUp() time.Duration    { return cmp.Or(c.policy().GiveUp, c.Mode.GiveUp(c.Transport)) }
func (c *Config) relogin() time.Duration {
	return cmp.Or(c.policy().Relogin, timing.Relogin(c.Transport))
}
func (c *Config) dedupMemory() time.Duration { return cmp.Or(c.policy().DedupMemory, qos.DedupMemory) }

func (c *Config) retransmission() qos.Policy {
	if own := c.policy().Retransmission; own.Sweep > 0 {
		return own
	}
	return qos.ClientPolicy
}
