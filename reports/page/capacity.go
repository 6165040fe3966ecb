package page

import (
	"errors"
	"html/template"
	"math"
	"regexp"
	"slices"

	"imcheck/reports"
	"imcheck/reports/chart"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// capacityView is a search for the capacity of a target, arranged for the page.
type capacityView struct {
	*reports.Capacity
	Summary string
	Notes   []string
	Tiles   []Tile
	Charts  []template.HTML
	Knee    Table
	Caption string
	Rows    []stepRow
}

// stepRow is one step, in the order in which they were made.
type stepRow struct {
	reports.CapacityStep
	Load  string
	Came  content.Presentation
	Page  string // link to the page of its load, "" for none
	Paced string // pause before it
}

func newCapacityView(c *reports.Capacity) (*capacityView, error) {
	view := &capacityView{
		Capacity: c, Summary: content.CapacitySummary(c), Notes: content.CapacityNotes(c), Tiles: capacityTiles(c),
		Knee: NewTable(withoutReasons(content.KneeTable(c))), Caption: content.KneeCaption(c),
	}
	for _, s := range c.Steps {
		view.Rows = append(view.Rows, stepRow{s, content.LoadWords(s.Load), content.CamePresentation(s.Came), stepPage(s.Folder), pauseWords(s)})
	}
	var err error
	view.Charts, err = KneeCharts(c)
	return view, err
}

// pauseWords says how long the pause before a step was, and how many probes were in it.
func pauseWords(s reports.CapacityStep) string {
	text := words.RunTime(s.PauseMs)
	if s.Probes > 0 {
		text += ", " + words.Counted(int64(s.Probes), "probe", "probes")
	}
	return text
}

// withoutReasons leaves out the last column of the table: the steps one by one have it.
func withoutReasons(t content.Table) content.Table {
	last := len(t.Titles) - 1
	shown := content.Table{Titles: t.Titles[:last]}
	for _, row := range t.Rows {
		shown.Add(row[:last]...)
	}
	return shown
}

// stepFolder is the place of a step's report: a link must not lead anywhere else.
var stepFolder = regexp.MustCompile(`^` + reports.StepsFolder + `/[0-9]+-[a-z]+-[0-9.]+$`)

// stepPage returns the link to the page of a step; "" when its report is not beside this one.
func stepPage(folder string) string {
	if !stepFolder.MatchString(folder) {
		return ""
	}
	return "./" + folder + "/" + reports.HTMLFile
}

// capacityTiles returns the figures at the top.
func capacityTiles(c *reports.Capacity) []Tile {
	figure := Tile{Label: "Capacity", Value: content.CapacityFigure(c)}
	if c.Ending == reports.EndingFound {
		figure.Class = "good"
	}
	tiles := []Tile{figure}
	if c.Upper > 0 {
		tiles = append(tiles, Tile{Label: "Does not hold", Value: content.LoadWords(c.Upper), Note: content.GaveWayWords(c.GaveWay)})
	}
	for _, s := range slices.Backward(c.Steps) {
		if s.Load == c.Lower && s.Latency != "" && s.Came == reports.CameHeld {
			return append(tiles, Tile{Label: content.KindWords(s.Latency) + ", p99, at this load", Value: words.Microseconds(s.P99Us),
				Note: "p50 " + words.Microseconds(s.P50Us) + ", p99.9 " + words.Microseconds(s.P999Us)})
		}
	}
	return tiles
}

// kneeLine is a line of a chart against the load: of a step, what it shows.
type kneeLine struct {
	name   string
	dashed bool
	value  func(reports.CapacityStep) float64
}

// KneeCharts draws what the steps measured against the load. A step that said nothing about
// the target is left out. A value that was 0 all along, or is not known, has no line.
func KneeCharts(c *reports.Capacity) (charts []template.HTML, err error) {
	for _, part := range []struct {
		title, unit string
		lines       []kneeLine
	}{
		{"Latency of " + content.KindWords(content.StepLatency(c)) + ", since due", chart.Microseconds, []kneeLine{
			{"p50", false, ofLatency(func(s reports.CapacityStep) int64 { return s.P50Us })},
			{"p99", false, ofLatency(func(s reports.CapacityStep) int64 { return s.P99Us })},
			{"p99.9", false, ofLatency(func(s reports.CapacityStep) int64 { return s.P999Us })}}},
		{"Achieved", c.Unit, []kneeLine{
			{"achieved", false, func(s reports.CapacityStep) float64 { return s.Achieved }},
			{"offered", true, func(s reports.CapacityStep) float64 { return s.Offered }}}},
		{"Lost", "messages and sessions of a step", []kneeLine{
			{"messages", false, func(s reports.CapacityStep) float64 { return float64(s.LostMessages) }},
			{"sessions", false, func(s reports.CapacityStep) float64 { return float64(s.LostSessions) }}}},
		{"CPU", "percent of one processor", []kneeLine{
			{generatorName(c), false, func(s reports.CapacityStep) float64 { return s.GeneratorCPUPercent }},
			{"target", false, targetCPU}}},
	} {
		lines := kneeLines(c, part.lines)
		if len(lines) == 0 {
			continue
		}
		drawing, failed := chart.Against(part.title, part.unit, c.Unit, lines, kneeSpans(c)...)
		err = errors.Join(err, failed)
		charts = append(charts, drawing)
	}
	return charts, err
}

// kneeLines returns the lines that have anything to show.
func kneeLines(c *reports.Capacity, of []kneeLine) (lines []chart.Line) {
	for i, line := range of {
		shown := chart.Line{Name: line.name, Dashed: line.dashed, Pair: i}
		any := false
		for _, s := range content.KneeSteps(c) {
			if s.Came != reports.CameHeld && s.Came != reports.CameGaveWay {
				continue
			}
			y := line.value(s)
			any = any || y != 0 && !math.IsNaN(y)
			shown.Points = append(shown.Points, chart.Point{X: s.Load, Y: y})
		}
		if any {
			lines = append(lines, shown)
		}
	}
	return lines
}

// kneeSpans marks where the load begins to give way.
func kneeSpans(c *reports.Capacity) []chart.Span {
	if c.Lower == 0 || c.Upper == 0 {
		return nil
	}
	return []chart.Span{{Name: "between what holds and what does not", From: c.Lower, To: c.Upper}}
}

func generatorName(c *reports.Capacity) string {
	if c.ServerInProcess {
		return "generator and server, in one process"
	}
	return "generator"
}

// ofLatency returns a gap where nothing was measured.
func ofLatency(of func(reports.CapacityStep) int64) func(reports.CapacityStep) float64 {
	return func(s reports.CapacityStep) float64 {
		if s.Latency == "" {
			return math.NaN()
		}
		return float64(of(s))
	}
}

// targetCPU returns a gap where it is not known.
func targetCPU(s reports.CapacityStep) float64 {
	if s.TargetCPUPercent == nil {
		return math.NaN()
	}
	return *s.TargetCPUPercent
}
