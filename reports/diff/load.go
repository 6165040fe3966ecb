package diff

import (
	"cmp"
	"math"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Load compares how a target performed under the same load.
type Load struct {
	OldOutcome     reports.Outcome `json:"oldOutcome"`
	NewOutcome     reports.Outcome `json:"newOutcome"`
	OutcomeRegress bool            `json:"outcomeRegressed,omitempty"` // it passed, and fails or is gone
	Latencies      []Latency       `json:"latencies"`
	Counts         []Count         `json:"counts,omitempty"` // what is better small, of the messages of kinds that both runs sent
	Trends         []Trend         `json:"trends,omitempty"` // where figures went over the runs, of those that both have
	Uses           []Use           `json:"uses,omitempty"`   // what the target's process used, where both were watched
	Figures        []Figure        `json:"figures"`          // for information, without a bound
}

// Latency is one percentile of one latency since it was due, or since the
// send in a closed loop, where nothing is due.
type Latency struct {
	Kind          reports.LatencyKind `json:"kind"`
	Transport     string              `json:"transport"`  // AllTransports for the sum
	Percentile    float64             `json:"percentile"` // 50, 99 or 99.9
	OldUs         int64               `json:"oldUs"`
	NewUs         int64               `json:"newUs"`
	ChangePercent float64             `json:"changePercent"`           // relative to the old one; positive when it is slower now
	NoiseP        *float64            `json:"noiseP,omitempty"`        // probability of such seconds when nothing has changed, 0 to 1
	NoiseUnjudged string              `json:"noiseUnjudged,omitempty"` // reason that there is no NoiseP
	Unclear       string              `json:"unclear,omitempty"`       // reason that the change says nothing about the target
	Judgement     Judgement           `json:"judgement"`
}

// Figure is a figure of both runs that is not judged.
type Figure struct {
	Name string  `json:"name"`
	Unit string  `json:"unit"` // "/s", "bytes", "s" or "" for a count
	Old  float64 `json:"old"`
	New  float64 `json:"new"`
}

// percentiles are those that are compared.
var percentiles = [...]float64{50, 99, 99.9}

// OfLoad compares two runs that need not be in folders. Without their logs noise cannot
// be recognized, so that every change over the bounds counts. The error is an *Error.
func OfLoad(before, after *reports.Load, bounds Bounds) (*Load, error) {
	d := &Diff{Bounds: bounds}
	err := d.compareLoad(before, after, func(reports.LatencyKind, string, float64, bool) (noise, error) {
		return noise{missing: "the run"}, nil
	})
	return d.Load, err
}

// compareLoad fills in d.Load.
func (d *Diff) compareLoad(before, after *reports.Load, test noiseTest) error {
	if err := d.sides(before.Header, after.Header); err != nil {
		return err
	}
	if err := d.sameLoad(before, after); err != nil {
		return err
	}
	l := &Load{OldOutcome: before.Outcome, NewOutcome: after.Outcome, Latencies: []Latency{}, Figures: figuresOf(before, after)}
	l.OutcomeRegress = before.Outcome == reports.OutcomePass && (after.Outcome == reports.OutcomeFail || after.Outcome == reports.OutcomeUnreachable)
	limited := d.noteLimits(before, after)
	l.Counts = compareCounts(before, after, d.Bounds, limited)
	l.Trends = compareTrends(before, after, limited)
	l.Uses = compareUse(before, after, d.Bounds, limited)
	lateness, err := latenessOf(before, after)
	if err != nil {
		return err
	}
	for _, pair := range latencyPairs(before, after) {
		for _, percentile := range percentiles {
			row, err := compareLatency(pair, percentile, d.Bounds, test)
			if err != nil {
				return err
			}
			if row.Judgement == Regressed || row.Judgement == Improved {
				row.Unclear = unclear(pair, row, lateness)
				if limited || row.Unclear != "" {
					row.Judgement = Inconclusive
				}
			}
			if row.Unclear != "" {
				d.note("%s", row.Unclear)
			}
			if row.NoiseUnjudged != "" {
				d.note("%s", row.NoiseUnjudged)
			}
			l.Latencies = append(l.Latencies, row)
		}
	}
	d.Load = l
	return nil
}

// sameLoad refuses runs that did not ask the same of the target: their figures
// differ whatever the target did.
func (d *Diff) sameLoad(before, after *reports.Load) error {
	terms := content.LoadTerms(after)
	for i, was := range content.LoadTerms(before) {
		if is := terms[i].Value; was.Value != is {
			return incomparable("%s was %v in %s and %v in %s", was.Flag, was.Value, d.Old.Folder, is, d.New.Folder)
		}
	}
	return nil
}

// noteLimits notes what limits the comparison. A generator that was the
// bottleneck measured itself, so that nothing can be said of the target.
func (d *Diff) noteLimits(before, after *reports.Load) (bottleneck bool) {
	for _, run := range []struct {
		dir string
		*reports.Load
	}{{d.Old.Folder, before}, {d.New.Folder, after}} {
		if words := content.UnfinishedWords(run.Load); words != "" {
			d.note("%s: %s", run.dir, words)
		}
		if run.Generator.Bottleneck {
			d.note("in %s %s", run.dir, content.BottleneckSummary(run.Generator))
			bottleneck = true
		}
	}
	if a, b := words.RunTime(before.RampMs), words.RunTime(after.RampMs); a != b {
		d.note("the clients logged in within %s in %s and %s in %s", a, d.Old.Folder, b, d.New.Folder)
	}
	d.noteSeeds(before.Impairment, after.Impairment)
	if before.Generator.ServerInProcess != after.Generator.ServerInProcess {
		d.note("only one of the two runs had the server in the same process")
	}
	return bottleneck
}

// latencyPair is the same row of both runs; one that a run lacks has no values.
type latencyPair struct{ old, new reports.Latency }

// latencyPairs returns the latencies that are compared, in the order in which they
// are shown.
func latencyPairs(before, after *reports.Load) (pairs []latencyPair) {
	add := func(l reports.Latency) *latencyPair {
		i := slices.IndexFunc(pairs, func(p latencyPair) bool { return p.old.Kind == l.Kind && p.old.Transport == l.Transport })
		if i < 0 {
			i = len(pairs)
			pairs = append(pairs, latencyPair{reports.Latency{Kind: l.Kind, Transport: l.Transport}, reports.Latency{Kind: l.Kind, Transport: l.Transport}})
		}
		return &pairs[i]
	}
	for _, l := range before.Latencies {
		if l.From == before.ComparedFrom(l.Kind) {
			add(l).old = l
		}
	}
	for _, l := range after.Latencies {
		if l.From == after.ComparedFrom(l.Kind) {
			add(l).new = l
		}
	}
	slices.SortStableFunc(pairs, func(a, b latencyPair) int {
		return cmp.Or(cmp.Compare(reports.Rank(reports.LatencyKinds, a.old.Kind), reports.Rank(reports.LatencyKinds, b.old.Kind)),
			reports.CompareTransports(a.old.Transport, b.old.Transport))
	})
	return pairs
}

// compareLatency judges one percentile. Whether a change is noise is asked only
// of one that is over both bounds. Without logs the change counts; with too few
// seconds it does not, as short runs differ by more than any bound.
func compareLatency(pair latencyPair, percentile float64, bounds Bounds, test noiseTest) (Latency, error) {
	row := Latency{Kind: pair.old.Kind, Transport: pair.old.Transport, Percentile: percentile, Judgement: Held}
	row.OldUs, row.NewUs = pair.old.At(percentile), pair.new.At(percentile)
	if pair.old.Count == 0 || pair.new.Count == 0 {
		row.Judgement = NotCompared
		return row, nil
	}
	row.ChangePercent = change(float64(row.OldUs), float64(row.NewUs))
	if math.Abs(row.ChangePercent) <= bounds.MaxP99Percent || max(row.NewUs-row.OldUs, row.OldUs-row.NewUs) < bounds.MinP99Us {
		return row, nil
	}
	row.Judgement = Improved
	if row.NewUs > row.OldUs {
		row.Judgement = Regressed
	}
	found, err := test(row.Kind, row.Transport, percentile, row.NewUs > row.OldUs)
	if err != nil {
		return row, err
	}
	row.NoiseUnjudged = found.unjudged()
	switch {
	case row.NoiseUnjudged == "":
		row.NoiseP = &found.p
		if found.p >= noiseLevel {
			row.Judgement = Noise
		}
	case found.missing == "":
		row.Judgement = Inconclusive
	}
	return row, nil
}

// change returns the change from old to new in percent. Latencies below 1 µs count as
// 1 µs, so that nothing is divided by 0.
func change(before, after float64) float64 { return 100 * (after - before) / max(1, before) }

// figuresOf are throughput, losses and what the generator took.
func figuresOf(before, after *reports.Load) (figures []Figure) {
	for _, m := range before.Messages {
		i := slices.IndexFunc(after.Messages, func(other reports.Ledger) bool { return other.Kind == m.Kind })
		if i < 0 {
			continue
		}
		figures = append(figures,
			Figure{string(m.Kind) + " " + content.ArrivedWord(m), "/s", content.PerSecond(m, before), content.PerSecond(after.Messages[i], after)},
			Figure{string(m.Kind) + " lost or missing", "", float64(m.Lost + m.Missing), float64(after.Messages[i].Lost + after.Messages[i].Missing)})
	}
	figures = append(figures, stormFigures(before.Recovery, after.Recovery)...)
	a, b := before.Generator, after.Generator
	of := "generator"
	if a.ServerInProcess {
		of = "generator and server"
	}
	return append(figures,
		Figure{"memory of the " + of, "bytes", float64(a.ResidentBytes), float64(b.ResidentBytes)},
		Figure{"memory for a client", "bytes", float64(a.BytesPerClient), float64(b.BytesPerClient)},
		Figure{"CPU of the " + of, "s", a.CPUSeconds, b.CPUSeconds})
}

// latencies counts the percentiles with a judgement.
func (l *Load) latencies(j Judgement) int {
	return countOf(l.Latencies, func(row Latency) bool { return row.Judgement == j })
}

// countOf returns how many rows are of a sort.
func countOf[Row any](rows []Row, is func(Row) bool) (n int) {
	for _, row := range rows {
		if is(row) {
			n++
		}
	}
	return n
}
