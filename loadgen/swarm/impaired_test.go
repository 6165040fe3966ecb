package swarm

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// impairedLoad is an ordinary load over an impaired path.
func impairedLoad(specs ...string) Config {
	c := load()
	c.Warmup, c.Impair = 15*time.Second, specs // within it the logins that were dropped are repeated
	return c
}

// checkImpaired holds what every load on an impaired path has to come to whose target does
// nothing wrong: each message is accounted for, and nobody else is blamed.
func checkImpaired(t *testing.T, report *reports.Load) {
	t.Helper()
	expect(t, report, reports.OutcomePass, 0, "no session and no message was lost")
	for cause, n := range report.Sessions.LostByCause {
		if cause != reports.CauseImpaired {
			t.Errorf("%d sessions were lost: %s", n, cause)
		}
	}
	for _, m := range report.Messages {
		ours := m.Impaired
		if m.Sent == 0 || m.Sent != m.Acknowledged+ours.Unacked || m.Lost != 0 || m.Pending != 0 || m.LateACKs != 0 {
			t.Errorf("%+v does not balance by ACKs", m)
		}
		if m.SeenArriving() && (m.Sent != m.Delivered+ours.Undelivered || m.Missing != 0 || m.TooLate != 0) {
			t.Errorf("%+v does not balance by arrivals", m)
		}
		if m.Unbalanced != 0 || m.Spurious != 0 || m.CalledLost != 0 || m.Unexpected != 0 {
			t.Errorf("%+v blames the target", m)
		}
	}
	if len(report.Gaps) > 0 {
		t.Errorf("named are %+v", report.Gaps)
	}
}

// countsOf returns what was done to a transport, in both directions together.
func countsOf(report *reports.Load, transport string) (sum reports.ImpairmentCounts) {
	for _, c := range report.Impairment.Counts {
		if c.Transport == transport {
			sum.Add(c)
		}
	}
	return sum
}

func TestImpairedLoadBalances(t *testing.T) {
	tests := []struct {
		specs []string
		on    []wire.Transport
		holds func(c reports.ImpairmentCounts, m reports.ImpairedMessages) bool // of UDP, and of C → C
	}{
		{[]string{"udp: drop=10%"}, []wire.Transport{wire.UDP}, func(c reports.ImpairmentCounts, m reports.ImpairedMessages) bool {
			share := float64(c.Dropped) / float64(c.Dropped+c.Passed)
			return share > 0.05 && share < 0.15 && m.Dropped > 0 && m.Doubled == 0 && m.Delayed == 0
		}},
		{[]string{"udp: drop=40%"}, []wire.Transport{wire.UDP}, func(_ reports.ImpairmentCounts, m reports.ImpairedMessages) bool {
			return m.Dropped > 0 && m.Unacked > 0 && m.Undelivered > 0
		}},
		{[]string{"udp: duplicate=20%, reorder=20%"}, []wire.Transport{wire.UDP}, func(c reports.ImpairmentCounts, m reports.ImpairedMessages) bool {
			return c.Doubled > 0 && c.Reordered > 0 && m.Doubled > 0 && m.Dropped == 0 && m.Unacked+m.Undelivered == 0
		}},
		{[]string{"delay=200ms, jitter=100ms"}, mixed, func(_ reports.ImpairmentCounts, m reports.ImpairedMessages) bool {
			return m.Delayed > 0 && m.Dropped == 0 && m.Unacked+m.Undelivered == 0
		}},
		{[]string{"udp: drop=5%, delay=50ms", "tcp ws: delay=50ms, stall=2s/10s"}, mixed, func(_ reports.ImpairmentCounts, m reports.ImpairedMessages) bool {
			return m.Delayed > 0 && m.Dropped > 0
		}},
		{[]string{"out: delay=3s", "in: delay=4s"}, mixed, func(_ reports.ImpairmentCounts, m reports.ImpairedMessages) bool {
			return m.Delayed > 0
		}},
	}
	for _, test := range tests {
		for seed := range int64(2) {
			c := impairedLoad(test.specs...)
			c.Transports, c.Seed = test.on, seed
			report := runVirtual(t, c, nil)
			checkImpaired(t, report)
			if c2c := ledgerOf(t, report, plan.ToClient); !test.holds(countsOf(report, "udp"), c2c.Impaired) {
				t.Errorf("%q came to %+v of %+v", test.specs, c2c.Impaired, report.Impairment)
			}
			if t.Failed() {
				t.Fatalf("%q with seed %d: %+v", test.specs, seed, report.Messages)
			}
		}
	}
}

// The same seed does the same, whatever the machine is like.
func TestImpairedLoadRepeats(t *testing.T) {
	run := func(seed int64) *reports.Load {
		c := impairedLoad("udp: drop=10%, duplicate=5%, delay=20ms, jitter=10ms")
		c.Transports, c.Seed = []wire.Transport{wire.UDP}, seed
		return runVirtual(t, c, nil)
	}
	first, again, other := run(1), run(1), run(2)
	if !reflect.DeepEqual(first.Messages, again.Messages) || !reflect.DeepEqual(first.Impairment, again.Impairment) || !slices.Equal(first.Latencies, again.Latencies) {
		t.Errorf("the same seed came to\n%+v %+v and\n%+v %+v", first.Messages, first.Impairment, again.Messages, again.Impairment)
	}
	if reflect.DeepEqual(first.Impairment.Counts, other.Impairment.Counts) {
		t.Error("another seed came to the same")
	}
}

// Latencies include what the path adds, and the report says how much that is.
func TestImpairedLatencies(t *testing.T) {
	c := impairedLoad("out: delay=30ms", "in: delay=20ms")
	report := runVirtual(t, c, nil)
	checkImpaired(t, report)
	for _, kind := range mixed {
		for what, want := range map[reports.LatencyKind]int64{"c2s_ack": 50_000, "c2c_ack": 50_000, "c2c_delivery": 50_000, "heartbeat": 50_000, "login": 50_000} {
			if l := latencyOf(report, what, kind.String(), reports.FromSend); l.Count == 0 || l.MinUs < want*99/100 || l.MaxUs > want*101/100 {
				t.Errorf("%s on %s is %d to %d µs, want %d", what, kind, l.MinUs, l.MaxUs, want)
			}
		}
		if got := report.Impairment.AddedMs[kind.String()]; got != 50 {
			t.Errorf("%v ms are said to be added on %s", got, kind)
		}
	}
}

// What a target does wrong is still its fault.
func TestImpairedLoadBlamesTheTarget(t *testing.T) {
	c := impairedLoad("udp: drop=10%")
	c.Transports = []wire.Transport{wire.UDP}
	for fault, of := range map[string]func(report *reports.Load) int64{
		"c2c-dropped":              func(r *reports.Load) int64 { return ledgerOf(t, r, plan.ToClient).Missing },
		"c2s-ack-missing":          func(r *reports.Load) int64 { return ledgerOf(t, r, plan.ToServer).Lost },
		"heartbeat-answer-missing": func(r *reports.Load) int64 { return r.Sessions.LostByCause[causeUnanswered] },
	} {
		report := runVirtual(t, c, nil, fault)
		expect(t, report, reports.OutcomeFail, 1, "")
		if n := of(report); n < 40 {
			t.Errorf("%s: %d are the target's, of %+v and %v", fault, n, report.Messages, report.Sessions.LostByCause)
		}
	}
}

// A client that loses its session, or never gets one, because of the path is nobody's loss.
func TestImpairedSessions(t *testing.T) {
	c := impairedLoad("udp in: drop=70%")
	c.Transports, c.Duration = []wire.Transport{wire.UDP}, 60*time.Second
	report := runVirtual(t, c, nil)
	if n := report.Sessions.LostByCause[reports.CauseImpaired]; n == 0 || lostSessions(report) != n {
		t.Errorf("lost are %v", report.Sessions.LostByCause)
	}
	expect(t, report, reports.OutcomePass, 0, "by our own impairment of the path")
	c = impairedLoad("udp: drop=100%")
	c.Transports = []wire.Transport{wire.UDP}
	expect(t, runVirtual(t, c, nil), reports.OutcomeInconclusive, 4, "impair the path less")
}

// Every scenario can do with an impaired path.
func TestImpairedScenarios(t *testing.T) {
	for _, name := range []string{"idle", "chat", "fanout", "push", "storm", "churn", "echo", "backlog", "mix"} {
		c := impairedLoad("udp: drop=10%, duplicate=5%", "delay=20ms")
		c.Scenario, c.Rate, c.ThinkTime, c.Groups, c.FanOut, c.StormShare, c.Away, c.BacklogShare, c.BacklogAway = name, 5, 5*time.Second, []int{2, 3}, 5, 50, 2*time.Second, 20, 25*time.Second
		c.StormHow, c.StormLogin, c.Duration = options.Defaults(name).StormHow, options.Defaults(name).StormLogin, 40*time.Second
		report := runVirtual(t, c, nil)
		if report.Outcome == reports.OutcomeFail || report.Outcome == reports.OutcomeUnreachable {
			t.Errorf("%s: %s: %s (%+v)", name, report.Outcome, report.Reason, report.Messages)
		}
	}
}

// The engines do it over sockets, too.
func TestEnginesImpair(t *testing.T) {
	c := shortLoad()
	c.Impair = []string{"udp: duplicate=30%", "delay=20ms"}
	onEngines(t, play{Config: c}, func(t *testing.T, report *reports.Load) {
		for _, l := range report.Messages {
			if l.Sent == 0 || l.Acknowledged != l.Sent || l.Missing != 0 || l.Unbalanced != 0 || l.Lost != 0 || l.Impaired.Delayed < l.Sent || l.Impaired.Doubled == 0 {
				t.Errorf("%+v does not balance", l)
			}
		}
		if l := latencyOf(report, "login", "tcp", reports.FromSend); l.Count != 20 || l.MinUs < 39_000 {
			t.Errorf("logins are %+v", l)
		}
		if counts := countsOf(report, "udp"); counts.Doubled == 0 {
			t.Errorf("what was done is %+v", report.Impairment)
		}
	})
}

func TestEnginesDrop(t *testing.T) {
	c := shortLoad()
	c.Transports, c.Warmup, c.Impair = []wire.Transport{wire.UDP}, 2*time.Second, []string{"out: drop=10%"}
	onEngines(t, play{Config: c}, func(t *testing.T, report *reports.Load) {
		for _, l := range report.Messages {
			if l.Sent != l.Acknowledged+l.Impaired.Unacked || l.Lost+l.Pending+l.Missing+l.Unbalanced != 0 {
				t.Errorf("%+v does not balance", l)
			}
		}
		if counts := countsOf(report, "udp"); counts.Dropped == 0 || len(report.Impairment.Counts) != 1 {
			t.Errorf("what was done is %+v", report.Impairment)
		}
	})
}

// Shards that impair their paths alike add up: what they have dropped accounts for what is
// missing in the sum.
func TestMergedShardsOfAnImpairedLoad(t *testing.T) {
	c := impairedLoad("udp: drop=10%")
	c.Transports = []wire.Transport{wire.UDP}
	m, last := mergedShards(t, c, 3)
	expect(t, m.Load, reports.OutcomePass, 0, "none between them")
	for _, l := range m.Load.Messages {
		if ours := l.Impaired; l.Sent != l.Acknowledged+ours.Unacked || l.SeenArriving() && l.Sent != l.Delivered+ours.Undelivered || ours.Dropped == 0 {
			t.Errorf("%+v does not balance", l)
		}
	}
	if whole, part := countsOf(m.Load, "udp"), countsOf(last, "udp"); whole.Dropped < 2*part.Dropped || part.Dropped == 0 {
		t.Errorf("of %d datagrams that were dropped the last shard has %d", whole.Dropped, part.Dropped)
	}
}
