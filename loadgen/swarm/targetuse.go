package swarm

import (
	"context"
	"sync"
	"time"

	"imcheck/harness/usage"
	"imcheck/reports"
)

// targetWatch reads what the process of the target uses, once a second and beside the run:
// an answer may take its time.
type targetWatch struct {
	source usage.Source
	start  time.Time     // of the run
	from   time.Duration // the part that counts
	to     time.Duration

	mu     sync.Mutex
	latest usage.Reading // the zero value before the first
	use    reports.TargetUse
	first  usage.Reading // of the part that counts

	sampled usage.Reading // the supervisor's: the one that the last sample ended with
}

// newTargetWatch takes the reading before the first client; nil without a source.
func newTargetWatch(ctx context.Context, r *run) *targetWatch {
	source := r.config.TargetUsage
	if source == nil {
		return nil
	}
	w := &targetWatch{source: source, start: r.Start, use: reports.TargetUse{Source: source.String()}}
	w.from, w.to = r.Schedule.Steady()
	if w.read(ctx) {
		w.use.BeforeBytes = max(0, w.latest.Resident)
	}
	w.sampled = w.latest
	return w
}

// watch takes a reading a second until ctx is done.
func (w *targetWatch) watch(ctx context.Context) {
	if w == nil {
		return
	}
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			w.read(ctx)
		}
	}
}

// read takes a reading and reports whether there was one.
func (w *targetWatch) read(ctx context.Context) bool {
	reading, err := w.source.Read(ctx)
	if err != nil && ctx.Err() != nil {
		return false // it was cut off
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if w.use.Failed++; w.use.Failed == 1 {
			w.use.Failure = err.Error()
		}
		return false
	}
	w.latest = reading
	w.use.Readings++
	w.use.PeakBytes = max(w.use.PeakBytes, reading.Resident)
	w.use.OpenFiles = max(w.use.OpenFiles, reading.OpenFiles)
	if at := reading.At.Sub(w.start); at < w.from || at > w.to {
		return true
	}
	if w.first.At.IsZero() {
		w.first = reading
	}
	w.use.MeasuredMs = reading.At.Sub(w.first.At).Milliseconds()
	w.use.CPUSeconds = grown(reading.CPU, w.first.CPU).Seconds()
	w.use.EndBytes = max(0, reading.Resident)
	w.use.GCs = grown(reading.GCs, w.first.GCs)
	w.use.GCKnown = reading.GCs != usage.Unknown
	w.use.GCMs = float64(grown(reading.GCTime, w.first.GCTime)) / float64(time.Millisecond)
	return true
}

// grown returns by how much a figure has grown: 0 when it is not known, or when the process
// began anew.
func grown[N ~int64](to, from N) N {
	if to == usage.Unknown || from == usage.Unknown {
		return 0
	}
	return max(0, to-from)
}

// sample returns what the target used since the last sample; nil when nothing was read
// meanwhile.
func (w *targetWatch) sample() *reports.TargetSample {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	reading := w.latest
	w.mu.Unlock()
	before := w.sampled
	took := reading.At.Sub(before.At)
	w.sampled = reading
	if before.At.IsZero() || took <= 0 {
		return nil
	}
	return &reports.TargetSample{
		CPU: float64(grown(reading.CPU, before.CPU)) / float64(took), Resident: max(0, reading.Resident), OpenFiles: max(0, reading.OpenFiles),
		GCMs: float64(grown(reading.GCTime, before.GCTime)) / float64(time.Millisecond),
	}
}

// report relates what was read to a load; nil when nobody watched.
func (w *targetWatch) report(l *reports.Load) *reports.TargetUse {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	use := w.use
	w.mu.Unlock()
	use.Relate(l)
	return &use
}
