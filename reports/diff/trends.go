package diff

import (
	"fmt"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
)

// Trend compares where one figure went over both runs, in the unit of reports.Trend. The
// real slope of each is between its bounds.
type Trend struct {
	Figure    string              `json:"figure"`
	Unit      string              `json:"unit"`
	Old       float64             `json:"old"`
	OldLow    float64             `json:"oldLow"`
	OldHigh   float64             `json:"oldHigh"`
	OldCourse reports.TrendCourse `json:"oldCourse"`
	New       float64             `json:"new"`
	NewLow    float64             `json:"newLow"`
	NewHigh   float64             `json:"newHigh"`
	NewCourse reports.TrendCourse `json:"newCourse"`
	Judgement Judgement           `json:"judgement"`
}

// compareTrends compares the trends that both runs have. limited is whether a generator was
// the bottleneck.
func compareTrends(before, after *reports.Load, limited bool) (list []Trend) {
	for _, old := range before.Trends {
		i := slices.IndexFunc(after.Trends, func(t reports.Trend) bool { return t.Figure == old.Figure && t.Unit == old.Unit })
		if i < 0 {
			continue
		}
		now := after.Trends[i]
		row := Trend{
			Figure: old.Figure, Unit: old.Unit, Old: old.Slope, OldLow: old.Low, OldHigh: old.High, OldCourse: old.Course,
			New: now.Slope, NewLow: now.Low, NewHigh: now.High, NewCourse: now.Course, Judgement: judgeTrends(old, now),
		}
		if limited && (row.Judgement == Regressed || row.Judgement == Improved) {
			row.Judgement = Inconclusive
		}
		list = append(list, row)
	}
	return list
}

// judgeTrends judges a figure that is better steady: it regresses when it rises now, and by
// more than the bounds of both slopes could explain.
func judgeTrends(before, after reports.Trend) Judgement {
	switch {
	case before.Course == reports.TrendUnknown || after.Course == reports.TrendUnknown:
		return NotCompared
	case after.Course == reports.TrendRising && after.Low > before.High:
		return Regressed
	case before.Course == reports.TrendRising && before.Low > after.High:
		return Improved
	case after.Course == reports.TrendUnclear && before.Course != reports.TrendUnclear:
		return Inconclusive
	}
	return Held
}

// trends counts those with a judgement.
func (l *Load) trends(j Judgement) int {
	return countOf(l.Trends, func(row Trend) bool { return row.Judgement == j })
}

// worseTrends returns a line for each trend that has regressed.
func (l *Load) worseTrends() (lines []worseLine) {
	for _, row := range l.Trends {
		if row.Judgement == Regressed {
			lines = append(lines, worseLine{row.name(), row.change()})
		}
	}
	return lines
}

func (t Trend) name() string {
	return content.TrendName(reports.Trend{Figure: t.Figure}) + " over the run"
}

// change is such as "+5 % an hour (rising), was +0.1 % (steady)".
func (t Trend) change() string {
	return fmt.Sprintf("%s an hour (%s), was %s (%s)", content.SlopeWords(t.New, t.Unit), t.NewCourse, content.SlopeWords(t.Old, t.Unit), t.OldCourse)
}

// trendTable shows the trends that are not as they were, or all.
func trendTable(list []Trend, all bool) namedTable {
	t := namedTable{"Trends", content.Table{Titles: []string{"over the run", " old an hour", " new an hour", "old course", "new course", "judgement"}}}
	for _, row := range list {
		if !all && row.Judgement == Held {
			continue
		}
		t.AddText(content.TrendName(reports.Trend{Figure: row.Figure}), content.SlopeWords(row.Old, row.Unit), content.SlopeWords(row.New, row.Unit),
			string(row.OldCourse), string(row.NewCourse), string(row.Judgement))
		t.Rows[len(t.Rows)-1][5].Class = judgementClasses[row.Judgement]
	}
	return t
}
