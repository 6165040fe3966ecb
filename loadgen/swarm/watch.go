package swarm

import (
	"time"

	"imcheck/loadgen/books"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// figures gathers what thresholds are compared with while the run goes on.
func (s *swarm) figures(histograms verdict.Histograms, now time.Duration) *verdict.Figures {
	f := &verdict.Figures{
		Histograms: histograms, Messages: s.blamed(), Online: s.online.Now.Load(), Counted: s.counted(now),
		Dropped: s.books.NotMade(books.TooLate), NotOnline: s.books.NotMade(books.NotOnline), Blocked: s.books.NotMade(books.Blocked),
		LastLogin: s.books.LastLogin(),
	}
	away := s.awaySoFar()
	f.NotOnline, f.Blocked = f.NotOnline-away.Offline, f.Blocked-away.Blocked
	if s.watched != nil {
		f.Target = s.watched.report(&reports.Load{
			Messages: f.Messages, SteadyMs: f.Counted.Milliseconds(), Sessions: reports.Sessions{PeakOnline: s.online.Peak.Load()},
			Latencies: []reports.Latency{{
				Kind: reports.KindHeartbeat, Transport: reports.AllTransports, From: reports.FromSend,
				Count: histograms.Latency(reports.KindHeartbeat, reports.AllTransports, reports.FromSend).TotalCount(),
			}},
		})
	}
	for _, w := range s.books {
		f.LoggedIn += w.Activity.LoggedIn.Load()
		f.Lost += w.Activity.Lost.Load()
	}
	return f
}

// awaySoFar counts the messages that an outage of our own may have met.
func (s *swarm) awaySoFar() *reports.Away {
	away := &reports.Away{}
	if s.Outage.Any() {
		for _, w := range s.books {
			w.Outage.Enter(away, s.scenario.Flows())
		}
	}
	return away
}

// blamed adds up the messages so far, without what such an outage explains.
func (s *swarm) blamed() []reports.Ledger {
	so := &reports.Load{Recovery: &reports.Recovery{Away: s.awaySoFar()}}
	totals := s.totals()
	for i := range totals {
		totals[i] = so.Blamed(totals[i])
	}
	return totals
}

// counted returns how much of the steady part is over at a time of the run.
func (s *swarm) counted(now time.Duration) time.Duration {
	from, to := s.Schedule.Steady()
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
			f = s.figures(books.NewLive(s.books, s.intervals), now)
		}
		if judged, known := t.Judge(f); known && !judged.Held {
			return &judged
		}
	}
	return nil
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
