package index

import (
	"html/template"
	"path"

	"imcheck/reports/chart"
)

// drawTrends draws the trends of a group; one run has none.
func (g runGroup) drawTrends(trends []trend, dir string) (drawn []template.HTML, err error) {
	if len(g.runs) < 2 {
		return nil, nil
	}
	names := make([]string, len(g.runs))
	for i, run := range g.runs {
		names[i] = path.Base(runName(dir, run.Folder))
	}
	for _, t := range trends {
		figure, err := chart.Trend(t.title, t.unit, names, t.drawnLines())
		if err != nil {
			return nil, err
		}
		drawn = append(drawn, figure)
	}
	return drawn, nil
}

func (t trend) drawnLines() (lines []chart.Line) {
	for i, line := range t.lines {
		l := chart.Line{Name: line.name, Pair: i}
		for at, v := range line.values {
			l.Points = append(l.Points, chart.Point{X: float64(at), Y: v})
		}
		lines = append(lines, l)
	}
	return lines
}
