package reports

import (
	"fmt"
	"strings"
)

// areaTable is the verdicts by area and transport.
func areaTable(results []Result) table {
	transports := transportsOf(results)
	rows := table{titles: append([]string{"area"}, transports...)}
	for _, area := range matrix(results) {
		row := []cell{{text: area.Name}}
		for _, t := range transports {
			row = append(row, areaCell(area.on(t)))
		}
		rows.add(row...)
	}
	return rows
}

func areaCell(results []Result) cell {
	if len(results) == 0 {
		return cell{text: "·", class: "quiet"}
	}
	counts := CountVerdicts(results)
	var parts []string
	for _, v := range Verdicts {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], verdictWords[v].Word))
		}
	}
	return cell{strings.Join(parts, ", "), verdictWords[worst(results)].Class}
}

// expiryTable is the expiries by sense mode and transport.
func expiryTable(all []Expiry) table {
	rows := table{titles: []string{"sense mode", "transport", " nominal", " measured", " drift", " tolerance", " lag", "verdict"}}
	for _, e := range all {
		shown := verdictWords[e.Verdict]
		rows.add(cell{text: e.SenseMode}, cell{text: e.Transport}, cell{text: milliseconds(e.Nominal)},
			cell{text: measuredExpiry(e)}, cell{text: expiryDrift(e)}, cell{text: "± " + milliseconds(e.Tolerance)},
			cell{text: milliseconds(e.Lag)}, cell{shown.Word, shown.Class})
	}
	return rows
}
