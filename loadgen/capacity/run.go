package capacity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"imcheck/loadgen/options"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// Watcher is told of the steps of a search, one at a time.
type Watcher interface {
	// Begin announces a step. What it changes in the config counts: its progress and its log
	// of intervals.
	Begin(step reports.CapacityStep, c *swarm.Config)
	// Done has the step and the report of its run, which is nil when it did not come about.
	Done(step reports.CapacityStep, l *reports.Load) error
}

// Run does the steps of a search until its end or that of ctx, and reports what it has
// found. Clients log out at the end of each step, and the target is given time before the
// next. The plan has to be complete. Tool, Command, Target and Environment of the report
// are left to the caller.
//
// An error without a report is that of a first step that did not come about, see
// swarm.Run. With a report it says what went wrong in a later step, or in the watcher.
func Run(ctx context.Context, p *Plan, w Watcher) (*reports.Capacity, error) {
	r := p.report(time.Now())
	s := NewSearch(p.Bounds)
	var failure error
	var before recovery
	for failure == nil {
		next, more := s.Next()
		if !more {
			break
		}
		if !before.await(ctx, p) {
			s.Interrupt()
			break
		}
		step := reports.CapacityStep{
			Number: len(r.Steps) + 1, Load: next.Load, Why: next.Why, Folder: p.folder(len(r.Steps)+1, next.Load),
			StartedMs: time.Since(r.Started).Milliseconds(), PauseMs: before.took.Milliseconds(), Probes: before.probes,
		}
		c := p.Config(next.Load)
		w.Begin(step, &c)
		l, err := swarm.Run(ctx, c)
		if l == nil && step.Number == 1 {
			return nil, err
		}
		if l == nil { // such as ports or memory that there are not any more
			step.Came, step.Reason, step.Folder = reports.CameUnusable, err.Error(), ""
		} else {
			p.measure(l, c, &step)
			p.judge(l, &step)
			failure = err
		}
		if ctx.Err() != nil && (l == nil || l.Outcome == reports.OutcomeUnreachable) {
			step.Came = reports.CameInterrupted
		}
		before = recovery{needed: true, probed: step.Came != reports.CameHeld}
		s.Tell(step.Came)
		r.Steps = append(r.Steps, step)
		if err := w.Done(step, l); failure == nil {
			failure = err
		}
	}
	p.conclude(r, s.Result())
	return r, failure
}

// folder returns the folder of a step, below that of the search.
func (p *Plan) folder(number int, load float64) string {
	return fmt.Sprintf("%s/%02d-%s-%s", reports.StepsFolder, number, p.Search, verdict.LoadNumber(load))
}

// report is the report of a search that has found nothing yet.
func (p *Plan) report(started time.Time) *reports.Capacity {
	r := &reports.Capacity{
		Header: reports.Header{Schema: reports.SchemaVersion, Kind: reports.KindCapacity, Started: started.Round(time.Millisecond)},
		Search: p.Search, Unit: p.Unit(), Scenario: p.Load.Scenario, Seed: p.Load.Seed,
		Clients: p.Load.Clients, From: p.From, To: p.To, ToReason: p.toReason, WithinPercent: 100 * p.Within,
		WarmupMs: p.Load.Warmup.Milliseconds(), CountedMs: p.Load.Duration.Milliseconds(), RecoveryMs: p.Recovery.Milliseconds(),
		MaxSteps: p.MaxSteps(), MaxDurationMs: p.MaxDuration().Milliseconds(),
		Thresholds: p.Thresholds(), DefaultThresholds: p.defaults, Impairment: p.Load.ReportedImpairment(),
	}
	if p.Search == reports.SearchClients {
		r.Clients = 0
		if s, err := scenario.Of(&p.Load.Options); err == nil && slices.Contains(s.Uses(), options.Rate) {
			r.RatePerSecond = p.Load.Rate
		}
	}
	return r
}

// NotRun is the report of a search whose first step has not come about.
func NotRun(p *Plan, started time.Time, err error) *reports.Capacity {
	r := p.report(started)
	r.DurationMs, r.Ending = time.Since(started).Milliseconds(), reports.EndingGone
	r.Conclude(reports.OutcomeUnreachable, err.Error())
	return r
}

// conclude enters what was found, and the outcome.
func (p *Plan) conclude(r *reports.Capacity, found Result) {
	r.DurationMs = time.Since(r.Started).Milliseconds()
	r.Ending, r.Lower, r.Upper, r.Confirmed = found.Ending, found.Lower, found.Upper, found.Confirmed
	if r.Ending == "" { // a failure has ended it
		r.Ending = reports.EndingInterrupted
	}
	r.GaveWay = gaveWay(r.Steps, found.Upper)
	outcome, reason := verdict.OfCapacity(r)
	r.Conclude(outcome, reason)
}

// gaveWay says what did not hold at the upper bound, in the last step that says so.
func gaveWay(steps []reports.CapacityStep, upper float64) (g *reports.GaveWay) {
	for _, step := range steps {
		if step.Load != upper || step.Came != reports.CameGaveWay && step.Came != reports.CameUnreachable {
			continue
		}
		g = &reports.GaveWay{Step: step.Number, Reason: step.Reason}
		for _, t := range step.Thresholds {
			if !t.Held && !t.Unknown {
				g.Expression, g.Actual, g.Unit = t.Expression, t.Actual, t.Unit
				break
			}
		}
	}
	return g
}
