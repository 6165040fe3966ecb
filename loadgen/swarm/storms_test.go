package swarm

import (
	"strings"
	"testing"
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// silentStorm has half of 60 clients abandon their connections.
func silentStorm(t wire.Transport) Config {
	c := scenarioLoad(ScenarioStorm)
	c.StormHow, c.Transports = options.StormSilent, []wire.Transport{t}
	return c
}

// Every second client that has gone without a word comes back as new, which kicks its old self;
// the others take over. The server keeps what was abandoned until it expires.
func TestSilentStorm(t *testing.T) {
	for _, kind := range mixed {
		report := runFollowed(t, silentStorm(kind))
		expect(t, report, reports.OutcomePass, 0, "")
		if got := report.Sessions; got.LoggedIn != 90 || got.AtEnd != 60 || len(got.LostByCause) != 0 {
			t.Errorf("%s: sessions are %+v", kind, got)
		}
		r := report.Recovery
		if r == nil || r.Silent == nil || r.Dropped != 30 || r.Returned != 30 || report.Storm != "silent" {
			t.Fatalf("%s: the recovery is %+v", kind, r)
		}
		if r.Silent.ZombieMaxMs > 7000 || kind.Connected() && r.Silent.ZombieMaxMs < 4000 {
			t.Errorf("%s: the last was closed after %v ms, want 7 s since its latest heartbeat", kind, r.Silent.ZombieMaxMs)
		}
		got := *r.Silent
		got.ZombieMaxMs = 0
		want := reports.Silent{ReturnedKept: 15, ReturnedNew: 15, Zombies: 30, SelfKicks: 15, TakenOver: 15, Ended: 30, ServerFollowed: true}
		if !kind.Connected() {
			want.Zombies, want.Unseen, want.TakenOver, want.Ended = 15, 15, 0, 0
		}
		if got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", kind, got, want)
		}
	}
}

// What a server does wrong with abandoned sessions fails the run.
func TestSilentStormShowsFaults(t *testing.T) {
	for fault, want := range map[string]struct {
		reason string
		of     func(*reports.Silent) int64
		n      int64
	}{
		"kick-silent":          {"15 abandoned sessions were not kicked although", func(s *reports.Silent) int64 { return s.NotKicked }, 15},
		"takeover-equal-kicks": {"15 abandoned sessions were kicked although", func(s *reports.Silent) int64 { return s.KickedEqual }, 15},
		"kicked-stays-open":    {"15 abandoned sessions were still there", func(s *reports.Silent) int64 { return s.Overdue }, 15},
	} {
		report := runVirtual(t, silentStorm(wire.TCP), nil, fault)
		expect(t, report, reports.OutcomeFail, 1, want.reason)
		if got := want.of(report.Recovery.Silent); got != want.n {
			t.Errorf("%s: %d, want %d of %+v", fault, got, want.n, report.Recovery.Silent)
		}
	}
}

// What a server reports of sessions that have been replaced is counted, too.
func TestSilentStormCountsTheEventsOfTheServer(t *testing.T) {
	r := runFollowed(t, silentStorm(wire.TCP), "takeover-reported-as-logout").Recovery.Silent
	if !r.ServerFollowed || r.ServerKicks+r.ServerEnds != 15 {
		t.Errorf("got %+v, want the ends of 15 sessions", r)
	}
}

// Shards draw the same clients, and each of them comes back in the same way.
func TestSilentStormOfShards(t *testing.T) {
	var got reports.Silent
	for _, l := range runShards(t, silentStorm(wire.WS), 3) {
		got.ReturnedNew += l.Recovery.Silent.ReturnedNew
		got.ReturnedKept += l.Recovery.Silent.ReturnedKept
		got.SelfKicks += l.Recovery.Silent.SelfKicks
	}
	if want := (reports.Silent{ReturnedNew: 15, ReturnedKept: 15, SelfKicks: 15}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// awayStorm takes the network away from 60 clients for a while, in sense mode 3S.
func awayStorm(t wire.Transport, away time.Duration) Config {
	c := scenarioLoad(ScenarioStorm)
	c.StormHow, c.StormAway, c.Transports = options.StormGone, away, []wire.Transport{t}
	return c
}

// Whether sessions outlast an outage depends on its length: clients give up after 5 s on TCP and
// after 10 s on UDP without an answer, and the server expires them after 7 s and 10 s.
func TestAwayStorm(t *testing.T) {
	tests := []struct {
		on      wire.Transport
		away    time.Duration
		through bool
	}{
		{wire.TCP, time.Second, true}, {wire.WS, time.Second, true}, {wire.UDP, time.Second, true},
		{wire.UDP, 3500 * time.Millisecond, true},
		{wire.TCP, 12 * time.Second, false}, {wire.WS, 12 * time.Second, false}, {wire.UDP, 14 * time.Second, false},
	}
	for _, test := range tests {
		report := runVirtual(t, awayStorm(test.on, test.away), nil)
		expect(t, report, reports.OutcomePass, 0, "")
		r := report.Recovery
		if r == nil || r.Away == nil || r.AtMs != 12_500 || r.Away.ForMs != test.away.Milliseconds() || r.Away.Online != 60 {
			t.Fatalf("%s for %v: the recovery is %+v", test.on, test.away, r)
		}
		if len(report.Sessions.LostByCause) != 0 || len(report.Sessions.Outages) != 0 || report.Sessions.AtEnd != 60 {
			t.Errorf("%s for %v: sessions are %+v", test.on, test.away, report.Sessions)
		}
		want := int64(60)
		if test.through {
			want = 0
		}
		if r.Dropped != want || r.Returned != want || r.Away.Through != 60-want {
			t.Errorf("%s for %v: %+v, %+v; want %d of 60 dropped and back", test.on, test.away, r, r.Away, want)
		}
		if !test.through && (r.P100Ms < 0 || r.P100Ms > 3000) {
			t.Errorf("%s for %v: all were back after %v ms, want the 3 s of a pause at most", test.on, test.away, r.P100Ms)
		}
		if l := latencyOf(report, reports.KindHeartbeat, reports.AllTransports, reports.FromDue); l.MaxUs != 0 {
			t.Errorf("%s for %v: a heartbeat took %d µs: the outage is none of the server's", test.on, test.away, l.MaxUs)
		}
	}
}

// Messages that an outage meets are rescued, or lost, and none of it is the server's fault.
func TestAwayStormMeetsMessages(t *testing.T) {
	for _, kind := range mixed {
		c := awayStorm(kind, 9*time.Second)
		c.Scenario, c.Mix = "mix", []options.MixPart{{Scenario: "steady", Weight: 3}, {Scenario: "storm", Weight: 1}}
		c.MixRates = []options.MixRate{{Scenario: "steady", Rate: 40}}
		report := runVirtual(t, c, nil)
		expect(t, report, reports.OutcomePass, 0, "")
		away := report.Recovery.Away
		if len(away.Messages) != 2 || away.Messages[0].Sent == 0 || away.Messages[0].Rescued == 0 {
			t.Errorf("%s: the outage met %+v", kind, away.Messages)
		}
		for _, f := range []plan.Flow{plan.ToServer, plan.ToClient} {
			m := ledgerOf(t, report, f)
			if b := report.Blamed(m); m.Unbalanced != 0 || b.Lost != 0 || b.Missing != 0 || b.Pending != 0 || b.TooLate != 0 || m.Spurious != 0 {
				t.Errorf("%s: %+v, of which the outage explains %+v", kind, m, report.OfAway(m.Kind))
			}
		}
	}
}

// A session that a server ends too early is its fault, outage or not.
func TestAwayStormDoesNotExcuseTheServer(t *testing.T) {
	c := awayStorm(wire.TCP, time.Second)
	report := runVirtual(t, c, nil, "keep-alive-not-counted")
	if report.Outcome != reports.OutcomeFail || len(report.Sessions.LostByCause) == 0 {
		t.Errorf("%s: %s, %+v", report.Outcome, report.Reason, report.Sessions)
	}
}

// Connections that are abandoned take files, memory and ports beside those of the clients.
func TestNeedsOfASilentStorm(t *testing.T) {
	c := goodConfig()
	c.Scenario, c.Transports, c.Clients, c.StormShare, c.StormHow = "storm", []wire.Transport{wire.TCP}, 1000, 40, options.StormClose
	before := c.Needs()
	c.StormHow = options.StormSilent
	if got := c.Needs(); got.OpenFiles != before.OpenFiles+400 || got.MemoryBytes != before.MemoryBytes+400*packetBytes {
		t.Errorf("%+v, of closed connections %+v", got, before)
	}
}

func TestStormRefuses(t *testing.T) {
	for option, change := range map[string]func(c *Config){
		"storm.how: \"rain\" is unknown: use close, silent, away": func(c *Config) { c.StormHow = "rain" },
		"storm.login: \"old\" is unknown":                         func(c *Config) { c.StormHow, c.StormLogin = "silent", "old" },
		"storm.share: the network goes for all":                   func(c *Config) { c.StormHow, c.StormShare = "away", 40 },
		"storm.login: only clients":                               func(c *Config) { c.StormLogin = "kept" },
		"storm.away: the network stays":                           func(c *Config) { c.StormAway = time.Second },
		"storm.away: 2h0m0s is out of range":                      func(c *Config) { c.StormHow, c.StormAway = "away", 2*time.Hour },
		"storm.away: 50s from 15s on are not over":                func(c *Config) { c.StormHow, c.StormAway = "away", 50*time.Second },
	} {
		c := goodConfig()
		c.Scenario, c.Duration, c.StormShare, c.StormHow = "storm", time.Minute, 50, options.StormClose
		change(&c)
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), option) {
			t.Errorf("got %v, want %s", err, option)
		}
	}
}
