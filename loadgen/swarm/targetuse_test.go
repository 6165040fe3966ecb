package swarm

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/usage"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/reports"
)

// busySource is a process that keeps half a processor busy and grows by 1,000 bytes a
// second; readings fail once.
type busySource struct {
	start time.Time
	fails int // number of the reading that does
	reads int
}

func (s *busySource) String() string { return "process 4711" }

func (s *busySource) Read(context.Context) (usage.Reading, error) {
	if s.reads++; s.reads == s.fails {
		return usage.Reading{}, errors.New("no luck")
	}
	passed := time.Since(s.start)
	return usage.Reading{
		At: time.Now(), CPU: passed / 2, Resident: 50_000 + 1000*int64(passed/time.Second), OpenFiles: int64(10 - s.reads), GCs: usage.Unknown, GCTime: usage.Unknown,
	}, nil
}

// What counts is what the target used in the part of the run that counts; a reading that
// fails is counted, and its second has none.
func TestTargetWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &busySource{start: time.Now(), fails: 5}
		r := &run{config: Config{TargetUsage: source}, Run: scenario.Run{
			Start: time.Now(), Schedule: plan.NewSchedule(plan.Spec{Clients: 10, Ramp: 2 * time.Second, Warmup: time.Second, Duration: 6 * time.Second}),
		}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := newTargetWatch(ctx, r)
		go w.watch(ctx)
		var samples []*reports.TargetSample
		for range 10 {
			time.Sleep(time.Second)
			synctest.Wait()
			samples = append(samples, w.sample())
		}
		for i, s := range samples {
			switch {
			case i == 3: // the fifth reading, of which the first is that before the run
				if s != nil {
					t.Errorf("second %d: %+v although the reading failed", i, *s)
				}
			case s == nil || math.Abs(s.CPU-0.5) > 1e-9 || s.Resident != 50_000+1000*int64(i+1):
				t.Errorf("second %d: %+v", i, s)
			}
		}
		load := &reports.Load{SteadyMs: 6000, Messages: []reports.Ledger{{Sent: 600}}, Sessions: reports.Sessions{PeakOnline: 10}}
		want := reports.TargetUse{
			Source: "process 4711", Readings: 10, Failed: 1, Failure: "no luck", MeasuredMs: 6000, CPUSeconds: 3,
			BeforeBytes: 50_000, EndBytes: 59_000, PeakBytes: 60_000, OpenFiles: 9, CPUMicrosPerMessage: 5000, BytesPerSession: 900,
		}
		if got := *w.report(load); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}
