package suite

import (
	"time"

	"imcheck/reports"
)

// excuse makes a case inconclusive during which this process was stopped: its verdict
// says nothing about the target.
func (r *run) excuse(f *Finished) {
	result := &f.Result
	if result.Verdict == reports.Skipped || result.Verdict == reports.NotSupported {
		return
	}
	from := r.started.Add(duration(result.StartedMs))
	pause, found := r.lag.pauses.During(from, from.Add(duration(result.DurationMs)))
	if !found {
		return
	}
	f.Trouble = pause.String()
	result.Verdict, result.Reason = reports.Inconclusive, f.Trouble
	result.Expected, result.Actual = "", ""
	markUnclear(result.Measurements)
	r.applyLevel(result, f.Item.Level)
}

// duration is the inverse of milliseconds.
func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
