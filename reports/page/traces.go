package page

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"imcheck/reports"
	"imcheck/reports/words"
)

const (
	// wholeTranscripts bounds the HTML of whole transcripts on the page, in bytes. Those
	// of the cases that somebody has to look at come first.
	wholeTranscripts = 4 << 20
	// lastLines bounds the HTML of the last lines of other transcripts, for which there
	// was no room or whose file is missing.
	lastLines = 1 << 20
	// roomForCases bounds, approximately, the HTML of the cases of a run with their
	// transcripts: what each case needs in any event is subtracted first.
	roomForCases = 7 << 20
	// maxTraceFile bounds a file with a transcript that is read, in bytes.
	maxTraceFile = 16 << 20
)

// transcriptView is a result's transcript on the page.
type transcriptView struct {
	Text  template.HTML // "" when there was no room
	Lines int           // in Text, those that were left out among them
	Whole bool          // Text is the whole transcript, not its end
}

// Words returns its length in words.
func (t transcriptView) Words() string { return words.Counted(int64(t.Lines), "line", "lines") }

// transcripts gives the page its transcripts until there is enough of them.
type transcripts struct {
	folder fs.FS // with the traces; may be nil
	whole  int   // bytes that there is room for
	last   int
}

func newTranscripts(folder fs.FS, results []reports.Result) *transcripts {
	room := roomForCases
	for _, r := range results {
		room -= sizeWithoutTranscript(r)
	}
	return &transcripts{folder: folder, whole: min(wholeTranscripts, room*4/5), last: min(lastLines, room/5)}
}

// sizeWithoutTranscript returns roughly the size of the HTML of a result, in bytes. The
// expected and the actual text are in tags, and once more in a finding.
func sizeWithoutTranscript(r reports.Result) int {
	const frame, times = 1100, 150
	return frame + times*len(r.Measurements) + len(r.Rerun) + len(r.Reason) + (len(r.Expected)+len(r.Actual))*3/2
}

// all returns the transcripts of results, by their index.
func (t *transcripts) all(results []reports.Result) []transcriptView {
	places := make([]int, len(results))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return reports.CompareSeverity(results[a], results[b]) })
	views := make([]transcriptView, len(results))
	for _, i := range places {
		views[i] = t.of(results[i])
	}
	return views
}

// of returns a result's transcript: the whole one when there is a file and room for
// it, else the last lines that the report itself has.
func (t *transcripts) of(r reports.Result) transcriptView {
	if t.whole > 0 && t.folder != nil && r.Trace != "" {
		if lines, err := readTrace(t.folder, r.Trace); err == nil {
			text := transcriptHTML(lines, maxTranscript)
			if t.whole -= len(text); t.whole > 0 {
				return transcriptView{text, len(lines), true}
			}
		}
	}
	if len(r.Transcript) == 0 || t.last <= 0 {
		return transcriptView{}
	}
	text := transcriptHTML(r.Transcript, maxTranscript)
	if t.last -= len(text); t.last <= 0 {
		return transcriptView{}
	}
	return transcriptView{text, len(r.Transcript), r.Trace == ""}
}

// readTrace reads a file of one line of JSON for each line of a transcript. The
// name comes from a report: it must not lead out of the folder.
func readTrace(folder fs.FS, name string) ([]reports.Line, error) {
	path := filepath.ToSlash(name)
	if !fs.ValidPath(path) {
		return nil, fmt.Errorf("the name %q does not stay in the folder", name)
	}
	about, err := fs.Stat(folder, path)
	if err != nil {
		return nil, fmt.Errorf("look for a trace: %w", err)
	}
	if !about.Mode().IsRegular() || about.Size() > maxTraceFile {
		return nil, fmt.Errorf("%s is not a file of at most %s", name, words.ByteSize(maxTraceFile))
	}
	file, err := folder.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a trace: %w", err)
	}
	defer file.Close()
	var lines []reports.Line
	decoder := json.NewDecoder(bufio.NewReader(io.LimitReader(file, maxTraceFile)))
	for {
		var line reports.Line
		switch err := decoder.Decode(&line); {
		case errors.Is(err, io.EOF):
			return lines, nil
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		lines = append(lines, line)
	}
}
