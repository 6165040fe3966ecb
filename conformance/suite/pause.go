package suite

import (
	"time"

	"imcheck/reports"
)

// excuse takes the verdict of a case back that ran while this process did not: it
// says nothing of the target.
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
	doubt(result.Measurements)
	r.soften(result, f.Item.Level)
}

// duration is the inverse of milliseconds.
func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
