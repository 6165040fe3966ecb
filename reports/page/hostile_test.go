package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// hostileFolder makes every result name a trace, whose lines are hostile in
// every text: as they are, and in messages that are laid out and marked.
func hostileFolder(t *testing.T, c *reports.Conformance) fs.FS {
	t.Helper()
	message := func(kind, more string) string {
		text, err := json.Marshal(map[string]string{"type": kind, "dataContent": reporttest.Hostile + more, reporttest.Hostile: reporttest.Hostile})
		if err != nil {
			t.Fatal(err)
		}
		return reporttest.Hostile + string(text)
	}
	var file bytes.Buffer
	for _, line := range []reports.Line{
		{Connection: reporttest.Hostile, Direction: reporttest.Hostile, Text: reporttest.Hostile},
		{Connection: reporttest.Hostile, Direction: sent, Text: message("5", "")},
		{Connection: reporttest.Hostile, Direction: received, Text: message("53", "!")},
	} {
		if err := json.NewEncoder(&file).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	folder := fstest.MapFS{}
	for i := range c.Results {
		c.Results[i].Trace = fmt.Sprintf("traces/<script> \"%d", i)
		folder[c.Results[i].Trace] = &fstest.MapFile{Data: file.Bytes()}
	}
	return folder
}

func TestPageEscapesEverything(t *testing.T) {
	write := func(b reports.Bundle) func(io.Writer) error { return func(w io.Writer) error { return Write(w, b) } }
	t.Run("report", func(t *testing.T) {
		reporttest.PageHidesControls(t, reporttest.PageEscapes(t, write(reporttest.HostileBundle())))
	})
	t.Run("traces", func(t *testing.T) {
		b := reporttest.HostileBundle()
		b.Folder = hostileFolder(t, b.Conformance)
		got := reporttest.PageEscapes(t, write(b))
		reporttest.PageHidesControls(t, got)
		if !strings.Contains(got, "<mark>\"\\") || !strings.Contains(got, "with another dataContent") {
			t.Error("no transcript of the folder is on the page: the test shows nothing")
		}
	})
}

func TestPageLoadsNothing(t *testing.T) {
	b := reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-bottleneck").Load}
	reporttest.PageLoadsNothing(t, func(w io.Writer) error { return Write(w, b) })
}

func TestOnFullDisk(t *testing.T) {
	b := reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load}
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"page": func(w io.Writer) error { return Write(w, b) },
	})
}
