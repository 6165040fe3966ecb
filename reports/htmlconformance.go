package reports

// conformanceView is a conformance run, arranged for the page.
type conformanceView struct {
	*Conformance
	Summary    string
	Counts     []verdictCount
	Findings   []finding
	Transports []string
	Areas      []areaView
	Info       []Result
	Lists      []reasonList
	Measured   []measuredView
}

type verdictCount struct {
	Verdict Verdict
	Words   string
}

type areaView struct {
	Name  string
	Cases []caseView
}

// caseView is a row of the matrix, with a cell for each transport of the run.
type caseView struct {
	ID      string
	Level   string
	Source  string
	About   string // the requirement
	Results []Result
	Cells   []cellView
}

type cellView struct {
	Transport string
	Ran       bool    // on this transport
	Verdict   Verdict // the worst, when the case was repeated
	Times     int
}

type measuredView struct {
	Result
	Measurement
}

func newConformanceView(c *Conformance) *conformanceView {
	view := &conformanceView{
		Conformance: c,
		Summary:     conformanceSummary(c),
		Findings:    findings(c.Results),
		Transports:  transportsOf(c.Results),
		Info:        informative(c.Results),
		Lists:       reasonLists(c.Results),
	}
	counts := CountVerdicts(c.Results)
	for _, v := range Verdicts {
		if counts[v] > 0 {
			view.Counts = append(view.Counts, verdictCount{v, countWords(v, counts[v])})
		}
	}
	for _, area := range matrix(c.Results) {
		view.Areas = append(view.Areas, newAreaView(area, view.Transports))
	}
	for _, r := range byCase(c.Results) {
		for _, m := range r.Measurements {
			view.Measured = append(view.Measured, measuredView{r, m})
		}
	}
	return view
}

func newAreaView(area areaRow, transports []string) areaView {
	view := areaView{Name: area.Name}
	for _, row := range area.Cases {
		view.Cases = append(view.Cases, newCaseView(row, transports))
	}
	return view
}

func newCaseView(row caseRow, transports []string) caseView {
	first := row.Results[0]
	view := caseView{ID: row.ID, Level: first.Level, Source: requirementSource(first), About: first.Requirement, Results: row.Results}
	for _, t := range transports {
		cell := cellView{Transport: t}
		if results := row.on(t); len(results) > 0 {
			cell.Ran, cell.Verdict, cell.Times = true, worst(results), len(results)
		}
		view.Cells = append(view.Cells, cell)
	}
	return view
}
