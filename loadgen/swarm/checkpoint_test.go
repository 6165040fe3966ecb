package swarm

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/harness/usage"
	"imcheck/reports"
)

// A run hands over its report so far, of which each has more than the one before, and which
// says that it is not the whole.
func TestCheckpoints(t *testing.T) {
	c := load()
	c.Duration, c.CheckpointEvery = 25*time.Second, 10*time.Second
	c.Thresholds = parsed(t, "login.count==60")
	var mu sync.Mutex
	var handed []*reports.Load
	c.Checkpoint = func(l *reports.Load) {
		mu.Lock()
		defer mu.Unlock()
		handed = append(handed, l)
	}
	whole := runVirtual(t, c, nil)
	if whole.Unfinished != nil || whole.Outcome != reports.OutcomePass {
		t.Errorf("the run itself: %+v: %s", whole.Unfinished, whole.Reason)
	}
	if len(handed) < 2 || len(handed) > 3 {
		t.Fatalf("%d checkpoints in %d ms", len(handed), whole.DurationMs)
	}
	sent := int64(0)
	for i, l := range handed {
		at := int64(i+1) * 10_000
		if l.DurationMs < at || l.DurationMs > at+1000 || l.Unfinished == nil || l.Unfinished.PlannedMs != 30_000 {
			t.Errorf("checkpoint %d: %d ms, %+v", i+1, l.DurationMs, l.Unfinished)
		}
		if l.SentCount() <= sent || len(l.Timeline) != int(l.DurationMs/1000) || l.Sessions.LoggedIn != 60 || l.Sessions.AtEnd != 60 {
			t.Errorf("checkpoint %d: %d messages, %d samples, %+v", i+1, l.SentCount(), len(l.Timeline), l.Sessions)
		}
		if delivered := latencyOf(l, reports.KindC2CDelivery, reports.AllTransports, reports.FromDue).Count; delivered == 0 || delivered > l.SentCount() {
			t.Errorf("checkpoint %d: %d deliveries of %d messages", i+1, delivered, l.SentCount())
		}
		if len(l.Thresholds) != 1 || !l.Thresholds[0].Held {
			t.Errorf("checkpoint %d: %+v", i+1, l.Thresholds)
		}
		if l.Outcome != reports.OutcomeInconclusive || !strings.Contains(l.Reason, "the run had not ended when this was written") || l.ExitCode != 4 {
			t.Errorf("checkpoint %d: %s (%d): %s", i+1, l.Outcome, l.ExitCode, l.Reason)
		}
		sent = l.SentCount()
	}
	if sent > whole.SentCount() {
		t.Errorf("the whole run has %d messages, the last checkpoint %d", whole.SentCount(), sent)
	}
}

// leakingSource is a process that grows by a share of its memory in an hour.
type leakingSource struct {
	start time.Time
	share float64
}

func (s leakingSource) String() string { return "process 4711" }

func (s leakingSource) Read(context.Context) (usage.Reading, error) {
	wave := int64(time.Since(s.start).Seconds()) % 60 * 100_000 // garbage that is collected
	return usage.Reading{
		At: time.Now(), Resident: int64(1e9*(1+s.share*time.Since(s.start).Hours())) + wave, OpenFiles: 70, GCs: usage.Unknown, GCTime: usage.Unknown,
	}, nil
}

// A target that leaks fails the threshold on its slope, and one that does not holds it.
func TestSoakOfALeak(t *testing.T) {
	for _, test := range []struct {
		name    string
		share   float64
		outcome reports.Outcome
		course  reports.TrendCourse
	}{
		{"a leak", 0.3, reports.OutcomeFail, reports.TrendRising},
		{"none", 0, reports.OutcomePass, reports.TrendSteady},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, described := startServer(t, memory.New())
				defer s.Close()
				c := load()
				c.Target, c.Scenario, c.Clients, c.Transports = described, ScenarioIdle, 1, streams[:1]
				c.Ramp, c.Warmup, c.Duration = 0, 0, 45*time.Minute
				c.TargetUsage = leakingSource{time.Now(), test.share}
				c.Thresholds = parsed(t, "target.memory_slope<10%/h", "target.open_files_slope<=0%/h")
				l, err := Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if l.Outcome != test.outcome || len(l.Trends) == 0 || l.Trends[0].Course != test.course || !l.Thresholds[1].Held {
					t.Errorf("%s: %s\n%+v\n%+v", l.Outcome, l.Reason, l.Trends, l.Thresholds)
				}
			})
		})
	}
}
