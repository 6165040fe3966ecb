package page

import (
	"errors"
	"html/template"

	"imcheck/reports"
	"imcheck/reports/content"
)

// maxSecondRows is the number of seconds that the page lists one by one. Of a longer run
// the charts show them, and timeline.csv has them.
const maxSecondRows = 3700

// loadView is a load run, arranged for the page.
type loadView struct {
	*reports.Load
	Summary  string
	Impaired string        // impairment of the path; "" for none
	Findings []loadFinding // findings that a reader has to know first
	Tiles    []Tile
	Sums     []reports.Latency // latencies of all transports together
	Each     []reports.Latency // latencies of each transport; none when the sums are the same
	Curves   []template.HTML
	Unshown  int // kinds of latency without a chart
	Course   []template.HTML
	Zero     []string // names of the values that were 0 all along, and have no chart
	Ledger   ledgerView
	Losses   []lossRow
	Facts    []fact                  // about the generator
	Used     []content.TargetUseFact // about the target's process; none when nobody watched it
	Seconds  []reports.Sample
}

func newLoadView(l *reports.Load) (*loadView, error) {
	view := &loadView{
		Load: l, Summary: content.LoadSummary(l), Impaired: content.ImpairmentWords(l.Impairment), Findings: loadFindings(l), Tiles: loadTiles(l),
		Sums: content.SummedLatencies(l.Latencies), Ledger: newLedgerView(l), Losses: lossRows(l.Sessions), Facts: generatorFacts(l.Generator),
		Used: content.TargetUseFacts(l.TargetUse),
	}
	if len(l.Clients) > 1 {
		view.Each = content.ShownLatencies(l.Latencies, true)
	}
	if len(l.Timeline) <= maxSecondRows {
		view.Seconds = l.Timeline
	}
	var curveErr, courseErr error
	view.Curves, view.Unshown, curveErr = latencyCharts(l.Latencies)
	view.Course, view.Zero, courseErr = CourseCharts(l)
	return view, errors.Join(curveErr, courseErr)
}
