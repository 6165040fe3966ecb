package index

import (
	"io"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/text"
)

// hostileRuns are two runs with hostile text wherever there is any.
func hostileRuns() []Run {
	older, newer := reporttest.HostileBundle(), reporttest.HostileBundle()
	older.Conformance.Results = older.Conformance.Results[1:] // so that the newer run differs
	for hours, run := range []reports.Bundle{older, newer} {
		started := time.Time{}.Add(time.Duration(hours) * time.Hour)
		run.Conformance.Started, run.Load.Started = started, started
		run.Load.Latencies[0].Transport = reports.AllTransports
	}
	newer.Load.Outcome = reports.OutcomeFail
	return []Run{newRun(reporttest.Hostile+"new", newer), newRun(reporttest.Hostile+"old", older)}
}

func TestPageEscapesEverything(t *testing.T) {
	runs := hostileRuns()
	reporttest.PageHidesControls(t, reporttest.PageEscapes(t, func(w io.Writer) error { return WriteHTML(w, runs, ".") }))
}

func TestPageLoadsNothing(t *testing.T) {
	root, dirs := runFolders(t)
	runs := readRuns(t, dirs)
	reporttest.PageLoadsNothing(t, func(w io.Writer) error { return WriteHTML(w, runs, root) })
}

func TestTextIsPrintable(t *testing.T) {
	runs := []Run{newRun(reporttest.Hostile, reporttest.HostileBundle())}
	reporttest.OnlyPrintable(t, string(reporttest.Rendered(t, func(w io.Writer) error { return WriteText(w, runs, text.Options{}) })))
}

func TestOnFullDisk(t *testing.T) {
	runs := []Run{newRun("run", reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load})}
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"page": func(w io.Writer) error { return WriteHTML(w, runs, ".") },
		"text": func(w io.Writer) error { return WriteText(w, runs, text.Options{}) },
	})
}
