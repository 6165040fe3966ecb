package cli

import (
	"imcheck/loadgen/books"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/live"
)

// showLoad shows a moment of a load, as --metrics and the progress on the terminal do.
func (v *liveView) showLoad(s swarm.Snapshot, closedLoop, inProcess bool) {
	if v.board == nil {
		return
	}
	v.history.Add(s.Second)
	l := &live.Load{
		Clients: s.Clients, ClosedLoop: closedLoop, InProcess: inProcess, Second: s.Second, Total: s.Total, Late: tooLate(s),
	}
	l.Timeline, l.Per = v.history.Samples()
	for cause, n := range s.Errors {
		l.Errors = appendCount(l.Errors, books.ErrorCauseNames[cause], n)
	}
	for _, cause := range swarm.LossCauses {
		l.Lost = appendCount(l.Lost, cause, s.Lost[cause])
	}
	v.update(func(state *live.State) {
		state.Load = l
		if state.Search != nil {
			return // its phase is the step, its time that of the search
		}
		state.Phase, state.ElapsedMs, state.PlannedMs = phaseWords(s), s.Elapsed.Milliseconds(), s.Planned.Milliseconds()
	})
}

// appendCount adds what there was.
func appendCount(counts []live.Count, cause string, n int64) []live.Count {
	if n == 0 {
		return counts
	}
	return append(counts, live.Count{Cause: cause, Count: n})
}

// search begins to show a search, of which c has the plan.
func (v *liveView) search(c *reports.Capacity) {
	v.update(func(s *live.State) { s.Search, s.Phase = c, "before the first step" })
}

// beginStep shows that a step of a search begins.
func (v *liveView) beginStep(step reports.CapacityStep, unit string) {
	v.history = live.History{}
	v.update(func(s *live.State) {
		s.Phase, s.Load = stepWords(step, unit), nil
	})
}

// endStep adds a step that has ended.
func (v *liveView) endStep(step reports.CapacityStep) {
	v.update(func(s *live.State) {
		s.Search.Steps = append(s.Search.Steps, step)
		s.Phase = "after " + content.StepLine(s.Search.Unit, step)
	})
}
