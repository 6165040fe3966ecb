package swarm

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/loadgen/books"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// figures gathers what thresholds are compared with while the run goes on.
func (s *swarm) figures(histograms verdict.Histograms, now time.Duration) *verdict.Figures {
	f := &verdict.Figures{
		Histograms: histograms, Messages: s.totals(), Online: s.online.Now.Load(), Counted: s.counted(now),
	}
	for _, w := range s.workers {
		f.LoggedIn += w.activity.LoggedIn.Load()
		f.Lost += w.activity.Lost.Load()
		f.Dropped += w.dropped.Load()
		f.NotOnline += w.notOnline.Load()
		f.Blocked += w.blocked.Load()
	}
	f.LastLogin = s.lastLogin()
	return f
}

// lastLogin returns when the last login was, since the start.
func (s *swarm) lastLogin() (at time.Duration) {
	for _, w := range s.workers {
		at = max(at, time.Duration(w.activity.LastLogin.Load()))
	}
	return at
}

// counted returns how much of the steady part is over at a time of the run.
func (s *swarm) counted(now time.Duration) time.Duration {
	from, to := s.schedule.Steady()
	return max(0, min(to, now)-from)
}

// crossed finds a threshold of those that end the run which does not hold any
// more. It is called once a second, and merges only the histograms that it needs.
func (s *swarm) crossed(now time.Duration) *reports.Threshold {
	var f *verdict.Figures
	for _, t := range s.config.Thresholds {
		if !t.Aborts() {
			continue
		}
		if f == nil {
			f = s.figures(&liveHistograms{swarm: s, merged: books.NewRecorder(nil)}, now)
		}
		if judged, known := t.Judge(f); known && !judged.Held {
			return &judged
		}
	}
	return nil
}

// liveHistograms are those of a run that goes on. Each kind is merged when it is first
// asked for.
type liveHistograms struct {
	swarm    *swarm
	merged   *books.Recorder
	kinds    [books.Kinds]bool // kinds that are merged
	lateness bool              // is merged
}

// Latency implements verdict.Histograms.
func (l *liveHistograms) Latency(name, transport, from string) *hdrhistogram.Histogram {
	k := books.Kind(slices.Index(books.KindNames[:], name))
	if !l.kinds[k] {
		l.kinds[k] = true
		l.merged.MergeKind(l.swarm.intervals.Total, k) // what was taken away from the workers
		for _, w := range l.swarm.workers {
			l.merged.MergeKind(w.recorder, k)
		}
	}
	return l.merged.Total(k, transport, slices.Index(books.Origins[:], from))
}

// Lateness implements verdict.Histograms.
func (l *liveHistograms) Lateness() *hdrhistogram.Histogram {
	if !l.lateness {
		l.lateness = true
		l.merged.MergeLateness(l.swarm.intervals.Total)
		for _, w := range l.swarm.workers {
			l.merged.MergeLateness(w.recorder)
		}
	}
	return l.merged.Lateness
}

// markAbort notes which threshold ended the run. What it measured then is what
// it reports, whatever the figure has come to since.
func markAbort(judged []reports.Threshold, e ending) {
	if e.crossed == nil {
		return
	}
	for i := range judged {
		if judged[i].Expression == e.crossed.Expression {
			judged[i] = *e.crossed
			judged[i].EndedRun = true
		}
	}
}
