package content

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// UnfinishedWords explains the figures of a run that had not ended; "" of one that has.
func UnfinishedWords(l *reports.Load) string {
	if l.Unfinished == nil {
		return ""
	}
	return fmt.Sprintf("this is the report of a run that had not ended, of its first %s; it was to take %s: what is pending or missing may have been under way",
		words.RunTime(l.DurationMs), words.RunTime(l.Unfinished.PlannedMs))
}

// trendNames are figures in words, by what comes before "_slope".
var trendNames = map[string]string{
	"target.memory": "memory of the target", "target.session_memory": "memory of the target a session",
	"target.open_files": "open files of the target", "ledger.lost": "share of messages lost",
}

// TrendName returns the figure of a trend in words, such as "c2c delivery p99".
func TrendName(t reports.Trend) string {
	figure := strings.TrimSuffix(t.Figure, "_slope")
	if name, ok := trendNames[figure]; ok {
		return name
	}
	return strings.NewReplacer("_", " ", ".", " ").Replace(figure)
}

// trendClasses are the colours of courses: what rises is worth a look, whatever it is.
var trendClasses = map[reports.TrendCourse]string{
	reports.TrendRising: "odd", reports.TrendFalling: "quiet", reports.TrendSteady: "good", reports.TrendUnclear: "quiet", reports.TrendUnknown: "quiet",
}

// TrendTable returns where the figures of a run went.
func TrendTable(trends []reports.Trend) Table {
	rows := Table{Titles: []string{"over the run", " level", " an hour", " between", "course"}}
	for _, t := range trends {
		if t.Course == reports.TrendUnknown {
			rows.Add(Cell{Text: TrendName(t)}, Cell{}, Cell{}, Cell{}, Cell{string(t.Course) + ": " + t.Reason, trendClasses[t.Course]})
			continue
		}
		rows.Add(Cell{Text: TrendName(t)}, Cell{Text: trendLevel(t)}, Cell{Text: SlopeWords(t.Slope, t.Unit)},
			Cell{Text: SlopeWords(t.Low, t.Unit) + " and " + SlopeWords(t.High, t.Unit)}, Cell{string(t.Course), trendClasses[t.Course]})
	}
	return rows
}

// trendLevel returns the level of a figure with its unit.
func trendLevel(t reports.Trend) string {
	switch t.LevelUnit {
	case "bytes":
		return words.ByteSize(int64(t.Level))
	case "us":
		return words.Microseconds(int64(t.Level))
	case "%":
		return digits(t.Level) + " %"
	}
	return words.Grouped(int64(math.Round(t.Level)))
}

// SlopeWords returns a change in an hour, such as "+1.25 %".
func SlopeWords(slope float64, unit string) string {
	shown := map[string]string{reports.TrendShare: " %", reports.TrendPoints: " pp"}[unit]
	if text := digits(slope); strings.HasPrefix(text, "-") || text == "0" {
		return text + shown
	}
	return "+" + digits(slope) + shown
}

// digits writes a number with two digits after the point, or four of what is small: over a
// month that is much.
func digits(v float64) string {
	places := 1e4
	if math.Abs(v) >= 1 {
		places = 100
	}
	return strconv.FormatFloat(math.Round(v*places)/places+0, 'f', -1, 64)
}

// RisingWords describes the figures that rise over the run, each in a sentence.
func RisingWords(trends []reports.Trend) (texts []string) {
	for _, t := range trends {
		if t.Course != reports.TrendRising {
			continue
		}
		texts = append(texts, fmt.Sprintf("%s rises by %s an hour (between %s and %s), over %s from %s",
			TrendName(t), strings.TrimPrefix(SlopeWords(t.Slope, t.Unit), "+"), SlopeWords(t.Low, t.Unit), SlopeWords(t.High, t.Unit), words.RunTime(t.ToMs-t.FromMs), trendLevel(t)))
	}
	return texts
}
