package reports

// AreaRow has the cases of one area, for tables of cases by transport.
type AreaRow struct {
	Name  string
	Cases []CaseRow
}

// CaseRow has the results of one case on every transport that it ran on.
type CaseRow struct {
	ID      string
	Results []Result // by transport; several on one when cases were repeated
}

// Matrix groups results by area and case, both in the order of their names.
func Matrix(results []Result) []AreaRow {
	var areas []AreaRow
	for _, r := range ByCase(results) {
		if n := len(areas); n == 0 || areas[n-1].Name != r.Area() {
			areas = append(areas, AreaRow{Name: r.Area()})
		}
		area := &areas[len(areas)-1]
		if n := len(area.Cases); n == 0 || area.Cases[n-1].ID != r.Case {
			area.Cases = append(area.Cases, CaseRow{ID: r.Case})
		}
		row := &area.Cases[len(area.Cases)-1]
		row.Results = append(row.Results, r)
	}
	return areas
}

// On returns the area's results on one transport.
func (a AreaRow) On(transport string) []Result {
	var found []Result
	for _, c := range a.Cases {
		found = append(found, c.On(transport)...)
	}
	return found
}

// On returns the case's results on one transport.
func (c CaseRow) On(transport string) []Result {
	var found []Result
	for _, r := range c.Results {
		if r.Transport == transport {
			found = append(found, r)
		}
	}
	return found
}
