package reports

import (
	"errors"
	"html/template"
)

// maxSecondRows is how many seconds the page lists one by one. Of a longer run
// the charts show them, and timeline.csv has them.
const maxSecondRows = 3700

// loadView is a load run, arranged for the page.
type loadView struct {
	*Load
	Summary  string
	Findings []loadFinding // what a reader has to know first
	Tiles    []tile
	Sums     []Latency // of all transports together
	Each     []Latency // of each transport; none when the sums are the same
	Curves   []template.HTML
	Unshown  int // kinds of latency that there is no chart of
	Course   []template.HTML
	Zero     []string // what was 0 all along, and has no chart
	Ledger   ledgerView
	Deaths   []deathRow
	Facts    []fact // of the generator
	Seconds  []Sample
}

func newLoadView(l *Load) (*loadView, error) {
	view := &loadView{
		Load: l, Summary: loadSummary(l), Findings: loadFindings(l), Tiles: loadTiles(l),
		Sums: summedLatencies(l.Latencies), Ledger: newLedgerView(l), Deaths: deathRows(l.Sessions), Facts: generatorFacts(l.Generator),
	}
	if len(l.Clients) > 1 {
		view.Each = shownLatencies(l.Latencies, true)
	}
	if len(l.Timeline) <= maxSecondRows {
		view.Seconds = l.Timeline
	}
	var curveErr, courseErr error
	view.Curves, view.Unshown, curveErr = latencyCharts(l.Latencies)
	view.Course, view.Zero, courseErr = courseCharts(l)
	return view, errors.Join(curveErr, courseErr)
}
