package reports

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// hostilePages are the pages over several runs, of texts that are hostile
// wherever there are any.
func hostilePages() map[string]func(io.Writer) error {
	older, newer := hostileBundle(), hostileBundle()
	older.Conformance.Results = older.Conformance.Results[1:] // so that the newer run differs
	for hours, run := range []Bundle{older, newer} {
		started := time.Time{}.Add(time.Duration(hours) * time.Hour)
		run.Conformance.Started, run.Load.Started = started, started
		run.Load.Latencies[0].Transport = AllTransports
	}
	newer.Load.Outcome = OutcomeFail
	runs := []Run{newRun(hostile+"new", newer), newRun(hostile+"old", older)}
	return map[string]func(io.Writer) error{
		"index":      func(w io.Writer) error { return WriteIndex(w, runs, ".") },
		"comparison": func(w io.Writer) error { return WriteDiffHTML(w, hostileDiff(), ".") },
	}
}

func TestPagesEscapeEverything(t *testing.T) {
	for name, write := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			got := withoutScript(t, string(rendered(t, write)))
			for _, tag := range htmlTag.FindAllString(got, -1) {
				if hit := loaded.FindString(tag); hit != "" {
					t.Errorf("the page has %q in %.200s", hit, tag)
				}
			}
			if n := strings.Count(got, "</style>"); n != 1 {
				t.Errorf("the style ends %d times", n)
			}
			if strings.ContainsAny(got, "\x1b\x00\u202e") {
				t.Error("the page has a character that cannot be seen")
			}
			if !strings.Contains(got, "&lt;script&gt;") || !strings.Contains(got, `\x1b`) {
				t.Error("the hostile text is nowhere on the page: the test shows nothing")
			}
		})
	}
}

func TestPagesLoadNothing(t *testing.T) {
	root, dirs := runFolders(t)
	runs, d := readRuns(t, dirs), exampleDiff(t)
	for name, write := range map[string]func(io.Writer) error{
		"index":      func(w io.Writer) error { return WriteIndex(w, runs, root) },
		"comparison": func(w io.Writer) error { return WriteDiffHTML(w, d, root) },
	} {
		t.Run(name, func(t *testing.T) {
			if hit := loaded.FindString(withoutScript(t, string(rendered(t, write)))); hit != "" {
				t.Errorf("the page has %q", hit)
			}
		})
	}
}

func TestIndexTextIsPrintable(t *testing.T) {
	runs := []Run{newRun(hostile, hostileBundle())}
	onlyPrintable(t, string(rendered(t, func(w io.Writer) error { return WriteIndexText(w, runs, TextOptions{}) })))
}

// Nor does a page over several runs take a full disk for success.
func TestPageWriteErrorsAreReported(t *testing.T) {
	runs := []Run{newRun("run", Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-good").Load})}
	d := exampleDiff(t)
	for name, write := range map[string]func(io.Writer) error{
		"index":      func(w io.Writer) error { return WriteIndex(w, runs, ".") },
		"index text": func(w io.Writer) error { return WriteIndexText(w, runs, TextOptions{}) },
		"comparison": func(w io.Writer) error { return WriteDiffHTML(w, d, ".") },
	} {
		t.Run(name, func(t *testing.T) {
			whole := len(rendered(t, write))
			for _, room := range []int{0, 1, whole / 2, whole - 1} {
				if err := write(&full{room}); !errors.Is(err, errFull) {
					t.Errorf("room for %d of %d bytes: got %v", room, whole, err)
				}
			}
		})
	}
}
