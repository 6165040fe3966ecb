package options

import (
	"fmt"
	"math"
	"time"

	"imcheck/harness/transport/impair"
	"imcheck/loadgen/plan"
)

// Bounds of the options. The times together have to fit the stamps that messages carry,
// see package plan. A run in shards may have more clients and messages a second than one
// process may have of its own.
const (
	MaxClients    = 10_000_000
	MaxOwnClients = 1_000_000
	minRate       = 0.001
	MaxRate       = 10_000_000
	MaxOwnRate    = 1_000_000

	maxRamp      = time.Hour
	maxWarmup    = time.Hour
	minDuration  = time.Second
	maxDuration  = 31 * 24 * time.Hour // a soak of a month
	maxLinear    = 24 * time.Hour      // of a stage in which the rate goes evenly: the arithmetic of package plan
	maxRampDown  = time.Hour
	maxThinkTime = time.Hour
	minChatThink = time.Millisecond
	maxGroups    = 16
	maxAway      = time.Hour
	minBacklog   = 21 * time.Second // senders give up what is not acknowledged within 18 s (§4)
	maxInFlight  = 1_000_000
)

// All is the table of options.
var All = []Option{
	{
		Key: Clients, Flag: "clients", Help: "how many clients log in", Common: true, Identity: true,
		field: func(o *Options) any { return &o.Clients },
		check: func(o *Options) string { return checkClients(o.Clients) },
	}, {
		Key: "ramp", Flag: "ramp", Help: "time in which they log in, evenly spread", Common: true,
		field: func(o *Options) any { return &o.Ramp },
		check: func(o *Options) string { return timeBetween(o.Ramp, 0, maxRamp) },
	}, {
		Key: "warmup", Flag: "warmup", Help: "time after the ramp that is not counted", Common: true,
		field: func(o *Options) any { return &o.Warmup },
		check: func(o *Options) string { return timeBetween(o.Warmup, 0, maxWarmup) },
	}, {
		Key: Duration, Flag: "duration", Help: "time that is counted, up to 744h", Common: true,
		field: func(o *Options) any { return &o.Duration },
		check: func(o *Options) string { return timeBetween(o.Duration, minDuration, maxDuration) },
	}, {
		Key: Stages, Identity: true,
		field: func(o *Options) any { return &o.Stages },
		check: func(*Options) string { return "" }, // see checkStages
	}, {
		Key: "rampDown", Flag: "ramp-down", Help: "time in which they log out at the end, evenly spread", Common: true,
		field: func(o *Options) any { return &o.RampDown },
		check: func(o *Options) string { return timeBetween(o.RampDown, 0, maxRampDown) },
	}, {
		Key: Rate, Flag: "rate", Identity: true,
		Help:  "messages a second of the whole swarm (steady: half to the server and half to other clients; push), messages to clients that are away (backlog), messages to a group (fanout: 1 by default) or clients that leave (churn: 10 by default)",
		field: func(o *Options) any { return &o.Rate },
		check: func(o *Options) string { return checkRate(o.Rate) },
	}, {
		Key: "payload", Flag: "payload", Help: "bytes of a message's dataContent", Identity: true,
		field: func(o *Options) any { return &o.Payload },
		check: func(*Options) string { return "" }, // its bounds are those of the target
	}, {
		Key: "inFlight", Flag: "in-flight", Identity: true,
		Help:  "in-flight limit: how many messages a client may have without an ACK; what is due meanwhile waits, and counts from when it was due (0: no limit)",
		field: func(o *Options) any { return &o.InFlight },
		check: func(o *Options) string {
			if o.InFlight < 0 || o.InFlight > maxInFlight {
				return fmt.Sprintf("%d is out of range: use 1 to %d, or 0 for no limit", o.InFlight, maxInFlight)
			}
			return ""
		},
	}, {
		Key: "seed", Flag: "seed", Help: "order in which the clients have their turns", Common: true,
		field: func(o *Options) any { return &o.Seed },
		check: func(*Options) string { return "" },
	}, {
		Key: Impair, Flag: "impair", Common: true, Identity: true,
		Help:  "make the path to the target bad, control API aside (repeatable): `SPEC` is " + impair.Grammar,
		field: func(o *Options) any { return &o.Impair },
		check: func(o *Options) string {
			if _, _, err := impair.Parse(o.Impair); err != nil {
				return err.Error()
			}
			return ""
		},
	}, {
		Key: Mix, Identity: true,
		field: func(o *Options) any { return &o.Mix },
		check: func(*Options) string { return "" }, // see checkMix
	}, {
		Key:   MixRates,
		field: func(o *Options) any { return &o.MixRates },
		check: func(*Options) string { return "" }, // see checkMix
	}, {
		Key:   ChatThinkTime,
		field: func(o *Options) any { return &o.ThinkTime },
		check: func(o *Options) string { return timeBetween(o.ThinkTime, minChatThink, maxThinkTime) },
	}, {
		Key:   ChatGroups,
		field: func(o *Options) any { return &o.Groups },
		check: checkGroups,
	}, {
		Key:   FanOutGroup,
		field: func(o *Options) any { return &o.FanOut },
		check: func(o *Options) string {
			if o.FanOut < plan.MinGroup || o.FanOut > plan.MaxFanOut {
				return fmt.Sprintf("%d is out of range: use %d to %d", o.FanOut, plan.MinGroup, plan.MaxFanOut)
			}
			return ""
		},
	}, {
		Key:   StormShare,
		field: func(o *Options) any { return &o.StormShare },
		check: func(o *Options) string {
			if !(o.StormShare > 0 && o.StormShare <= 100) {
				return fmt.Sprintf("%v percent is out of range: use more than 0 and up to 100", o.StormShare)
			}
			if o.StormHow == StormGone && o.StormShare != defaultStormShare {
				return fmt.Sprintf("the network goes for all clients in a storm that is %s: leave it out, or use another how", StormGone)
			}
			return ""
		},
	}, {
		Key:   StormAt,
		field: func(o *Options) any { return &o.StormAt },
		check: func(o *Options) string {
			if o.StormAt < 0 || o.StormAt >= o.Duration {
				return fmt.Sprintf("%v is not within the part that counts, which takes %v: use less, or a longer duration", o.StormAt, o.Duration)
			}
			return ""
		},
	}, {
		Key: StormHow, Identity: true,
		field: func(o *Options) any { return &o.StormHow },
		check: (*Options).checkStorm,
	}, {
		Key:   StormLogin,
		field: func(o *Options) any { return &o.StormLogin },
		check: (*Options).checkStormLogin,
	}, {
		Key:   StormAway,
		field: func(o *Options) any { return &o.StormAway },
		check: (*Options).checkStormAway,
	}, {
		Key:   ChurnAway,
		field: func(o *Options) any { return &o.Away },
		check: func(o *Options) string { return timeBetween(o.Away, time.Millisecond, maxAway) },
	}, {
		Key:   BacklogShare,
		field: func(o *Options) any { return &o.BacklogShare },
		check: func(o *Options) string {
			if !(o.BacklogShare > 0 && o.BacklogShare < 100) {
				return fmt.Sprintf("%v percent is out of range: use more than 0 and less than 100", o.BacklogShare)
			}
			return ""
		},
	}, {
		Key:   BacklogAway,
		field: func(o *Options) any { return &o.BacklogAway },
		check: func(o *Options) string { return timeBetween(o.BacklogAway, minBacklog, maxAway) },
	}, {
		Key:   EchoThinkTime,
		field: func(o *Options) any { return &o.ThinkTime },
		check: func(o *Options) string { return timeBetween(o.ThinkTime, 0, maxThinkTime) },
	},
}

// Keys of options: that of the clients, and of what not every scenario looks at.
const (
	Clients       = "clients"
	Duration      = "duration"
	Stages        = "stages"
	Rate          = "rate"
	Payload       = "payload"
	InFlight      = "inFlight"
	Impair        = "impair"
	Mix           = "mix"
	MixRates      = "rates"
	ChatThinkTime = "chat.thinkTime"
	ChatGroups    = "chat.groups"
	FanOutGroup   = "fanout.group"
	StormShare    = "storm.share"
	StormAt       = "storm.at"
	StormHow      = "storm.how"
	StormLogin    = "storm.login"
	StormAway     = "storm.away"
	ChurnAway     = "churn.away"
	BacklogShare  = "backlog.share"
	BacklogAway   = "backlog.away"
	EchoThinkTime = "echo.thinkTime"
)

func checkClients(n int) string {
	if n < 1 || n > MaxClients {
		return fmt.Sprintf("%d is out of range: use 1 to %d, and up to %d in one process", n, MaxClients, MaxOwnClients)
	}
	return ""
}

func checkRate(rate float64) string {
	if math.IsNaN(rate) || rate < minRate || rate > MaxRate {
		return fmt.Sprintf("%v a second is out of range: use %v to %d, and up to %d in one process", rate, minRate, int64(MaxRate), int64(MaxOwnRate))
	}
	return ""
}

func checkGroups(o *Options) string {
	if len(o.Groups) == 0 || len(o.Groups) > maxGroups {
		return fmt.Sprintf("%d sizes: name 1 to %d", len(o.Groups), maxGroups)
	}
	for _, size := range o.Groups {
		if size < plan.MinGroup || size > plan.MaxGroup {
			return fmt.Sprintf("%d is out of range: use %d to %d", size, plan.MinGroup, plan.MaxGroup)
		}
	}
	return ""
}
