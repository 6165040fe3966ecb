package diff

import (
	"fmt"
	"math"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Count is a number of messages that is better small, as the ledgers of both runs have it.
// Runs that sent different numbers are compared by its share of what was sent.
type Count struct {
	Messages   reports.MessageKind `json:"messages"`
	Counter    string              `json:"counter"` // name of a counter
	Old        int64               `json:"old"`
	New        int64               `json:"new"`
	OldPercent float64             `json:"oldPercent"`       // of what was sent
	NewPercent float64             `json:"newPercent"`       // of what was sent
	NoiseP     *float64            `json:"noiseP,omitempty"` // probability of such counts when nothing has changed, 0 to 1; nil within the bounds
	Judgement  Judgement           `json:"judgement"`
}

// counter is a number in a ledger that is better small.
type counter struct {
	name string
	of   func(reports.Ledger) int64
	// floor is the change in percent of what was sent up to which it is held: of what the
	// protocol makes up for a few are nothing.
	floor float64
	known func(*reports.Load) bool // of a run; nil when every run has it
}

// madeUpFor is the floor of counters whose messages got through all the same.
const madeUpFor = 0.1

// counters lists what is compared, what weighs most first.
var counters = []counter{
	{name: "lost", of: func(m reports.Ledger) int64 { return m.Lost }},
	{name: "missing", of: func(m reports.Ledger) int64 { return m.Missing }},
	{name: "pending", of: func(m reports.Ledger) int64 { return m.Pending }},
	{name: "too late", of: func(m reports.Ledger) int64 { return m.TooLate }},
	{name: "late ACKs", of: func(m reports.Ledger) int64 { return m.LateACKs }},
	{name: "from nobody", of: func(m reports.Ledger) int64 { return m.Unexpected }},
	{name: "spurious", of: func(m reports.Ledger) int64 { return m.Spurious }, floor: madeUpFor, known: counts(reports.CounterSpurious)},
	{name: "called lost", of: func(m reports.Ledger) int64 { return m.CalledLost }, floor: madeUpFor, known: counts(reports.CounterCalledLost)},
	{name: "duplicated", of: func(m reports.Ledger) int64 { return m.Duplicated }, floor: madeUpFor},
	{name: "retransmits", of: func(m reports.Ledger) int64 { return m.Retransmits }, floor: madeUpFor},
	{name: "reordered", of: func(m reports.Ledger) int64 { return m.Reordered }, floor: madeUpFor},
}

// counts reports whether a run has an optional counter.
func counts(name string) func(*reports.Load) bool {
	return func(l *reports.Load) bool { return slices.Contains(l.Counters, name) }
}

// compareCounts compares the ledgers of the kinds of messages that both runs sent. Counters
// that are 0 in both are left out. limited is whether a generator was the bottleneck.
func compareCounts(before, after *reports.Load, bounds Bounds, limited bool) (list []Count) {
	for _, old := range before.Messages {
		old = before.Blamed(old)
		i := slices.IndexFunc(after.Messages, func(m reports.Ledger) bool { return m.Kind == old.Kind })
		if i < 0 || old.Sent <= 0 || after.Messages[i].Sent <= 0 {
			continue
		}
		for _, c := range counters {
			if c.known != nil && !(c.known(before) && c.known(after)) {
				continue
			}
			if row := c.compare(old, after.Blamed(after.Messages[i]), bounds); row.Old > 0 || row.New > 0 {
				if limited && (row.Judgement == Regressed || row.Judgement == Improved) {
					row.Judgement = Inconclusive
				}
				list = append(list, row)
			}
		}
	}
	return list
}

// compare judges one counter. A count below 0, as in a part of a run, is 0 to it.
func (c counter) compare(before, after reports.Ledger, bounds Bounds) Count {
	row := Count{Messages: before.Kind, Counter: c.name, Old: max(0, c.of(before)), New: max(0, c.of(after)), Judgement: Held}
	row.OldPercent, row.NewPercent = 100*float64(row.Old)/float64(before.Sent), 100*float64(row.New)/float64(after.Sent)
	rise := row.NewPercent - row.OldPercent
	if math.Abs(rise) <= c.floor || math.Abs(rise) <= row.OldPercent*bounds.MaxP99Percent/100 {
		return row
	}
	row.Judgement = Improved
	p := 0.0
	if rise > 0 {
		row.Judgement = Regressed
		p = byChance(row.Old, before.Sent, row.New, after.Sent)
	} else {
		p = byChance(row.New, after.Sent, row.Old, before.Sent)
	}
	row.NoiseP = &p
	if p >= noiseLevel {
		row.Judgement = Noise
	}
	return row
}

// exactUpTo is the number of messages up to which byChance adds up probabilities; beyond it
// the normal distribution is as good.
const exactUpTo = 1000

// byChance returns the probability that of as many messages as both runs counted the run
// that has more would count as many or more, if each of the messages that were sent was as
// likely to be counted: the binomial test. Losses come in clusters, for which it is too
// sure; a small count is noise all the same.
func byChance(fewer, sentThere, more, sentHere int64) float64 {
	all := fewer + more
	here := float64(sentHere) / float64(sentThere+sentHere)
	if all > exactUpTo {
		n := float64(all)
		return math.Erfc((float64(more)-0.5-n*here)/math.Sqrt(2*n*here*(1-here))) / 2
	}
	p := 0.0
	logChoose := func(k int64) float64 {
		n, _ := math.Lgamma(float64(all + 1))
		a, _ := math.Lgamma(float64(k + 1))
		b, _ := math.Lgamma(float64(all - k + 1))
		return n - a - b
	}
	for k := more; k <= all; k++ {
		p += math.Exp(logChoose(k) + float64(k)*math.Log(here) + float64(all-k)*math.Log1p(-here))
	}
	return min(1, p)
}

// counted counts the rows with a judgement.
func (l *Load) counted(j Judgement) int {
	return countOf(l.Counts, func(row Count) bool { return row.Judgement == j })
}

// worseCounts returns a line for each counter that has regressed.
func (l *Load) worseCounts() (lines []worseLine) {
	for _, row := range l.Counts {
		if row.Judgement == Regressed {
			lines = append(lines, worseLine{row.name(), row.change()})
		}
	}
	return lines
}

// name is such as "c2c spurious".
func (c Count) name() string { return string(c.Messages) + " " + c.Counter }

// change is such as "838 (16.8 % of those sent), was 0 (0 %)".
func (c Count) change() string {
	return fmt.Sprintf("%s (%s of those sent), was %s (%s)", words.Grouped(c.New), share(c.NewPercent), words.Grouped(c.Old), share(c.OldPercent))
}

// share writes a percentage with three digits after the point at most.
func share(percent float64) string { return words.Trimmed(math.Round(percent*1000)/1000) + " %" }

// countTable shows the counters that are not as they were, or all.
func countTable(list []Count, all bool) namedTable {
	t := namedTable{"Messages", content.Table{Titles: []string{"messages", "counter", " old", " new", " old share", " new share", " p of noise", "judgement"}}}
	for _, c := range list {
		if !all && (c.Judgement == Held || c.Judgement == Noise) {
			continue
		}
		t.Add(content.Cell{Text: string(c.Messages)}, content.Cell{Text: c.Counter}, content.Cell{Text: words.Grouped(c.Old)}, content.Cell{Text: words.Grouped(c.New)},
			content.Cell{Text: share(c.OldPercent)}, content.Cell{Text: share(c.NewPercent)}, content.Cell{Text: chanceWords(c.NoiseP)},
			content.Cell{Text: string(c.Judgement), Class: judgementClasses[c.Judgement]})
	}
	return t
}
