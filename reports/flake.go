package reports

// Flake describes a case whose verdict was not the same in every round.
type Flake struct {
	Case      string          `json:"case"`
	Transport string          `json:"transport"`
	Runs      int             `json:"runs"`     // rounds in which it got a verdict
	Verdicts  map[Verdict]int `json:"verdicts"` // results by verdict
	Rate      float64         `json:"rate"`     // share of the runs that did not pass, 0 to 1
}

// FindFlakes lists the cases that did not have the same verdict each time, by case and
// transport. Rounds in which a case could not be run, or was left out, do not count.
func FindFlakes(results []Result) (flakes []Flake) {
	for _, area := range Matrix(results) {
		for _, row := range area.Cases {
			for _, transport := range TransportsOf(row.Results) {
				f := flakeOf(row.ID, transport, row.On(transport))
				if len(f.Verdicts) > 1 {
					flakes = append(flakes, f)
				}
			}
		}
	}
	return flakes
}

func flakeOf(id, transport string, results []Result) Flake {
	f := Flake{Case: id, Transport: transport, Verdicts: CountVerdicts(results)}
	delete(f.Verdicts, Error)
	delete(f.Verdicts, Skipped)
	for _, n := range f.Verdicts {
		f.Runs += n
	}
	if f.Runs > 0 {
		f.Rate = float64(f.Runs-f.Verdicts[Pass]) / float64(f.Runs)
	}
	return f
}
