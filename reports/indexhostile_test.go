package reports

import (
	"io"
	"testing"
	"time"
)

// hostileRuns are two runs with hostile text wherever there is any.
func hostileRuns() []Run {
	older, newer := hostileBundle(), hostileBundle()
	older.Conformance.Results = older.Conformance.Results[1:] // so that the newer run differs
	for hours, run := range []Bundle{older, newer} {
		started := time.Time{}.Add(time.Duration(hours) * time.Hour)
		run.Conformance.Started, run.Load.Started = started, started
		run.Load.Latencies[0].Transport = AllTransports
	}
	newer.Load.Outcome = OutcomeFail
	return []Run{newRun(hostile+"new", newer), newRun(hostile+"old", older)}
}

func TestIndexEscapesEverything(t *testing.T) {
	runs := hostileRuns()
	pageHidesControls(t, pageEscapes(t, func(w io.Writer) error { return WriteIndex(w, runs, ".") }))
}

func TestIndexLoadsNothing(t *testing.T) {
	root, dirs := runFolders(t)
	runs := readRuns(t, dirs)
	pageLoadsNothing(t, func(w io.Writer) error { return WriteIndex(w, runs, root) })
}

func TestIndexTextIsPrintable(t *testing.T) {
	runs := []Run{newRun(hostile, hostileBundle())}
	onlyPrintable(t, string(rendered(t, func(w io.Writer) error { return WriteIndexText(w, runs, TextOptions{}) })))
}

func TestIndexOnFullDisk(t *testing.T) {
	runs := []Run{newRun("run", Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-good").Load})}
	failsOnFullDisk(t, map[string]func(io.Writer) error{
		"page": func(w io.Writer) error { return WriteIndex(w, runs, ".") },
		"text": func(w io.Writer) error { return WriteIndexText(w, runs, TextOptions{}) },
	})
}
