package swarm

import (
	"strings"
	"testing"

	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// mixOf is load as a mix.
func mixOf(parts ...options.MixPart) Config {
	c := scenarioLoad("mix")
	c.Mix = parts
	return c
}

// Each part does over its own clients what its scenario says, and nothing else.
func TestMixDoesWhatItsPartsDo(t *testing.T) {
	c := mixOf(options.MixPart{Scenario: "chat", Weight: 2}, options.MixPart{Scenario: "churn", Weight: 1}, options.MixPart{Scenario: "idle", Weight: 3},
		options.MixPart{Scenario: "push", Weight: 2}, options.MixPart{Scenario: "steady", Weight: 2})
	c.Groups = []int{4}
	c.MixRates = []options.MixRate{{Scenario: "churn", Rate: 1}, {Scenario: "steady", Rate: 6}}
	report := runVirtual(t, c, nil)
	expect(t, report, reports.OutcomePass, 0, "")
	wantParts := []reports.Part{
		{Scenario: "chat", Weight: 2, Clients: 12}, {Scenario: "churn", Weight: 1, Clients: 6, RatePerSecond: 1}, {Scenario: "idle", Weight: 3, Clients: 18},
		{Scenario: "push", Weight: 2, Clients: 12, RatePerSecond: 12}, {Scenario: "steady", Weight: 2, Clients: 12, RatePerSecond: 6},
	}
	for i, want := range wantParts {
		if report.Parts[i] != want {
			t.Errorf("part %d is %+v, want %+v", i, report.Parts[i], want)
		}
	}
	const turns = 6 // of each client of a chat, in 30 s
	for f, sent := range map[plan.Flow]int64{plan.ToServer: 90, plan.ToClient: 90 + 12*3*turns, plan.FromServer: 12 * 30} {
		got := ledgerOf(t, report, f)
		want := reports.Ledger{Kind: got.Kind, Sent: sent, Acknowledged: sent}
		if f.Arrives() {
			want.Delivered = sent
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if l := latencyOf(report, reports.KindRelogin, reports.AllTransports, reports.FromDue); l.Count != 29 {
		t.Errorf("%d came back, want 29: those that were to before the end", l.Count)
	}
	if s := report.Sessions; s.LoggedIn < 60+29 || len(s.LostByCause) != 0 {
		t.Errorf("the sessions are %+v", s)
	}
}

// A storm hits its own part.
func TestMixWithAStorm(t *testing.T) {
	report := runVirtual(t, mixOf(options.MixPart{Scenario: "storm", Weight: 1}, options.MixPart{Scenario: "steady", Weight: 2}), nil)
	expect(t, report, reports.OutcomePass, 0, "")
	if report.Recovery == nil || report.Recovery.Dropped != 10 || report.Recovery.Returned != 10 {
		t.Errorf("the recovery is %+v", report.Recovery)
	}
}

// Of a fault of the server both ends of a mix know.
func TestMixShowsWhatDoesNotArrive(t *testing.T) {
	report := runVirtual(t, mixOf(options.MixPart{Scenario: "push", Weight: 1}, options.MixPart{Scenario: "steady", Weight: 1}), nil, "s2c-dropped")
	expect(t, report, reports.OutcomeFail, 1, "s2c messages")
	if got := ledgerOf(t, report, plan.FromServer); got.Missing != got.Sent || got.Sent == 0 || got.Unbalanced != 0 {
		t.Errorf("got %+v", got)
	}
	if got := ledgerOf(t, report, plan.ToClient); got.Missing != 0 || got.Unbalanced != 0 {
		t.Errorf("got %+v", got)
	}
}

// The shards of a mix have the parts between them.
func TestMixOfShards(t *testing.T) {
	c := mixOf(options.MixPart{Scenario: "chat", Weight: 1}, options.MixPart{Scenario: "steady", Weight: 1})
	whole := runVirtual(t, c, nil)
	var sent, missing int64
	for _, l := range runShards(t, c, 3) {
		sent += l.SentCount()
		for _, m := range l.Messages {
			missing += m.Missing
		}
	}
	if want := whole.SentCount(); sent != want || missing != 0 {
		t.Errorf("the shards sent %d messages, of which %d are missing; one process sends %d", sent, missing, want)
	}
}

func TestMixRefuses(t *testing.T) {
	churn, steady := options.MixPart{Scenario: "churn", Weight: 1}, options.MixPart{Scenario: "steady", Weight: 9}
	tests := []struct {
		name, option, reason string
		change               func(c *Config)
	}{
		{"no such scenario", "mix.rain", `"rain" is unknown: use steady, idle, chat`, func(c *Config) { c.Mix = []options.MixPart{{Scenario: "rain", Weight: 1}} }},
		{"a mix of mixes", "mix.mix", "is unknown", func(c *Config) { c.Mix = []options.MixPart{{Scenario: "mix", Weight: 1}} }},
		{"a closed loop", "mix.echo", "echo is a closed loop", func(c *Config) { c.Mix = []options.MixPart{steady, {Scenario: "echo", Weight: 1}} }},
		{"no weight", "mix.steady", "a weight of 0 is out of range", func(c *Config) { c.Mix = []options.MixPart{{Scenario: "steady"}} }},
		{"too few clients", "clients", "3 are too few for the 2 parts", func(c *Config) { c.Clients = 3 }},
		{"nobody left", "mix.churn", "leave none of 10 clients for it", func(c *Config) { c.Clients, c.Mix = 10, []options.MixPart{{Scenario: "churn", Weight: 0.1}, steady} }},
		{"a rate out of range", "rates.steady", "0 a second is out of range", func(c *Config) { c.MixRates = []options.MixRate{{Scenario: "steady"}} }},
		{"a rate that its part cannot have", "rates.churn", "leaves again", func(c *Config) { c.MixRates = []options.MixRate{{Scenario: "churn", Rate: 90}} }},
		{"a rate of nothing", "rates.idle", "use churn, steady", func(c *Config) { c.MixRates = []options.MixRate{{Scenario: "idle", Rate: 90}} }},
		{"stages", "stages", "the scenario mix does not use them", func(c *Config) { c.Stages = []options.Stage{{For: c.Duration}} }},
	}
	for _, test := range tests {
		c := goodConfig()
		c.Scenario, c.Clients, c.Mix, c.Away, c.ThinkTime, c.Groups = "mix", 60, []options.MixPart{churn, steady}, 2e9, 5e9, []int{2}
		test.change(&c)
		refused, ok := c.Check().(*options.Error)
		if !ok || refused.Option != test.option || !strings.Contains(refused.Reason, test.reason) {
			t.Errorf("%s: got %v, want %s: %s", test.name, refused, test.option, test.reason)
		}
	}
}
