package swarm

import (
	"errors"
	"math"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// goodConfig can be run, though not on any network.
func goodConfig() Config {
	modes, _ := timing.ParseModes("3S", wire.Transports[:])
	return Config{
		Target:     &target.Target{Addresses: [3]string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"}, Modes: modes},
		Transports: []wire.Transport{wire.UDP, wire.TCP, wire.WS},
		Options: options.Options{
			Clients: 10, Ramp: time.Second, Warmup: time.Second, Duration: time.Second,
			Rate: 10, Payload: 64, Scenario: ScenarioSteady, StormHow: options.StormClose,
		},
	}
}

func TestCheckAccepts(t *testing.T) {
	tests := map[string]func(c *Config){
		"an ordinary load":           func(*Config) {},
		"no ramp and no warm-up":     func(c *Config) { c.Ramp, c.Warmup = 0, 0 },
		"one client":                 func(c *Config) { c.Clients = 1 },
		"the longest run":            func(c *Config) { c.Ramp, c.Warmup, c.Duration = time.Hour, time.Hour, 31*24*time.Hour },
		"idle without rate, payload": func(c *Config) { c.Scenario, c.Rate, c.Payload = ScenarioIdle, 0, 0 },
		"the largest payload on UDP": func(c *Config) { c.Payload = wire.MaxDatagram - plan.MessageOverhead(c.Clients, "") },
		"a larger one on TCP and WS": func(c *Config) { c.Transports = c.Transports[1:]; c.Payload = 4096 },
		"the smallest payload":       func(c *Config) { c.Payload = 20 },
		"the smallest of a month":    func(c *Config) { c.Payload, c.Duration = 22, 31*24*time.Hour },
		"the fastest churn":          func(c *Config) { c.Scenario, c.Away, c.Rate = ScenarioChurn, time.Second, 5 },
		"a storm of all at once":     func(c *Config) { c.Scenario, c.StormShare = ScenarioStorm, 100 },
		"an echo without a pause":    func(c *Config) { c.Scenario, c.Rate = ScenarioEcho, 0 },
		"the highest rate":           func(c *Config) { c.Rate = options.MaxOwnRate },
		"the most clients":           func(c *Config) { c.Clients = options.MaxOwnClients },
		"more clients in shards": func(c *Config) {
			c.Clients, c.Rate = options.MaxClients, options.MaxRate
			c.Shard, c.Start = plan.Shard{Index: 3, Of: 11}, time.Now().Add(time.Hour)
		},
		"no address that is not used": func(c *Config) { c.Transports = c.Transports[:1]; c.Target.Addresses[wire.WS] = "" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			c := goodConfig()
			change(&c)
			if err := c.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct {
		name   string
		flag   string
		change func(c *Config)
	}{
		{"no target", "target", func(c *Config) { c.Target = nil }},
		{"no transport", "transports", func(c *Config) { c.Transports = nil }},
		{"a transport twice", "transports", func(c *Config) { c.Transports = []wire.Transport{wire.TCP, wire.TCP} }},
		{"an unknown transport", "transports", func(c *Config) { c.Transports = []wire.Transport{7} }},
		{"a transport that is not served", "transports", func(c *Config) { c.Target.Addresses[wire.TCP] = "" }},
		{"a mode that UDP does not have", "senseModes", func(c *Config) { c.Target.Modes[wire.UDP] = timing.Mode15S }},
		{"no clients", "clients", func(c *Config) { c.Clients = 0 }},
		{"too many clients", "clients", func(c *Config) { c.Clients = options.MaxClients + 1 }},
		{"too many clients for one process", "clients", func(c *Config) { c.Clients = options.MaxOwnClients + 1 }},
		{"too many clients for one of two", "clients", func(c *Config) {
			c.Clients, c.Shard, c.Start = 2*options.MaxOwnClients+1, plan.Shard{Index: 1, Of: 2}, time.Now().Add(time.Hour)
		}},
		{"too high a rate for one process", "rate", func(c *Config) { c.Rate = options.MaxOwnRate + 1 }},
		{"too high a rate", "rate", func(c *Config) { c.Rate = options.MaxRate + 1 }},
		{"a negative ramp", "ramp", func(c *Config) { c.Ramp = -1 }},
		{"too long a ramp", "ramp", func(c *Config) { c.Ramp = time.Hour + 1 }},
		{"a negative warm-up", "warmup", func(c *Config) { c.Warmup = -1 }},
		{"no duration", "duration", func(c *Config) { c.Duration = 0 }},
		{"too long a duration", "duration", func(c *Config) { c.Duration = 31*24*time.Hour + 1 }},
		{"no rate", "rate", func(c *Config) { c.Rate = 0 }},
		{"a rate that is no number", "rate", func(c *Config) { c.Rate = math.NaN() }},
		{"an infinite rate", "rate", func(c *Config) { c.Rate = math.Inf(1) }},
		{"too small a payload", "payload", func(c *Config) { c.Payload = 19 }},
		{"too small a payload for a month", "payload", func(c *Config) { c.Payload, c.Duration = 21, 31*24*time.Hour }},
		{"more messages of a client than there are numbers", "duration", func(c *Config) { c.Rate, c.Duration = 100_000, 31*24*time.Hour }},
		{"a payload over the limit of the target", "payload", func(c *Config) {
			c.Target.Conventions.MaxMessages[wire.TCP], c.Payload = 1024, 1024
		}},
		{"a payload that a datagram cannot hold", "payload", func(c *Config) { c.Payload = wire.MaxDatagram - plan.MessageOverhead(c.Clients, "") + 1 }},
		{"an unknown scenario", "scenario", func(c *Config) { c.Scenario = "storms" }},
		{"a negative number in flight", "inFlight", func(c *Config) { c.InFlight = -1 }},
		{"a negative ramp down", "rampDown", func(c *Config) { c.RampDown = -1 }},
		{"a storm of nobody", "storm.share", func(c *Config) { c.Scenario, c.StormShare = ScenarioStorm, 0 }},
		{"a storm of more than all", "storm.share", func(c *Config) { c.Scenario, c.StormShare = ScenarioStorm, 101 }},
		{"a storm of no number", "storm.share", func(c *Config) { c.Scenario, c.StormShare = ScenarioStorm, math.NaN() }},
		{"a storm after the end", "storm.at", func(c *Config) { c.Scenario, c.StormShare, c.StormAt = ScenarioStorm, 50, c.Duration }},
		{"a chat without a think time", "chat.thinkTime", func(c *Config) { c.Scenario, c.Groups = ScenarioChat, []int{2} }},
		{"a chat without groups", "chat.groups", func(c *Config) { c.Scenario, c.ThinkTime = ScenarioChat, time.Second }},
		{"a conversation with oneself", "chat.groups", func(c *Config) {
			c.Scenario, c.ThinkTime, c.Groups = ScenarioChat, time.Second, []int{2, 1}
		}},
		{"too large a conversation", "chat.groups", func(c *Config) {
			c.Scenario, c.ThinkTime, c.Groups = ScenarioChat, time.Second, []int{plan.MaxGroup + 1}
		}},
		{"a chat of one", "clients", func(c *Config) {
			c.Scenario, c.ThinkTime, c.Groups, c.Clients = ScenarioChat, time.Second, []int{2}, 1
		}},
		{"a push without a control API", "control", func(c *Config) { c.Scenario = ScenarioPush }},
		{"a control API that cannot push", "control", func(c *Config) {
			c.Scenario, c.Target.Control, c.Target.Info.Capabilities = ScenarioPush, "127.0.0.1:4", controlapi.Capabilities{controlapi.CapabilityKick}
		}},
		{"a push without a rate", "rate", func(c *Config) { c.Scenario, c.Target.Control, c.Rate = ScenarioPush, "127.0.0.1:4", 0 }},
		{"a churn without a rate", "rate", func(c *Config) { c.Scenario, c.Away, c.Rate = ScenarioChurn, time.Second, 0 }},
		{"a churn that leaves before it is back", "rate", func(c *Config) { c.Scenario, c.Away, c.Rate = ScenarioChurn, time.Second, 6 }},
		{"a churn that is not away", "churn.away", func(c *Config) { c.Scenario = ScenarioChurn }},
		{"an echo with a negative pause", "echo.thinkTime", func(c *Config) { c.Scenario, c.ThinkTime = ScenarioEcho, -1 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := goodConfig()
			test.change(&c)
			var refused *options.Error
			if err := c.Check(); !errors.As(err, &refused) || refused.Option != test.flag {
				t.Errorf("got %v, want a *options.Error for %s", err, test.flag)
			}
			if load, err := Run(t.Context(), c); load != nil || !errors.As(err, &refused) {
				t.Errorf("Run gave %v, %v", load, err)
			}
		})
	}
}

// A client remembers enough for the rate that the load asks for.
func TestRemembered(t *testing.T) {
	tests := []struct {
		name    string
		clients int
		rate    float64
		want    int
	}{
		{"a few messages", 1000, 100, bounds.Remembered},
		{"many for each client", 10, 1000, 4 * 100 * 18},
	}
	for _, test := range tests {
		c := goodConfig()
		c.Scenario, c.Clients, c.Rate = ScenarioSteady, test.clients, test.rate
		if got := c.remembered(); got != test.want {
			t.Errorf("%s: %d fingerprints are remembered, want %d", test.name, got, test.want)
		}
	}
}
