package index

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
	"imcheck/reports/diff"
	"imcheck/reports/words"
)

// trend has figures of the same unit for every run of a group.
type trend struct {
	title  string
	note   string
	column string // begins the titles of the columns of its table; may be ""
	unit   string // one of package chart, or a word
	lines  []trendLine
}

// unitCases is the unit of what is counted.
const unitCases = "cases"

// unitRate is the unit of a throughput.
const unitRate = "messages a second"

// trendLine is one figure of every run of a group; NaN of a run that lacks it.
type trendLine struct {
	name   string
	values []float64
}

// trends returns the trends of a group, without those for which no run has a figure.
func (g runGroup) trends() []trend {
	if g.kind == reports.KindConformance {
		return present([]trend{g.verdicts("Cases that passed", reports.Pass), g.verdicts("Other verdicts", otherVerdicts...), g.heartbeats()})
	}
	if g.kind == reports.KindCapacity {
		return present([]trend{g.capacity()})
	}
	return present(append(g.latencies(), g.throughput(), g.memory()))
}

// otherVerdicts are drawn in a chart of their own, as there are hundreds of passes. Cases
// that were not run say nothing about a target.
var otherVerdicts = []reports.Verdict{reports.Fail, reports.Error, reports.UnexpectedPass, reports.ExpectedFailure, reports.Warn, reports.Inconclusive}

func present(all []trend) []trend {
	return slices.DeleteFunc(all, func(t trend) bool { return len(t.lines) == 0 })
}

// line adds a figure to t, unless no run has it.
func (t *trend) line(name string, runs []Run, figure func(Run) (v float64, has bool)) {
	line := trendLine{name: name}
	any := false
	for _, run := range runs {
		v, has := figure(run)
		if !has {
			v = math.NaN()
		}
		any = any || has
		line.values = append(line.values, v)
	}
	if any {
		t.lines = append(t.lines, line)
	}
}

// verdicts counts cases. Of the bad ones those are drawn that came at all, and
// failures in any case: a reader hopes for a line at 0.
func (g runGroup) verdicts(title string, shown ...reports.Verdict) trend {
	t := trend{title: title, unit: unitCases}
	for _, v := range shown {
		count := func(run Run) (float64, bool) { return float64(reports.CountVerdicts(run.Conformance.Results)[v]), true }
		came := slices.ContainsFunc(g.runs, func(run Run) bool { n, _ := count(run); return n > 0 })
		if came || v == reports.Pass || v == reports.Fail {
			t.line(content.PastWords(v), g.runs, count)
		}
	}
	return t
}

// expiryCase is the case that measures when a silent session ends.
const expiryCase = "heartbeat/expiry"

// heartbeats returns the trend of the drift of the expiry: by how much later than the
// protocol says a silent session ended, for each sense mode and transport.
func (g runGroup) heartbeats() trend {
	t := trend{title: "Heartbeat drift", column: "drift", unit: chart.Milliseconds,
		note: "how long after its nominal time a silent session ended; the median of repeated rounds. On UDP the end does not show by itself: see the verdict."}
	var keys []diff.CaseKey
	measured := map[*reports.Conformance]map[diff.CaseKey][]reports.Measurement{}
	for _, run := range g.runs {
		measured[run.Conformance] = expiries(run.Conformance)
		for key := range measured[run.Conformance] {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.SortFunc(keys, func(a, b diff.CaseKey) int {
		return cmp.Or(reports.CompareModes(a.Mode, b.Mode), reports.CompareTransports(a.Transport, b.Transport))
	})
	for _, key := range keys {
		name := content.Where(key.Transport, key.Mode)
		if g.newest().Conformance.Target.SenseModes[key.Transport] == key.Mode {
			name = key.Transport
		}
		t.line(name, g.runs, func(run Run) (float64, bool) {
			expiries := measured[run.Conformance][key]
			if len(expiries) == 0 {
				return 0, false
			}
			return diff.Median(expiries, func(m reports.Measurement) float64 { return m.Value - m.Lower }), true
		})
	}
	return t
}

// expiries returns the measured expiries.
func expiries(c *reports.Conformance) map[diff.CaseKey][]reports.Measurement {
	found := map[diff.CaseKey][]reports.Measurement{}
	for key, results := range diff.Cases(c) {
		if key.ID != expiryCase {
			continue
		}
		for _, r := range results {
			for _, m := range r.Measurements {
				if m.Rule != reports.RuleBracket {
					found[key] = append(found[key], m)
				}
			}
		}
	}
	return found
}

// latencies are p50 and p99 of each kind.
func (g runGroup) latencies() (trends []trend) {
	var kinds []reports.LatencyKind
	for _, run := range g.runs {
		for _, l := range run.Load.Latencies {
			if l.Count > 0 && !slices.Contains(kinds, l.Kind) {
				kinds = append(kinds, l.Kind)
			}
		}
	}
	slices.SortStableFunc(kinds, func(a, b reports.LatencyKind) int {
		return cmp.Compare(reports.Rank(reports.LatencyKinds, a), reports.Rank(reports.LatencyKinds, b))
	})
	for _, kind := range kinds {
		t := trend{title: "Latency: " + content.KindWords(kind), column: content.KindWords(kind), unit: chart.Microseconds}
		for _, percentile := range []float64{50, 99} {
			t.line("p"+words.Trimmed(percentile), g.runs, func(run Run) (float64, bool) {
				l, has := totalLatency(run.Load, kind)
				return float64(l.At(percentile)), has
			})
		}
		trends = append(trends, t)
	}
	return trends
}

// totalLatency returns the latency of a kind on all transports from the origin in which
// it is compared; ok is false without values.
func totalLatency(l *reports.Load, kind reports.LatencyKind) (reports.Latency, bool) {
	for _, row := range l.Latencies {
		if row.Kind == kind && row.Transport == reports.AllTransports && row.From == l.ComparedFrom(kind) && row.Count > 0 {
			return row, true
		}
	}
	return reports.Latency{}, false
}

// figures returns the trends as a table, the newest run first.
func (g runGroup) figures(trends []trend, dir string) content.Table {
	t := content.Table{Titles: []string{"run", "started (UTC)"}}
	rows := make([][]string, len(g.runs))
	for i, run := range g.runs {
		rows[i] = []string{runName(dir, run.Folder), runStart(g.header(run).Started)}
	}
	for _, trend := range trends {
		for _, line := range trend.lines {
			t.Titles = append(t.Titles, " "+strings.TrimSpace(trend.column+" "+line.name))
			for i, v := range line.values {
				rows[i] = append(rows[i], trend.words(v))
			}
		}
	}
	slices.Reverse(rows)
	for _, row := range rows {
		t.AddText(row...)
	}
	return t
}

// words formats a figure with its unit.
func (t trend) words(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case t.unit == unitCases:
		return words.Grouped(int64(v))
	case t.unit == chart.Milliseconds:
		return words.Signed(v)
	case t.unit == chart.Microseconds:
		return words.Microseconds(int64(v))
	case t.unit == unitRate:
		return words.Trimmed(v) + " /s"
	case t.unit == chart.Bytes:
		return words.ByteSize(int64(v))
	}
	return words.Trimmed(v) + " " + t.unit
}

func (g runGroup) throughput() trend {
	t := trend{title: "Throughput", unit: unitRate}
	for _, m := range g.newest().Load.Messages {
		t.line(fmt.Sprintf("%s %s", m.Kind, content.ArrivedWord(m)), g.runs, func(run Run) (float64, bool) {
			for _, other := range run.Load.Messages {
				if other.Kind == m.Kind {
					return content.PerSecond(other, run.Load), true
				}
			}
			return 0, false
		})
	}
	return t
}

func (g runGroup) memory() trend {
	t := trend{title: "Memory a client", column: "memory", unit: chart.Bytes,
		note: "what the generator took for each client, and the server too where it ran in the same process."}
	t.line("a client", g.runs, func(run Run) (float64, bool) {
		n := run.Load.Generator.BytesPerClient
		return float64(n), n > 0
	})
	return t
}

// mainLatencies lists the kinds that may represent a load; the first that it has does.
var mainLatencies = []reports.LatencyKind{
	reports.KindC2CDelivery, reports.KindEcho, reports.KindS2CDelivery, reports.KindC2CAck,
	reports.KindFanOut, reports.KindC2SAck, reports.KindHeartbeat, reports.KindBacklog, reports.KindRelogin, reports.KindLogin,
}

// mainLatency returns the latency that represents a load.
func mainLatency(l *reports.Load) (reports.Latency, bool) {
	for _, kind := range mainLatencies {
		if found, has := totalLatency(l, kind); has {
			return found, true
		}
	}
	return reports.Latency{}, false
}
