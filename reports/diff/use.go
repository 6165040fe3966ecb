package diff

import (
	"fmt"
	"math"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Use is a figure of the target's process, which is better small, in both runs.
type Use struct {
	Name          string    `json:"name"`
	Unit          string    `json:"unit"` // "us" for microseconds, "bytes", "ms/s" or "" for a number
	Old           float64   `json:"old"`
	New           float64   `json:"new"`
	ChangePercent float64   `json:"changePercent"`    // relative to the old one; positive when it is more now
	NoiseP        *float64  `json:"noiseP,omitempty"` // probability of such samples when nothing has changed, 0 to 1; nil where there are none to compare
	Judgement     Judgement `json:"judgement"`
}

// usage is a figure of the target's process.
type usage struct {
	name, unit string
	floor      float64 // change up to which it is held, in its unit
	of         func(*reports.TargetUse) (value float64, known bool)
	sample     func(*reports.TargetSample) float64 // what the samples of both runs are compared by; nil for nothing
}

// usages lists what is compared.
var usages = []usage{
	{"CPU a message", "us", 0.5, func(u *reports.TargetUse) (float64, bool) { return u.CPUMicrosPerMessage, u.CPUMicrosPerMessage > 0 },
		func(s *reports.TargetSample) float64 { return s.CPU }},
	{"memory a session", "bytes", 256, func(u *reports.TargetUse) (float64, bool) {
		return float64(u.BytesPerSession), u.BeforeBytes > 0 && u.EndBytes > 0
	}, nil},
	{"memory at the end", "bytes", 4 << 20, func(u *reports.TargetUse) (float64, bool) { return float64(u.EndBytes), u.EndBytes > 0 }, nil},
	{"open files", "", 10, func(u *reports.TargetUse) (float64, bool) { return float64(u.OpenFiles), u.OpenFiles > 0 }, nil},
	{"garbage collection", "ms/s", 1, func(u *reports.TargetUse) (float64, bool) {
		return u.GCMs * 1000 / float64(max(1, u.MeasuredMs)), u.GCKnown && u.MeasuredMs > 0
	}, func(s *reports.TargetSample) float64 { return s.GCMs }},
}

// compareUse compares what the targets of two runs used, where both were watched. limited is
// whether a generator was the bottleneck.
func compareUse(before, after *reports.Load, bounds Bounds, limited bool) (list []Use) {
	if before.TargetUse == nil || after.TargetUse == nil {
		return nil
	}
	for _, u := range usages {
		old, known := u.of(before.TargetUse)
		now, also := u.of(after.TargetUse)
		if !known || !also {
			continue
		}
		row := Use{Name: u.name, Unit: u.unit, Old: old, New: now, Judgement: Held}
		if old > 0 {
			row.ChangePercent = 100 * (now - old) / old
		}
		if math.Abs(now-old) > u.floor && math.Abs(now-old) > old*bounds.MaxP99Percent/100 {
			u.judge(&row, before, after, limited)
		}
		list = append(list, row)
	}
	return list
}

// judge judges a change that is over its bounds. Where there are samples of it, one that the
// samples of one run differ by as much is noise.
func (u usage) judge(row *Use, before, after *reports.Load, limited bool) {
	row.Judgement = Improved
	if row.New > row.Old {
		row.Judgement = Regressed
	}
	if limited {
		row.Judgement = Inconclusive
		return
	}
	if u.sample == nil {
		return
	}
	less, more := u.samples(before), u.samples(after)
	if min(len(less), len(more)) < minSeconds {
		row.Judgement = Inconclusive
		return
	}
	found := noiseOf(less, more, row.New > row.Old)
	row.NoiseP = &found.p
	if found.p >= noiseLevel {
		row.Judgement = Noise
	}
}

// samples returns what the timeline of a run has while messages were sent or clients online,
// in thousandths.
func (u usage) samples(l *reports.Load) (values []int64) {
	for _, s := range l.Timeline {
		if s.Target != nil && s.AtMs > l.RampMs && s.AtMs <= l.RampMs+l.SteadyMs {
			values = append(values, int64(math.Round(1000*u.sample(s.Target))))
		}
	}
	return values
}

// uses counts the figures of the target's process with a judgement.
func (l *Load) uses(j Judgement) int {
	return countOf(l.Uses, func(row Use) bool { return row.Judgement == j })
}

// worseUses returns a line for each figure of the target's process that has regressed.
func (l *Load) worseUses() (lines []worseLine) {
	for _, row := range l.Uses {
		if row.Judgement == Regressed {
			lines = append(lines, worseLine{row.name(), row.change()})
		}
	}
	return lines
}

func (u Use) name() string { return u.Name + " of the target" }

// change is such as "12.5 µs, was 10 µs (+25 %)".
func (u Use) change() string {
	return fmt.Sprintf("%s, was %s (%s)", useWords(u.New, u.Unit), useWords(u.Old, u.Unit), signedPercent(u.ChangePercent))
}

// useWords writes a figure with its unit.
func useWords(v float64, unit string) string {
	switch unit {
	case "bytes":
		return words.ByteSize(int64(v))
	case "us":
		return words.Trimmed(math.Round(v*100)/100) + " µs"
	case "ms/s":
		return words.Trimmed(math.Round(v*100)/100) + " ms a second"
	}
	return words.Grouped(int64(v))
}

// useTable shows what the target's process used that is not as it was, or all.
func useTable(list []Use, all bool) namedTable {
	t := namedTable{"The target's process", content.Table{Titles: []string{"used", " old", " new", " change", " p of noise", "judgement"}}}
	for _, row := range list {
		if !all && (row.Judgement == Held || row.Judgement == Noise) {
			continue
		}
		t.Add(content.Cell{Text: row.Name}, content.Cell{Text: useWords(row.Old, row.Unit)}, content.Cell{Text: useWords(row.New, row.Unit)},
			content.Cell{Text: signedPercent(row.ChangePercent)}, content.Cell{Text: chanceWords(row.NoiseP)},
			content.Cell{Text: string(row.Judgement), Class: judgementClasses[row.Judgement]})
	}
	return t
}
