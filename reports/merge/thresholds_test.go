package merge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// Every threshold of any shard is held once, in the order in which they come.
func TestMergeFindsThresholds(t *testing.T) {
	shards := newShards(t, 3)
	const a, b, c = "login.count>=0", "login.count>=1", "abort:login.count>=2"
	shards[0].load.Thresholds = []reports.Threshold{{Expression: a}, {Expression: b, Held: true}}
	shards[2].load.Thresholds = []reports.Threshold{{Expression: b}, {Expression: c, EndedRun: true}}
	m, err := Loads(saveAll(t, shards), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Judge(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, threshold := range m.Load.Thresholds {
		got = append(got, threshold.Expression)
	}
	if want := []string{a, b, c}; !slices.Equal(got, want) {
		t.Errorf("thresholds are %q, want %q", got, want)
	}
	if ended := m.Load.Thresholds[2].EndedShards; !slices.Equal(ended, []int{3}) {
		t.Errorf("%s has ended the shards %v, want the third", c, ended)
	}
}

func TestMergeJudgesThresholds(t *testing.T) {
	held, crossed := reports.Threshold{Expression: "h<1", Held: true}, reports.Threshold{Expression: "c<1", Actual: 2, Unit: "ms"}
	undetermined := reports.Threshold{Expression: "u<1", Unknown: true, Note: "nobody knows"}
	fail := func(s *shardFixture) { s.load.Outcome, s.load.Reason = reports.OutcomeFail, "by itself" }
	part := func(s *shardFixture) {
		fail(s)
		s.load.Thresholds, s.load.Sessions.LoggedIn = []reports.Threshold{crossed}, 1
	}
	tests := []struct {
		name       string
		thresholds []reports.Threshold
		change     func(second *shardFixture)
		want       reports.Outcome
		reason     string
	}{
		{"all held", []reports.Threshold{held}, nil, reports.OutcomePass, "none between them"},
		{"one crossed", []reports.Threshold{held, crossed, undetermined}, nil, reports.OutcomeFail, "1 of 3 thresholds was crossed: c<1 measured 2ms"},
		{"two crossed", []reports.Threshold{crossed, crossed}, nil, reports.OutcomeFail, "2 of 2 thresholds were crossed"},
		{"crossed, and a shard failed", []reports.Threshold{crossed}, fail, reports.OutcomeFail, "crossed: c<1 measured 2ms; shard 2: by itself"},
		{"one not known", []reports.Threshold{held, undetermined}, nil, reports.OutcomeInconclusive, "1 of 2 thresholds is not known to hold: u<1: nobody knows"},
		{"a failure says more than what is not known", []reports.Threshold{undetermined}, fail, reports.OutcomeFail, "shard 2: by itself"},
		{"crossed by the part only", []reports.Threshold{held}, part, reports.OutcomePass, "none between them"},
		{"a slow generator crossed it", []reports.Threshold{crossed}, func(s *shardFixture) {
			s.load.Outcome, s.load.Reason, s.load.Generator.Bottleneck = reports.OutcomeInconclusive, "slow", true
		}, reports.OutcomeInconclusive, "shard 2: slow"},
		{"nobody there", []reports.Threshold{crossed}, func(s *shardFixture) { s.load.Outcome, s.load.Reason = reports.OutcomeUnreachable, "gone" }, reports.OutcomeUnreachable, "gone"},
		{"less than asked for", []reports.Threshold{crossed}, func(s *shardFixture) { s.load.Outcome = reports.OutcomeInconclusive }, reports.OutcomeFail, "crossed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits for the disk
			shards := newShards(t, 2)
			if test.change != nil {
				test.change(shards[1])
			}
			m, err := Loads(saveAll(t, shards), false)
			if err != nil {
				t.Fatal(err)
			}
			m.judgeBy(slices.Clone(test.thresholds))
			l := m.Load
			if l.Outcome != test.want || l.ExitCode != test.want.ExitCode() || !strings.Contains(l.Reason, test.reason) {
				t.Errorf("%s (exit %d): %s; want %s: …%s…", l.Outcome, l.ExitCode, l.Reason, test.want, test.reason)
			}
			if l.Shards[1].Outcome != shards[1].load.Outcome {
				t.Errorf("shard 2 is shown as %s, it came to %s", l.Shards[1].Outcome, shards[1].load.Outcome)
			}
		})
	}
}

// With shards missing the run is inconclusive, whatever the thresholds say of
// the rest; one that holds for what is there does not hold for the whole.
func TestMergeNamesMissingShards(t *testing.T) {
	dirs := saveAll(t, newShards(t, 4))
	for of, want := range map[int]string{4: "", 3: "shard 4 is missing", 2: "shards 3, 4 are missing"} {
		m, err := Loads(dirs[:of], true)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Missing(); got != want {
			t.Errorf("of %d shards %q, want %q", of, got, want)
		}
		m.judgeBy([]reports.Threshold{{Expression: "u", Unknown: want != "", Held: want == "", Note: want}})
		if l := m.Load; (l.Outcome == reports.OutcomePass) != (want == "") || !strings.HasPrefix(l.Reason, want) {
			t.Errorf("of %d shards: %s: %s", of, l.Outcome, l.Reason)
		}
	}
}

// The last login is the last of all shards, by the clock of the whole run.
func TestMergeFindsTheLastLogin(t *testing.T) {
	shards := newShards(t, 3)
	shards[0].load.LastLoginMs = 900.5
	shards[1].load.LastLoginMs = 700.25
	shards[1].load.Started = reporttest.LogStart.Add(time.Second)
	m, err := Loads(saveAll(t, shards), false)
	if err != nil || m.Load.LastLoginMs != 1700.25 {
		t.Errorf("got %v ms, %v; want 1700.25", m.Load.LastLoginMs, err)
	}
}
