package capacity

import (
	"fmt"

	"imcheck/harness/machine"
	"imcheck/loadgen/scenario"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// leastOffered is the share of the messages of a step that have to be sent; with fewer it
// was another load.
const leastOffered = 0.98

// judge decides what a step came to from the report of its run.
func (p *Plan) judge(l *reports.Load, step *reports.CapacityStep) {
	var outcome reports.Outcome
	outcome, step.Reason = verdict.DespiteLateness(l, p.Load.Thresholds)
	if outcome == reports.OutcomeInconclusive && l.Generator.BottleneckEvidence != "" {
		step.Reason = l.Generator.BottleneckEvidence
	}
	switch outcome {
	case reports.OutcomePass:
		step.Came, step.Reason = reports.CameHeld, ""
		if p.Search == reports.SearchRate && step.Offered < leastOffered*step.Load {
			step.Came = reports.CameUnusable
			step.Reason = fmt.Sprintf("the generator made %.1f %s only", step.Offered, p.Unit())
		}
	case reports.OutcomeInconclusive:
		step.Came = reports.CameUnusable
	case reports.OutcomeFail:
		step.Came = reports.CameGaveWay
		if local := machine.LocalCauseIn(step.Reason); local != "" && step.LostSessions > 0 {
			step.Came, step.Reason = reports.CameUnusable, local
		}
	default:
		step.Came = reports.CameGaveWay // it went away, and may come back
		if l.Sessions.LoggedIn == 0 {
			step.Came = reports.CameUnreachable
		}
	}
}

// measure enters the figures of a step from the report of its run.
func (p *Plan) measure(l *reports.Load, c swarm.Config, step *reports.CapacityStep) {
	step.DurationMs = l.DurationMs
	step.Thresholds = l.Thresholds
	step.LatenessP99Us = l.Generator.LatenessP99Us
	if l.DurationMs > 0 {
		step.GeneratorCPUPercent = 100 * l.Generator.CPUSeconds / (float64(l.DurationMs) / 1000)
	}
	if use := l.TargetUse; use != nil && use.MeasuredMs > 0 {
		percent := 100 * use.Processors()
		step.TargetCPUPercent = &percent
	}
	for _, m := range l.Messages {
		step.LostMessages += max(m.Lost+m.Pending, m.Missing)
	}
	for cause, lost := range l.Sessions.LostByCause {
		if cause == reports.CauseImpaired {
			continue
		}
		step.LostSessions += lost
	}
	p.measureLatency(l, c, step)
	p.measureThroughput(l, c, step)
}

// measureLatency enters the latency that users notice most.
func (p *Plan) measureLatency(l *reports.Load, c swarm.Config, step *reports.CapacityStep) {
	s, err := scenario.Of(&c.Options)
	if err != nil {
		return // it was checked
	}
	for _, row := range l.Latencies {
		if row.Kind == mainLatency(s) && row.Transport == reports.AllTransports && row.From == reports.FromDue && row.Count > 0 {
			step.Latency = row.Kind
			step.P50Us, step.P99Us, step.P999Us, step.MaxUs = row.P50Us, row.P99Us, row.P999Us, row.MaxUs
		}
	}
}

// measureThroughput enters the load that was made, and what the target kept up with. What
// was answered after the measured time took that time too, but for the last one in a hundred,
// such as a message that was lost once and sent again.
func (p *Plan) measureThroughput(l *reports.Load, c swarm.Config, step *reports.CapacityStep) {
	steady := float64(l.SteadyMs) / 1000
	until := steady + min(float64(l.SettledMs)/1000, float64(step.P99Us)/1e6)
	switch {
	case p.Search == reports.SearchClients:
		step.Offered, step.Achieved = float64(c.Clients), float64(l.Sessions.AtEnd)
	case steady <= 0:
	case l.SentCount() > 0:
		step.Offered = float64(l.SentCount()) / steady
		step.Achieved = float64(answered(l)) / until
	default: // those who leave send nothing
		step.Offered = c.Rate
		for _, row := range l.Latencies {
			if row.Kind == reports.KindRelogin && row.Transport == reports.AllTransports && row.From == reports.FromDue {
				step.Achieved = float64(row.Count) / steady
			}
		}
	}
}

// answered counts the messages that arrived, or whose ACK did where nobody sees them
// arrive.
func answered(l *reports.Load) (n int64) {
	for _, m := range l.Messages {
		if m.SeenArriving() {
			n += m.Delivered
		} else {
			n += m.Acknowledged
		}
	}
	return n
}
