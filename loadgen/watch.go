package loadgen

import (
	"time"

	"imcheck/reports"
)

// figures gathers what thresholds are held against at a time of the run.
// recorder has what all workers have measured; how clients recovered is known
// at the end only.
func (s *swarm) figures(recorder *recorder, now time.Duration, recovery *reports.Recovery) *figures {
	f := &figures{
		recorder: recorder, messages: s.totals(), online: s.online.now.Load(), counted: s.counted(now),
		recovery: recovery, gap: noGaps,
	}
	for _, w := range s.workers {
		f.loggedIn += w.activity.loggedIn.Load()
		f.lost += w.activity.lost.Load()
		f.dropped += w.dropped.Load()
		f.notOnline += w.notOnline.Load()
		f.blocked += w.blocked.Load()
		f.lastLogin = max(f.lastLogin, time.Duration(w.activity.lastLogin.Load()))
	}
	return f
}

// counted is how much of the steady part is over at a time of the run.
func (s *swarm) counted(now time.Duration) time.Duration {
	from, to := s.schedule.Steady()
	return max(0, min(to, now)-from)
}

// crossed finds a threshold of those that end the run which does not hold any
// more. It is called once a second, and merges only the histograms that it needs.
func (s *swarm) crossed(now time.Duration) *reports.Threshold {
	merged := newRecorder(nil)
	var f *figures
	for _, t := range s.config.Thresholds {
		if !t.abort {
			continue
		}
		s.gather(merged, t.figure)
		if f == nil {
			f = s.figures(merged, now, nil)
		}
		if judged, known := t.judge(f); known && !judged.Held {
			return &judged
		}
	}
	return nil
}

// gather merges what a figure is read from, once.
func (s *swarm) gather(merged *recorder, f figure) {
	switch f.subject {
	case kindNames[f.kind]:
		if merged.total(f.kind, reports.AllTransports, f.origin).TotalCount() > 0 {
			return
		}
		merged.mergeKind(s.intervals.total, f.kind) // what was taken away from the workers
		for _, w := range s.workers {
			merged.mergeKind(w.recorder, f.kind)
		}
	case figureLateness:
		if merged.lateness.TotalCount() > 0 {
			return
		}
		merged.mergeLateness(s.intervals.total)
		for _, w := range s.workers {
			merged.mergeLateness(w.recorder)
		}
	}
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
