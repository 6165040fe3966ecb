package diff

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// worseLine is one regression in a sentence; without What it is a remark.
type worseLine struct{ What, Why string }

// maxWorse bounds the regressions of a kind that are listed before everything else.
const maxWorse = 5

// worse describes each regression in a sentence, and counts those of a kind of which
// there are many: cases, times, the outcome, counts of messages,
// trends, what the target used, latencies.
func (d *Diff) worse() (lines []worseLine) {
	if c := d.Conformance; c != nil {
		lines = append(firstOf(c.worseCases(), "cases"), firstOf(c.worseTimes(), "measured times")...)
	}
	if l := d.Load; l != nil {
		if l.OutcomeRegress {
			lines = append(lines, worseLine{"outcome of the load", fmt.Sprintf("%s, was %s", l.NewOutcome, l.OldOutcome)})
		}
		lines = append(lines, firstOf(l.worseCounts(), "counts of messages")...)
		lines = append(lines, firstOf(l.worseTrends(), "trends")...)
		lines = append(lines, firstOf(l.worseUses(), "figures of the target")...)
		lines = append(lines, firstOf(l.worse(), "latencies")...)
	}
	if c := d.Capacity; c != nil && c.Judgement == Regressed {
		lines = append(lines, worseLine{"capacity", c.change()})
	}
	return lines
}

// firstOf keeps the first lines, and counts the others.
func firstOf(lines []worseLine, of string) []worseLine {
	if more := len(lines) - maxWorse; more > 1 { // the one would take no more room
		return append(lines[:maxWorse:maxWorse], worseLine{Why: fmt.Sprintf("and %d more %s, below", more, of)})
	}
	return lines
}

func (c *Conformance) worseCases() (lines []worseLine) {
	for _, change := range JoinTransports(c.Changes) {
		if change.Regression {
			lines = append(lines, worseLine{change.Name(), change.worse()})
		}
	}
	return lines
}

func (c *Conformance) worseTimes() (lines []worseLine) {
	for _, t := range c.Drifts {
		if t.Judgement == Regressed {
			lines = append(lines, worseLine{
				fmt.Sprintf("%s of %s [%s]", t.Name, t.Case, content.Where(t.Transport, t.SenseMode)),
				fmt.Sprintf("%s, was %s: it has drifted by %s", words.Milliseconds(t.NewMs), words.Milliseconds(t.OldMs), words.Signed(t.DriftMs))})
		}
	}
	return lines
}

// totals returns the latencies of all transports together, and of one transport
// where it alone has regressed.
func (l *Load) totals() (rows []Latency) {
	type row struct {
		kind       reports.LatencyKind
		percentile float64
	}
	total := map[row]Judgement{}
	for _, latency := range l.Latencies {
		if latency.Transport == reports.AllTransports {
			total[row{latency.Kind, latency.Percentile}] = latency.Judgement
		}
	}
	for _, latency := range l.Latencies {
		alone := latency.Judgement == Regressed && total[row{latency.Kind, latency.Percentile}] != Regressed
		if latency.Transport == reports.AllTransports || alone {
			rows = append(rows, latency)
		}
	}
	return rows
}

// worse returns a line for each kind of latency and transport that has regressed. Where
// the sum of the transports has, the line includes each of them.
func (l *Load) worse() (lines []worseLine) {
	type row struct {
		kind      reports.LatencyKind
		transport string
	}
	var order []row
	regressed := map[row][]string{}
	for _, latency := range l.Latencies {
		if latency.Judgement != Regressed {
			continue
		}
		r := row{latency.Kind, latency.Transport}
		if regressed[r] == nil {
			order = append(order, r)
		}
		regressed[r] = append(regressed[r], fmt.Sprintf("p%s %s, was %s",
			words.Trimmed(latency.Percentile), words.Microseconds(latency.NewUs), words.Microseconds(latency.OldUs)))
	}
	for _, r := range order {
		total := row{r.kind, reports.AllTransports}
		if r != total && regressed[total] != nil {
			continue
		}
		name := fmt.Sprintf("%s [%s]", content.KindWords(r.kind), r.transport)
		if r == total {
			name = content.KindWords(r.kind)
			var parts []string
			for _, other := range order {
				if other.kind == r.kind && other != total {
					parts = append(parts, other.transport)
				}
			}
			if len(parts) > 0 {
				regressed[r] = append(regressed[r], "likewise on "+strings.Join(parts, ", "))
			}
		}
		lines = append(lines, worseLine{name, strings.Join(regressed[r], "; ")})
	}
	return lines
}
