package content

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// AreaTable returns the verdicts by area and transport.
func AreaTable(results []reports.Result) Table {
	transports := reports.TransportsOf(results)
	rows := Table{Titles: append([]string{"area"}, transports...)}
	for _, area := range reports.Matrix(results) {
		row := []Cell{{Text: area.Name}}
		for _, t := range transports {
			row = append(row, areaCell(area.On(t)))
		}
		rows.Add(row...)
	}
	return rows
}

func areaCell(results []reports.Result) Cell {
	if len(results) == 0 {
		return Cell{Text: "·", Class: "quiet"}
	}
	counts := reports.CountVerdicts(results)
	var parts []string
	for _, v := range reports.Verdicts {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], VerdictWords[v].Word))
		}
	}
	return Cell{strings.Join(parts, ", "), VerdictWords[Worst(results)].Class}
}

// ExpiryTable returns the expiries by sense mode and transport.
func ExpiryTable(all []reports.Expiry) Table {
	rows := Table{Titles: []string{"sense mode", "transport", " nominal", " measured", " drift", " tolerance", " lag", "verdict"}}
	for _, e := range all {
		shown := VerdictWords[e.Verdict]
		rows.Add(Cell{Text: e.SenseMode}, Cell{Text: e.Transport}, Cell{Text: words.Milliseconds(e.Nominal)},
			Cell{Text: MeasuredExpiry(e)}, Cell{Text: ExpiryDrift(e)}, Cell{Text: "± " + words.Milliseconds(e.Tolerance)},
			Cell{Text: words.Milliseconds(e.Lag)}, Cell{shown.Word, shown.Class})
	}
	return rows
}
