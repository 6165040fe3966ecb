package verdict

import "imcheck/reports"

// targetCounter is a figure of the target's process.
type targetCounter struct {
	class unitClass
	value func(*reports.TargetUse) float64 // in microseconds, bytes or a number
	known func(*reports.TargetUse) bool    // whether it could be read
}

// targetCounters are the figures of the target's process, by statistic.
var targetCounters = map[string]targetCounter{
	"processors":      {unitCount, (*reports.TargetUse).Processors, func(u *reports.TargetUse) bool { return u.MeasuredMs > 0 }},
	"cpu_per_message": {unitTime, func(u *reports.TargetUse) float64 { return u.CPUMicrosPerMessage }, func(u *reports.TargetUse) bool { return u.CPUMicrosPerMessage > 0 }},
	"memory":          {unitSize, func(u *reports.TargetUse) float64 { return float64(u.EndBytes) }, func(u *reports.TargetUse) bool { return u.EndBytes > 0 }},
	"peak_memory":     {unitSize, func(u *reports.TargetUse) float64 { return float64(u.PeakBytes) }, func(u *reports.TargetUse) bool { return u.PeakBytes > 0 }},
	"session_memory":  {unitSize, func(u *reports.TargetUse) float64 { return float64(u.BytesPerSession) }, func(u *reports.TargetUse) bool { return u.BeforeBytes > 0 && u.EndBytes > 0 }},
	"open_files":      {unitCount, func(u *reports.TargetUse) float64 { return float64(u.OpenFiles) }, func(u *reports.TargetUse) bool { return u.OpenFiles > 0 }},
	"gc_time":         {unitTime, func(u *reports.TargetUse) float64 { return u.GCMs * 1000 }, func(u *reports.TargetUse) bool { return u.GCKnown }},
}

// targetValue returns a figure of the target's process; known is false while it was not read.
func (f *figure) targetValue(u *reports.TargetUse) (value float64, known bool) {
	c := targetCounters[f.statistic]
	if u == nil || !c.known(u) {
		return 0, false
	}
	return c.value(u), true
}

// targetGap returns the reason that a figure of the target's process is not known; "" when it is.
func (f *figure) targetGap(u *reports.TargetUse) string {
	if u == nil {
		return "nobody watched the target"
	}
	if c, ok := targetCounters[f.statistic]; ok && !c.known(u) {
		return "it could not be read of the target: " + u.Source + " does not say"
	}
	return ""
}
