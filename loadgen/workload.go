package loadgen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/loadgen/plan"
)

// Scenarios. All but the last are open: what happens when is fixed in advance,
// and neither a late generator nor a late server stretches it.
const (
	// ScenarioSteady keeps the heartbeat and sends messages at the rate, half of
	// them to the server and half to other clients.
	ScenarioSteady = "steady"
	// ScenarioIdle keeps the heartbeat only.
	ScenarioIdle = "idle"
	// ScenarioChat has clients talk in pairs and groups: each sends a message to
	// the others of its conversation every think time.
	ScenarioChat = "chat"
	// ScenarioPush has the server send messages to clients at the rate, told to
	// by its control API.
	ScenarioPush = "push"
	// ScenarioStorm keeps the heartbeat, drops a share of the clients at once and
	// measures how they come back.
	ScenarioStorm = "storm"
	// ScenarioChurn keeps the heartbeat while clients log out and in again, so
	// many a second as the rate says.
	ScenarioChurn = "churn"
	// ScenarioEcho is a closed loop: each client asks the server for an echo, and
	// asks again when it has the answer.
	ScenarioEcho = "echo"
)

// Scenarios are the names of all scenarios.
var Scenarios = []string{ScenarioSteady, ScenarioIdle, ScenarioChat, ScenarioPush, ScenarioStorm, ScenarioChurn, ScenarioEcho}

// Bounds of a Workload.
const (
	maxThinkTime = time.Hour
	minChatThink = time.Millisecond
	maxGroups    = 16
	maxAway      = time.Hour
	maxInFlight  = 1_000_000
)

// Workload is what scenarios are told besides a rate and a payload. Each looks
// at what it needs.
type Workload struct {
	// ThinkTime is how often a client of a chat sends, at least a millisecond,
	// and how long one of an echo waits between an answer and the next question;
	// up to an hour.
	ThinkTime time.Duration
	// Groups are the sizes of the conversations of a chat, which the clients are
	// cut into in turn; 2 to 16 each. A client that is left over joins the last one.
	Groups []int
	// StormShare is how many percent of the clients a storm drops, over 0 to 100.
	StormShare float64
	// StormAt is when it does, since the begin of the part that counts. 0 is a
	// quarter of it.
	StormAt time.Duration
	// Away is how long a client of a churn is away between its logout and its
	// next login, up to an hour.
	Away time.Duration
	// InFlight is how many messages a client may have without an ACK (steady,
	// chat), up to a million; what is due meanwhile waits, and its latency counts
	// from when it was due. 0 is no limit.
	InFlight int
}

// DefaultWorkload is what the built-in scenarios do.
var DefaultWorkload = Workload{ThinkTime: 5 * time.Second, Groups: []int{2, 5}, StormShare: 50, Away: 2 * time.Second}

// usesRate reports whether a scenario looks at the rate.
func usesRate(scenario string) bool {
	return scenario == ScenarioSteady || scenario == ScenarioPush || scenario == ScenarioChurn
}

// usesPayload reports whether a scenario has messages whose size can be chosen.
func usesPayload(scenario string) bool {
	return scenario == ScenarioSteady || scenario == ScenarioPush || scenario == ScenarioChat || scenario == ScenarioEcho
}

// usesInFlight reports whether a scenario has messages that wait for ACKs.
func usesInFlight(scenario string) bool {
	return scenario == ScenarioSteady || scenario == ScenarioChat
}

// Uses reports whether a scenario looks at what a key of its file sets, or the
// flag in its place. The keys that are not named here count in every scenario.
func Uses(scenario, key string) bool {
	switch key {
	case "rate":
		return usesRate(scenario)
	case "payload":
		return usesPayload(scenario)
	case "inFlight":
		return usesInFlight(scenario)
	case ScenarioChat, ScenarioStorm, ScenarioChurn, ScenarioEcho:
		return scenario == key
	}
	return true
}

// flowsOf are the flows of a scenario's messages.
func flowsOf(scenario string) []plan.Flow {
	switch scenario {
	case ScenarioChat:
		return []plan.Flow{plan.ToClient}
	case ScenarioPush:
		return []plan.Flow{plan.FromServer}
	case ScenarioEcho:
		return []plan.Flow{plan.Echoed}
	}
	return []plan.Flow{plan.ToServer, plan.ToClient}
}

// stormDue is when a storm comes, since the start of the run.
func (c Config) stormDue() time.Duration {
	at := c.StormAt
	if at == 0 {
		at = c.Duration / 4
	}
	return c.Ramp + c.Warmup + at
}

// pattern describes what is due in a scenario besides logins and heartbeats.
func (c Config) pattern() plan.Pattern {
	switch c.Scenario {
	case ScenarioSteady:
		return plan.Alternating(c.Rate)
	case ScenarioChat:
		return plan.Conversations(c.ThinkTime, c.Groups)
	case ScenarioPush:
		return plan.Pushes(c.Rate)
	case ScenarioStorm:
		return plan.Shuffled()
	case ScenarioChurn:
		return plan.Turns(c.Rate)
	}
	return plan.Pattern{}
}

// schedule computes what is due when.
func (c Config) schedule() plan.Schedule {
	return plan.NewSchedule(plan.Spec{
		Clients: c.Clients, Ramp: c.Ramp, Warmup: c.Warmup, Duration: c.Duration, Seed: c.Seed, Pattern: c.pattern(),
	})
}

// messageRate is how many messages a second the clients are sent or send; in a
// churn, how many clients leave.
func (c Config) messageRate() float64 {
	s := c.schedule()
	return s.Rate()
}

// remembered is how many fingerprints a client remembers: those of all messages
// that it is sent until the last copy of one may come, with room for a client that
// is sent more than others.
func (c Config) remembered() int {
	const room = 4
	sent := c.messageRate() / float64(c.Clients) * lossAge.Seconds()
	return max(bounds.Remembered, int(room*sent))
}

// checkWorkload refuses what the scenario cannot do.
func (c Config) checkWorkload() error {
	if c.InFlight < 0 || c.InFlight > maxInFlight {
		return &ConfigError{"--in-flight", fmt.Sprintf("%d is out of range: use 1 to %d, or 0 for no limit", c.InFlight, maxInFlight)}
	}
	switch c.Scenario {
	case ScenarioChat:
		return c.checkChat()
	case ScenarioPush:
		return c.checkPush()
	case ScenarioStorm:
		if !(c.StormShare > 0 && c.StormShare <= 100) {
			return &ConfigError{"storm.share", fmt.Sprintf("%v percent is out of range: use more than 0 and up to 100", c.StormShare)}
		}
		if c.StormAt < 0 || c.StormAt >= c.Duration {
			return &ConfigError{"storm.at", fmt.Sprintf("%v is not within the part that counts, which takes %v: use less, or a longer --duration", c.StormAt, c.Duration)}
		}
	case ScenarioChurn:
		return c.checkChurn()
	case ScenarioEcho:
		return checkTime("echo.thinkTime", c.ThinkTime, 0, maxThinkTime)
	}
	return nil
}

func (c Config) checkChat() error {
	if err := checkTime("chat.thinkTime", c.ThinkTime, minChatThink, maxThinkTime); err != nil {
		return err
	}
	if len(c.Groups) == 0 || len(c.Groups) > maxGroups {
		return &ConfigError{"chat.groups", fmt.Sprintf("%d sizes: name 1 to %d", len(c.Groups), maxGroups)}
	}
	for _, size := range c.Groups {
		if size < plan.MinGroup || size > plan.MaxGroup {
			return &ConfigError{"chat.groups", fmt.Sprintf("%d is out of range: use %d to %d", size, plan.MinGroup, plan.MaxGroup)}
		}
	}
	if c.Clients < plan.MinGroup {
		return &ConfigError{"--clients", "a chat needs at least 2"}
	}
	return nil
}

func (c Config) checkPush() error {
	if c.Target.Control == "" {
		return &ConfigError{"--control", "the push scenario has the server send messages through its control API: name its address"}
	}
	if known := c.Target.Info.Capabilities; len(known) > 0 && !c.Target.Has(target.CapabilityS2C) {
		return &ConfigError{"--control", fmt.Sprintf("the control API of this server cannot push: it lists %s, and not %s", strings.Join(known, ", "), target.CapabilityS2C)}
	}
	return nil
}

// checkChurn makes sure that a client is back before it is to leave again.
func (c Config) checkChurn() error {
	if err := checkTime("churn.away", c.Away, time.Millisecond, maxAway); err != nil {
		return err
	}
	turn := time.Duration(float64(c.Clients) / c.Rate * float64(time.Second))
	if turn < 2*c.Away {
		return &ConfigError{"--rate", fmt.Sprintf("at %v a second each of %d clients leaves again %v after it left, half of which has to be over %v (churn.away): use a lower rate or more clients",
			c.Rate, c.Clients, turn, c.Away)}
	}
	return nil
}

// checkScenario refuses a name that there is no scenario of.
func checkScenario(name string) error {
	if !slices.Contains(Scenarios, name) {
		last := len(Scenarios) - 1
		return &ConfigError{"--scenario", fmt.Sprintf("%q is unknown: use %s or %s, or a YAML file", name, strings.Join(Scenarios[:last], ", "), Scenarios[last])}
	}
	return nil
}
