package cli

import (
	"time"

	"imcheck/reports"
)

// swarmFigures puts what a swarm has measured on the time axis of the run. l is nil when it
// has left no report.
func (r *loadedRun) swarmFigures(s *swarmProcess, steady time.Time, l *reports.Load, err error) *reports.LevelSwarm {
	if l == nil {
		return &reports.LevelSwarm{SteadyFromMs: r.since(steady), Outcome: reports.OutcomeUnreachable, Reason: err.Error()}
	}
	from := r.since(l.Started)
	f := &reports.LevelSwarm{
		Clients: l.ClientCount(), FromMs: from, SteadyFromMs: r.since(steady), ToMs: from + l.DurationMs,
		Outcome: l.Outcome, Reason: l.Reason, LatenessP99Us: l.Generator.LatenessP99Us,
	}
	for _, m := range l.Messages {
		f.Sent, f.Delivered = f.Sent+m.Sent, f.Delivered+m.Delivered
		f.Lost, f.Retransmits = f.Lost+m.Lost, f.Retransmits+m.Retransmits
	}
	if l.SteadyMs > 0 {
		f.SentPerSecond = float64(f.Sent) * 1000 / float64(l.SteadyMs)
	}
	f.Kind, f.P99Us = mainLatency(l)
	last := int64(0)
	for _, second := range l.Timeline {
		r.under.Seconds = append(r.under.Seconds, reports.LoadSecond{
			AtMs: from + second.AtMs, LengthMs: second.AtMs - last, Sent: second.Sent, Delivered: second.Delivered,
			P99Us: second.P99Us, LateP99Us: second.LateP99Us,
		})
		last = second.AtMs
	}
	return f
}

// mainLatency returns the 99th percentile of the kind of latency that a load is about.
func mainLatency(l *reports.Load) (kind string, p99 int64) {
	for _, wanted := range []reports.LatencyKind{reports.KindC2CDelivery, reports.KindS2CDelivery, reports.KindEcho, reports.KindC2SAck, reports.KindHeartbeat, reports.KindLogin} {
		for _, row := range l.Latencies {
			if row.Kind == wanted && row.Transport == reports.AllTransports && row.From == l.ComparedFrom(wanted) && row.Count > 0 {
				return string(wanted), row.P99Us
			}
		}
	}
	return "", 0
}
