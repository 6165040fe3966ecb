package cli

import (
	"fmt"
	"time"

	"imcheck/loadgen/host"
	"imcheck/loadgen/swarm"
	"imcheck/reports/words"
)

// loadScreen shows how a load goes: a few lines on a terminal, one line elsewhere.
type loadScreen struct {
	bar                *progress
	prefix             string // before the stage, such as the step of a search
	arrived, latencies trail
}

// phaseWords returns the phase of a run, or the stage of its steady part that is under way.
func phaseWords(s swarm.Snapshot) string {
	if s.Stage > 0 {
		return fmt.Sprintf("stage %d/%d", s.Stage, s.Stages)
	}
	return string(s.Phase)
}

// show shows a moment of the load.
func (l *loadScreen) show(s swarm.Snapshot) {
	if s.Phase == swarm.PhaseOver {
		return // the report is next
	}
	second := s.Second
	l.arrived.add(second.Delivered)
	l.latencies.add(second.P99Us)
	l.bar.showScreen(l.lines(s),
		l.prefix+fmt.Sprintf("%-9s %3.0f of %.0f s", phaseWords(s), s.Elapsed.Seconds(), s.Planned.Seconds()),
		fmt.Sprintf("%d of %d online", second.Online, s.Clients),
		fmt.Sprintf("%d errors", second.Errors),
		"p99 "+microseconds(second.P99Us),
		fmt.Sprintf("%d/s sent", second.Sent),
		fmt.Sprintf("%d/s delivered", second.Delivered),
		fmt.Sprintf("%d logins/s", second.LoggedIn),
		"p50 "+microseconds(second.P50Us))
}

// lines are those of a terminal.
func (l *loadScreen) lines(s swarm.Snapshot) []screenLine {
	second := s.Second
	failed := line("errors     "+words.Grouped(s.Total.Errors), words.Grouped(second.Errors)+"/s")
	if s.Total.Errors > 0 {
		failed.class = "bad"
	}
	late := line("generator  p99 " + latencyWords(second.LateP99Us) + " late")
	if tooLate(s) {
		late.class, late.parts = "odd", append(late.parts, "too much: the figures are its own")
	}
	messages := line("messages   "+words.Grouped(second.Sent)+"/s sent", words.Grouped(second.Delivered)+"/s delivered")
	messages.trail = l.arrived.String()
	latency := line("latency    p99 "+latencyWords(second.P99Us), "p50 "+latencyWords(second.P50Us))
	latency.trail = l.latencies.String()
	return []screenLine{
		line(l.prefix + fmt.Sprintf("%-10s %.0f of %.0f s", phaseWords(s), s.Elapsed.Seconds(), s.Planned.Seconds())),
		line(fmt.Sprintf("clients    %s of %s online", words.Grouped(second.Online), words.Grouped(int64(s.Clients))), words.Grouped(second.LoggedIn)+" logins/s"),
		messages, latency, failed, late,
	}
}

// latencyWords writes a latency of the last second, in which there may have been none.
func latencyWords(us int64) string {
	if us == 0 {
		return "–"
	}
	return words.Microseconds(us)
}

// tooLate reports whether the generator was so late in the last second that the figures are
// its own rather than the target's.
func tooLate(s swarm.Snapshot) bool {
	return time.Duration(s.Second.LateP99Us)*time.Microsecond > host.LatenessBound
}

func microseconds(us int64) string {
	return (time.Duration(us) * time.Microsecond).Round(10 * time.Microsecond).String()
}
