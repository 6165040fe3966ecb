package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/words"
)

// loadedRun is a run of the cases at several levels of load, one after the other.
type loadedRun struct {
	*conformFlags
	app      *app
	target   *target.Target
	selected []suite.Item
	skipped  []suite.Skipped
	bar      *progress
	started  time.Time
	files    int // open files for the cases

	usual    time.Duration // time that the cases take without load
	answers  time.Duration // time in which the target answers without load
	report   *reports.Conformance
	under    *reports.UnderLoad
	scratch  string // for the swarms of a run without --out; "" with
	notSaved error
}

// checkUnderLoad runs the items without load and at each level of it, and reports what gave
// way first.
func (a *app) checkUnderLoad(ctx context.Context, f *conformFlags, t *target.Target, selected []suite.Item, skipped []suite.Skipped) int {
	r := &loadedRun{
		conformFlags: f, app: a, target: t, selected: selected, skipped: skipped, bar: newProgress(a.err), started: time.Now(),
		under: &reports.UnderLoad{Scenario: f.underLoad.described.Name(), Axis: f.underLoad.axis},
	}
	if err := f.underLoad.check(t); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if err := r.divideUsers(); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if err := r.clearFolders(); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	defer os.RemoveAll(r.scratch) // of a run with --out it is "", which removes nothing
	r.bar.note("%s on %s without load, then under load of the scenario %s at %s, seed %d",
		casesInRounds(len(selected), f.repeat), describe(t), f.underLoad.scenario, f.underLoad.levelWords(), f.seed)
	f.noteImpairment(r.bar)
	files, err := f.prepare(ctx, t, selected, r.bar)
	if r.files = files; err == nil {
		r.answers = usualAnswer(ctx, t)
	}
	r.withoutLoad(ctx, err)
	for _, level := range f.underLoad.levels {
		if r.report.Outcome == reports.OutcomeUnreachable || ctx.Err() != nil || !r.withLoad(ctx, level) {
			break
		}
	}
	r.bar.done()
	return r.conclude(ctx)
}

// clearFolders removes what an earlier run has left in the folders of levels, and makes a
// folder for the swarms of a run that saves nothing.
func (r *loadedRun) clearFolders() (err error) {
	if r.out == "" {
		r.scratch, err = os.MkdirTemp("", "imcheck-under-load-")
		return err
	}
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || !isLevelFolder(entry.Name()) {
			continue
		}
		dir := filepath.Join(r.out, entry.Name())
		for _, kind := range []string{reports.KindConformance, reports.KindLoad} {
			if _, err := folder.Clear(dir, kind); err != nil {
				return fmt.Errorf("--out: %w", err)
			}
		}
		_ = os.Remove(dir) // unless somebody has put something there
	}
	return nil
}

// since returns a moment on the time axis of the run.
func (r *loadedRun) since(at time.Time) int64 { return max(0, at.Sub(r.started).Milliseconds()) }

// withoutLoad runs the cases while nobody else keeps the target busy. err is why they cannot
// be run; nil when they can.
func (r *loadedRun) withoutLoad(ctx context.Context, err error) {
	level := reports.LoadLevel{}
	var finished []suite.Finished
	began := time.Now()
	if err == nil {
		finished, err = r.repeatItems(ctx, r.target, r.selected, r.files, &caseProgress{bar: r.bar, lead: "no load: "})
	}
	r.usual = time.Since(began)
	c := r.enter(&level, finished, began, err)
	r.report = &reports.Conformance{}
	*r.report = *c
	r.report.Results = slices.Clone(c.Results)
	for i := range r.report.Results {
		if trace := &r.report.Results[i].Trace; *trace != "" {
			*trace = filepath.Join(folderOf(0), *trace)
		}
	}
	if err == nil {
		n := len(r.underLoad.levels)
		r.bar.note("no load: %s, in %s; %s take about %s more", cameTo(c), words.RunTime(r.usual.Milliseconds()),
			words.Counted(int64(n), "level", "levels"), words.RunTime((time.Duration(n) * (r.usual + r.aroundSwarm())).Milliseconds()))
	}
}

// aroundSwarm is about the time that a level takes besides its cases: until the swarm has
// reached its load, and until what it has under way at the end is over.
func (r *loadedRun) aroundSwarm() time.Duration {
	const startAndEnd = 5 * time.Second
	o := r.underLoad.described.Options
	return o.Ramp + o.Warmup + o.RampDown + startAndEnd
}

// cameTo is the outcome of a level in a few words.
func cameTo(c *reports.Conformance) string { return string(c.Outcome) + ": " + c.Reason }

// enter makes the report of a level, saves it in the folder of the level, and adds it to the
// whole.
func (r *loadedRun) enter(level *reports.LoadLevel, finished []suite.Finished, began time.Time, err error) *reports.Conformance {
	c := r.conformFlags.report(r.app, r.target, finished, r.skipped, began, err)
	if c.Outcome != reports.OutcomePass || level.Outcome == "" { // else the load was not there
		level.Outcome, level.Reason = c.Outcome, c.Reason
	}
	level.CasesFromMs, level.CasesToMs = r.since(began), r.since(time.Now())
	if r.out != "" {
		level.Folder = folderOf(level.Load)
		dir := filepath.Join(r.out, level.Folder)
		if failed := saveConformance(dir, c, finished); failed != nil {
			r.notSaved = errors.Join(r.notSaved, fmt.Errorf("conform: writing to %s: %w", dir, failed))
		}
	}
	r.under.Add(*level, c.Results)
	return c
}

// withLoad runs the cases at one level of load. It returns false when a further level would
// say nothing: the target is gone, or the swarm did not last.
func (r *loadedRun) withLoad(ctx context.Context, load float64) (goOn bool) {
	r.underLoad.running = load
	defer func() { r.underLoad.running = 0 }()
	level := reports.LoadLevel{Load: load}
	name := r.under.Axis.Words(load)
	s, err := r.startSwarm(ctx, load)
	if err == nil {
		defer s.Stop()
		r.bar.show("%s: the swarm logs in", name)
		err = s.awaitLoad(ctx)
	}
	if err != nil {
		r.notLoaded(ctx, level, s, err)
		return false
	}
	steady, began := time.Now(), time.Now()
	finished, err := r.repeatItems(ctx, r.target, r.selected, r.files, &caseProgress{bar: r.bar, lead: name + ": "})
	early := s.ended()
	r.bar.show("%s: the swarm ends", name)
	l, swarmErr := s.end(ctx)
	level.Swarm = r.swarmFigures(s, steady, l, swarmErr)
	doubt, lacking := doubtOf(l, swarmErr, early && err == nil, r.target.Tolerance)
	if doubt != "" && ctx.Err() == nil {
		excuse(finished, doubt)
	}
	if err == nil {
		level.RecoveryMs = awaitRecovery(ctx, r.target, r.answers)
	}
	if lacking {
		level.Outcome, level.Reason = reports.OutcomeInconclusive, doubt
	}
	r.enter(&level, finished, began, err)
	r.bar.note("%s: %s: %s", name, level.Outcome, level.Reason)
	return err == nil && !early && l != nil
}

// notLoaded enters a level whose swarm did not reach its load: no case was run.
func (r *loadedRun) notLoaded(ctx context.Context, level reports.LoadLevel, s *swarmProcess, err error) {
	level.Outcome, level.Reason = reports.OutcomeUnreachable, err.Error()
	if ctx.Err() != nil {
		level.Reason = "interrupted"
	}
	if s != nil {
		s.Stop()
		if l := s.report(); l != nil && l.Outcome == reports.OutcomeInconclusive {
			level.Outcome = l.Outcome
		}
	}
	level.CasesFromMs = r.since(time.Now())
	level.CasesToMs = level.CasesFromMs
	r.under.Add(level, nil)
	r.bar.note("%s: %s: %s", r.under.Axis.Words(level.Load), level.Outcome, level.Reason)
}

// leastShare is the share of what was due that a swarm has to send for its load to count.
const leastShare = 0.95

// doubtOf says why what fails at a level says nothing about the target: the load was lacking,
// so that what passes says nothing either, or the machine so busy that the generator was later
// than measured times may be. It is "" when there is no reason to doubt. Sends that are a
// little late matter for latencies, which the load's own outcome is about, and not here.
func doubtOf(l *reports.Load, err error, early bool, tolerance time.Duration) (reason string, lacking bool) {
	if err != nil {
		return "the load did not last: " + err.Error(), true
	}
	g, sent := l.Generator, l.SentCount()
	due := sent + g.DroppedArrivals
	if len(l.Sessions.LostByCause) == 0 { // else the target may have thrown out who was to send
		due += g.OfflineArrivals
	}
	late := time.Duration(g.LatenessP99Us) * time.Microsecond
	switch {
	case early || l.Outcome == reports.OutcomeUnreachable:
		return "the load did not last: " + l.Reason, true
	case g.PausedMs > 0:
		return fmt.Sprintf("the process of the swarm was stopped for %d ms", g.PausedMs), true
	case float64(sent) < leastShare*float64(due):
		return fmt.Sprintf("the swarm sent only %d of the %d messages that were due", sent, due), true
	case late > tolerance:
		return fmt.Sprintf("this machine was too busy: 1 send of the swarm in 100 went out more than %v late", late.Round(time.Millisecond)), false
	}
	return "", false
}

// excuse makes what does not hold inconclusive, for a reason.
func excuse(finished []suite.Finished, reason string) {
	for i := range finished {
		result := &finished[i].Result
		if result.Verdict != reports.Fail && result.Verdict != reports.Warn {
			continue
		}
		result.Verdict = reports.Inconclusive
		result.Reason = reason + "; expected " + result.Expected + "; actual " + cmp.Or(result.Actual, result.Reason)
		result.Expected, result.Actual, finished[i].Trouble = "", "", reason
	}
}

// conclude judges the whole and hands its report over.
func (r *loadedRun) conclude(ctx context.Context) int {
	c := r.report
	c.Started, c.DurationMs = r.started, time.Since(r.started).Milliseconds()
	r.under.Finish()
	c.UnderLoad = r.under
	c.JudgeUnderLoad()
	if last := r.under.Levels[len(r.under.Levels)-1]; ctx.Err() != nil && last.Load > 0 {
		c.Conclude(reports.OutcomeUnreachable, "interrupted at "+r.under.Axis.Words(last.Load))
	}
	r.delivered = true
	d := delivery{
		verb: "conform", out: r.out, bundle: reports.Bundle{Conformance: c},
		save:  func() error { return folder.SaveConformance(r.out, c) },
		print: func() error { return r.app.printConformance(c, r.json, r.verbose) },
	}
	if err := errors.Join(d.deliver(r.app, r.bar), r.notSaved); err != nil {
		return r.app.failed(err)
	}
	return c.ExitCode
}
