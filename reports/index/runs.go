// Package index writes a page over many runs: which there are, what changed from one to
// the next, and the trends of their figures.
package index

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"imcheck/reports"
)

// File is the name of that page.
const File = "index.html"

// Run has the reports of the folder of one run without transcripts, histograms and
// seconds, which would fill the memory.
type Run struct {
	Folder      string // as it was named, in its shortest form
	Conformance *reports.Conformance
	Load        *reports.Load
	Capacity    *reports.Capacity
}

// Read reads the folders of runs for an index, newest first. A folder that is
// named twice, by whatever path, counts once.
//
// The error names every folder that cannot be read; see reports.ReadDir for its
// kinds.
func Read(dirs []string) ([]Run, error) {
	var runs []Run
	var failures error
	for _, dir := range Distinct(dirs) {
		b, err := reports.ReadDir(dir)
		if err != nil {
			failures = errors.Join(failures, err)
			continue
		}
		runs = append(runs, newRun(dir, b))
	}
	if failures != nil {
		return nil, failures
	}
	slices.SortFunc(runs, func(a, b Run) int {
		return cmp.Or(b.started().Compare(a.started()), cmp.Compare(a.Folder, b.Folder))
	})
	return runs, nil
}

// Distinct removes folders that are named twice, by whatever path. One that cannot be
// accessed stays: reading it gives the reason.
func Distinct(dirs []string) (once []string) {
	var seen []os.FileInfo
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err == nil && slices.ContainsFunc(seen, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
			continue
		}
		if err == nil {
			seen = append(seen, info)
		}
		once = append(once, dir)
	}
	return once
}

func newRun(dir string, b reports.Bundle) Run {
	run := Run{Folder: filepath.Clean(dir)}
	if b.Conformance != nil {
		c := *b.Conformance
		c.Results = slices.Clone(c.Results)
		for i, r := range c.Results {
			c.Results[i] = reports.Result{Case: r.Case, Transport: r.Transport, Round: r.Round, SenseMode: r.SenseMode,
				Verdict: r.Verdict, Reason: r.Reason, Measurements: r.Measurements}
		}
		run.Conformance = &c
	}
	if b.Load != nil {
		l := *b.Load
		l.Latencies = slices.Clone(l.Latencies)
		for i := range l.Latencies {
			l.Latencies[i].Histogram = ""
		}
		l.Generator.LatenessHistogram = ""
		l.Timeline, l.Gaps = nil, nil
		run.Load = &l
	}
	if b.Capacity != nil {
		c := *b.Capacity
		run.Capacity = &c
	}
	return run
}

// started returns when the latest of its reports was begun.
func (r Run) started() (t time.Time) {
	for _, h := range r.headers() {
		if h.Started.After(t) {
			t = h.Started
		}
	}
	return t
}

// SharedFolder returns the absolute path of the deepest folder that contains all of these
// or is one of them; for a single folder that folder. It is an error when several share
// nothing but the root.
func SharedFolder(dirs []string) (string, error) {
	shared := ""
	for i, dir := range dirs {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("find the folder that the runs share: %w", err)
		}
		if i == 0 {
			shared = absolute
		}
		for !isBelow(absolute, shared) {
			parent := filepath.Dir(shared)
			if parent == shared {
				return "", fmt.Errorf("%s and %s share no folder", dirs[0], dir)
			}
			shared = parent
		}
	}
	if len(dirs) > 1 && filepath.Dir(shared) == shared {
		return "", fmt.Errorf("%s and the other folders share nothing but %s", dirs[0], shared)
	}
	return shared, nil
}

// isBelow reports whether a path is that of a folder or leads into it.
func isBelow(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}
