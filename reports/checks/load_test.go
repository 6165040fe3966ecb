package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
)

// told lists the checks of a run, each in a line.
func told(run Run) (lines []string) {
	word := map[Status]string{Failed: "failed", Broken: "broken", Unjudged: "unjudged", Passed: "passed", Skipped: "skipped"}
	for _, c := range run.Checks {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s: %s: %s", word[c.Status], c.Name, c.Message)))
	}
	return lines
}

// bad is a load in which everything went wrong that can.
func bad(outcome reports.Outcome) *reports.Load {
	return &reports.Load{
		Header: reports.Header{Outcome: outcome, Reason: "why"},
		Thresholds: []reports.Threshold{
			{Expression: "login.p99<50ms", Actual: 61, Unit: "ms"},
			{Expression: "lost==0", Held: true},
			{Expression: "recovery.p99<1s", Unknown: true, Note: "the shards do not say"},
		},
		Messages: []reports.Ledger{
			{Kind: "c2s", Sent: 3, Acknowledged: 2, Lost: 1},
			{Kind: "c2c", Sent: 3, Acknowledged: 3, Delivered: 3, Unbalanced: 2},
			{Kind: "echo"},
		},
		Sessions:  reports.Sessions{LoggedIn: 9, LostByCause: map[string]int64{"kicked": 2}},
		Recovery:  &reports.Recovery{Dropped: 2, Returned: 1, P50Ms: 5, P99Ms: -1, P100Ms: -1},
		Generator: reports.Generator{BlockedArrivals: 2},
	}
}

// What is bad is the target's failure only when the run itself failed.
func TestOfLoad(t *testing.T) {
	const recovery = "2 clients were dropped after 0 ms, all within 0 ms; logged in again: half after 5.00 ms, 99 % never, all never"
	of := func(status, why, odd string) []string {
		return []string{
			status + ": threshold login.p99<50ms: crossed: 61 ms" + why,
			"passed: threshold lost==0: held: 0",
			"unjudged: threshold recovery.p99<1s: not known to hold: the shards do not say" + odd,
			status + ": ledger c2s: 1 c2s message was given up: not acknowledged in time" + why,
			"unjudged: ledger c2c: the account of c2c messages does not balance: what each pair of clients has counted differs by 2" + odd,
			status + ": sessions: 2 sessions were lost: kicked" + why,
			status + ": recovery: " + recovery + why,
			status + ": sends: 2 sends could not be started, as ACKs of earlier ones did not come" + why,
			"passed: generator:",
		}
	}
	inconclusive, unreachable := " (the run is inconclusive: why)", " (the run is unreachable: why)"
	for outcome, want := range map[reports.Outcome][]string{
		reports.OutcomeFail:         of("failed", "", ""),
		reports.OutcomeInconclusive: of("unjudged", inconclusive, inconclusive),
		reports.OutcomeUnreachable:  of("broken", unreachable, unreachable),
	} {
		if got := told(OfLoad(bad(outcome))); !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", outcome, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestOfHealthyLoad(t *testing.T) {
	l := &reports.Load{
		Header:   reports.Header{Outcome: reports.OutcomePass, Reason: "no session and no message was lost"},
		Messages: []reports.Ledger{{Kind: "c2s", Sent: 3, Acknowledged: 3}},
		Sessions: reports.Sessions{LoggedIn: 9}, InFlight: 1,
	}
	want := []string{"passed: ledger c2s:", "passed: sessions:", "passed: sends:", "passed: generator:"}
	if got := told(OfLoad(l)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A run that did not pass is never green, whatever its figures are.
func TestLoadThatDidNotPass(t *testing.T) {
	online := reports.Sessions{LoggedIn: 9}
	for name, test := range map[string]struct {
		load reports.Load
		want string
	}{
		"interrupted":     {reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable, Reason: "interrupted after 3.0 s"}, Sessions: online}, "broken: run: interrupted after 3.0 s"},
		"a shard missing": {reports.Load{Header: reports.Header{Outcome: reports.OutcomeInconclusive, Reason: "shard 2 is missing"}, Sessions: online}, "unjudged: run: shard 2 is missing"},
		"by shards":       {reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "2 messages were sent and did not arrive"}, Sessions: online}, "failed: run: 2 messages were sent and did not arrive"},
		"refused":         {reports.Load{Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "every login was refused"}}, "failed: sessions: every login was refused"},
		"not begun":       {reports.Load{Header: reports.Header{Outcome: reports.OutcomeUnreachable, Reason: "no server answers"}}, "broken: sessions: no server answers"},
		"stopped":         {reports.Load{Header: reports.Header{Outcome: reports.OutcomeInconclusive, Reason: "why"}, Sessions: online, Generator: reports.Generator{PausedMs: 4000}}, "unjudged: generator: this process was stopped for up to 4.0 s (the run is inconclusive: why)"},
		"late logins":     {reports.Load{Header: reports.Header{Outcome: reports.OutcomeInconclusive, Reason: "why"}, Sessions: online, Generator: reports.Generator{OfflineArrivals: 1}}, "unjudged: generator: 1 send was due while the client was not logged in, and left out (the run is inconclusive: why)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(OfLoad(&test.load)); !slices.Contains(got, test.want) {
				t.Errorf("got %q, want %q among them", got, test.want)
			}
		})
	}
}

func TestConformanceThatDidNotPass(t *testing.T) {
	inconclusive := reports.Header{Outcome: reports.OutcomeInconclusive, Reason: "too few open files"}
	for name, test := range map[string]struct {
		results []reports.Result
		want    []string
	}{
		"nothing ran":      {nil, []string{"unjudged: run: too few open files"}},
		"a case says so":   {[]reports.Result{{Case: "a/b", Transport: "udp", Verdict: reports.Inconclusive, Reason: "slow"}}, []string{"unjudged: a/b [udp]: slow"}},
		"all not possible": {[]reports.Result{{Case: "a/b", Transport: "udp", Verdict: reports.NotSupported, Reason: "no kick"}}, []string{"skipped: a/b [udp]: no kick", "unjudged: run: too few open files"}},
	} {
		if got := told(OfConformance(&reports.Conformance{Header: inconclusive, Results: test.results})); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// What the run's own impairment of the path has cost is no failure.
func TestOfImpairedLoad(t *testing.T) {
	run := OfLoad(&reports.Load{
		Header:     reports.Header{Outcome: reports.OutcomePass},
		Impairment: &reports.Impairment{Specs: []string{"udp: drop=5%"}},
		Messages: []reports.Ledger{
			{Kind: "c2c", Sent: 3, Acknowledged: 2, Delivered: 1, Impaired: reports.ImpairedMessages{Dropped: 9, Unacked: 1, Undelivered: 2}},
		},
		Sessions: reports.Sessions{LoggedIn: 9, LostByCause: map[string]int64{reports.CauseImpaired: 2}},
	})
	for _, c := range run.Checks {
		if c.Status != Passed {
			t.Errorf("%s: %s", c.Name, c.Message)
		}
	}
}
