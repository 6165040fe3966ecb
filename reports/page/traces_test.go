package page

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"imcheck/reports"
)

// traceOf returns a file with n lines.
func traceOf(n int) *fstest.MapFile {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"atMs":%d,"connection":"u-1","direction":"->","text":"whole %d"}`+"\n", i, i)
	}
	return &fstest.MapFile{Data: []byte(text.String())}
}

// tail is the part of a transcript that a report itself has.
var tail = []reports.Line{{Connection: "u-1", Direction: "--", Text: "tail"}}

func TestTranscriptOfTheFolder(t *testing.T) {
	folder := fstest.MapFS{
		"traces/whole.jsonl":   traceOf(3),
		"traces/empty.jsonl":   traceOf(0),
		"traces/cut.jsonl":     {Data: []byte(`{"atMs":1,"connection":"u-1","direction":"->","text":"whole 0"}` + "\n" + `{"atMs":2,"con`)},
		"traces/other.jsonl":   {Data: []byte("<html>")},
		"traces/numbers.jsonl": {Data: []byte(`{"atMs":"soon"}`)},
		"traces/huge.jsonl":    {Data: make([]byte, maxTraceFile+1)},
		"traces/folder/x":      traceOf(1),
	}
	whole := transcriptView{Lines: 3, Whole: true}
	last := transcriptView{Lines: 1}
	tests := map[string]struct {
		trace string
		want  transcriptView
	}{
		"whole":            {"traces/whole.jsonl", whole},
		"empty":            {"traces/empty.jsonl", transcriptView{Whole: true}},
		"cut short":        {"traces/cut.jsonl", last},
		"no JSON":          {"traces/other.jsonl", last},
		"another type":     {"traces/numbers.jsonl", last},
		"too large":        {"traces/huge.jsonl", last},
		"missing":          {"traces/none.jsonl", last},
		"a folder":         {"traces/folder", last},
		"none":             {"", transcriptView{Lines: 1, Whole: true}},
		"outside":          {"../traces/whole.jsonl", last},
		"outside, unclean": {"traces/../../traces/whole.jsonl", last},
		"absolute":         {"/traces/whole.jsonl", last},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newTranscripts(folder, nil).of(reports.Result{Trace: test.trace, Transcript: tail})
			text := string(got.Text)
			if got.Text = ""; got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			for i := range test.want.Lines {
				if want := fmt.Sprintf("whole %d<", i); test.want == whole && !strings.Contains(text, want) {
					t.Errorf("%s lacks %q", text, want)
				}
			}
			if test.want == last && !strings.Contains(text, "tail") {
				t.Errorf("the end that the report has is not in %q", text)
			}
		})
	}
	if got := newTranscripts(nil, nil).of(reports.Result{Trace: "traces/whole.jsonl", Transcript: tail}); got.Whole || got.Lines != 1 {
		t.Errorf("without a folder: %+v", got)
	}
}

// Failures get the room there is; a case that has none names its file.
func TestTranscriptsOfFailuresComeFirst(t *testing.T) {
	folder := fstest.MapFS{"pass.jsonl": traceOf(1), "fail.jsonl": traceOf(1), "warn.jsonl": traceOf(1)}
	results := []reports.Result{
		{Case: "a/pass", Verdict: reports.Pass, Trace: "pass.jsonl"},
		{Case: "a/warn", Verdict: reports.Warn, Trace: "warn.jsonl", Transcript: tail},
		{Case: "a/fail", Verdict: reports.Fail, Trace: "fail.jsonl", Transcript: tail},
	}
	room := newTranscripts(folder, nil)
	room.whole = len(newTranscripts(folder, nil).of(results[0]).Text) + 1 // for one
	got := room.all(results)
	for i, want := range []transcriptView{{}, {Lines: 1}, {Lines: 1, Whole: true}} {
		if got[i].Text = ""; got[i] != want {
			t.Errorf("%s: got %+v, want %+v", results[i].Case, got[i], want)
		}
	}
	room.whole, room.last = 0, 0
	if got := room.of(results[2]); got != (transcriptView{}) {
		t.Errorf("without any room: %+v", got)
	}
}
