package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// hostileFolder makes every result name a trace, whose lines are hostile in
// every text: as they are, and in messages that are laid out and marked.
func hostileFolder(t *testing.T, c *Conformance) fs.FS {
	t.Helper()
	message := func(kind, more string) string {
		text, err := json.Marshal(map[string]string{"type": kind, "dataContent": hostile + more, hostile: hostile})
		if err != nil {
			t.Fatal(err)
		}
		return hostile + string(text)
	}
	var file bytes.Buffer
	for _, line := range []Line{
		{Connection: hostile, Direction: hostile, Text: hostile},
		{Connection: hostile, Direction: sent, Text: message("5", "")},
		{Connection: hostile, Direction: received, Text: message("53", "!")},
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

func TestHTMLEscapesEverything(t *testing.T) {
	write := func(b Bundle) func(io.Writer) error { return func(w io.Writer) error { return WriteHTML(w, b) } }
	t.Run("report", func(t *testing.T) { pageEscapes(t, write(hostileBundle())) })
	t.Run("traces", func(t *testing.T) {
		b := hostileBundle()
		b.Folder = hostileFolder(t, b.Conformance)
		if got := pageEscapes(t, write(b)); !strings.Contains(got, "<mark>\"\\") || !strings.Contains(got, "with another dataContent") {
			t.Error("no transcript of the folder is on the page: the test shows nothing")
		}
	})
}

func TestHTMLLoadsNothing(t *testing.T) {
	b := Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-bottleneck").Load}
	pageLoadsNothing(t, func(w io.Writer) error { return WriteHTML(w, b) })
}

func TestHTMLOnFullDisk(t *testing.T) {
	b := Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-good").Load}
	failsOnFullDisk(t, map[string]func(io.Writer) error{
		"page": func(w io.Writer) error { return WriteHTML(w, b) },
	})
}
