package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport/record"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/words"
)

// report builds the report of a run that has ended, with its outcome.
func (f *conformFlags) report(a *app, t *target.Target, finished []suite.Finished, skipped []suite.Skipped, started time.Time, err error) *reports.Conformance {
	return f.reportOf(header(a, reports.KindConformance, t), finished, skipped, started, err)
}

// reportOf is report with the beginning of one.
func (f *conformFlags) reportOf(h reports.Header, finished []suite.Finished, skipped []suite.Skipped, started time.Time, err error) *reports.Conformance {
	o := suite.ReportOptions{
		Header: h, End: f.role.end(), Protocol: f.selection.Protocol, Catalogue: f.catalogue, Skipped: skipped, Expected: f.expected,
		Seed: f.seed, Rounds: f.repeat, Impairment: f.impairment(), Started: started,
		Throttled: machine.Throttled(os.DirFS("/")) - f.throttled, Err: err,
		Trace: traceFile, Rerun: f.rerun,
	}
	if few, ok := errors.AsType[*openFilesError](err); ok {
		o.LocalCause = few.Error()
	}
	return suite.Report(finished, o)
}

// rerun returns a command that runs one item again, with the same seed.
func (f *conformFlags) rerun(item suite.Finished) string {
	seed := suite.SeedOf(f.seed, item.Result.Round)
	words := append([]string{"imcheck", "conform"}, slices.Concat(f.role.arguments(), f.target.arguments(), f.version.arguments())...)
	if path := f.replayed[item.Item.ID]; path != "" {
		words = append(words, "--replay", path)
	}
	words = append(words, "--case", item.Item.ID, "--filter", item.Item.Transport.String(), "--seed", strconv.FormatInt(seed, 10))
	if mode := item.Result.SenseMode; mode != "" {
		words = append(words, "--sense-modes", mode)
	}
	words = append(words, f.impairArguments(item.Result.Round)...)
	if f.underLoad.running > 0 {
		words = append(words, f.underLoad.arguments(f.underLoad.running)...)
	}
	if f.strict {
		words = append(words, "--strict")
	}
	return shellLine(words)
}

// traceFile returns the file of an item's whole transcript, one for each round.
func traceFile(item suite.Finished) string {
	name := filepath.FromSlash(item.Item.ID) + "." + item.Item.Transport.String()
	if mode := item.Result.SenseMode; mode != "" {
		name += "." + mode
	}
	if round := item.Result.Round; round > 0 {
		name += "." + strconv.Itoa(round)
	}
	return filepath.Join(folder.TraceFolder, name+".jsonl")
}

// maxTraces bounds the bytes of text in all trace files together, as long as each of
// them can have minTrace. A target that floods fails many cases at once, in the same way.
const (
	maxTraces = 16 << 20
	minTrace  = 32 << 10
)

// shortened leaves out the entries of a trace beyond a number of bytes, and says so.
func shortened(trace []record.Entry, limit int) []record.Entry {
	for i, entry := range trace {
		if limit -= len(entry.Text); limit < 0 && i > 0 {
			left := record.Entry{At: entry.At, Direction: record.Note, Text: fmt.Sprintf("%d more entries are left out: the traces of this run would be over %d MiB", len(trace)-i, maxTraces>>20)}
			return append(trace[:i:i], left)
		}
	}
	return trace
}

// saveConformance writes the traces first: the page shows them.
func saveConformance(dir string, c *reports.Conformance, finished []suite.Finished) (err error) {
	limit := max(minTrace, maxTraces/max(1, len(finished)))
	for _, item := range finished {
		err = errors.Join(err, saveTrace(filepath.Join(dir, traceFile(item)), shortened(item.Trace, limit)))
	}
	return errors.Join(folder.SaveConformance(dir, c), err)
}

// saveTrace writes one line of JSON for each entry.
func saveTrace(path string, trace []record.Entry) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return reports.WriteFile(path, func(w io.Writer) error {
		lines := json.NewEncoder(w)
		for _, entry := range trace {
			if err := lines.Encode(suite.ReportedLine(entry)); err != nil {
				return err
			}
		}
		return nil
	})
}

// header returns the beginning of both kinds of report.
func header(a *app, runKind string, t *target.Target) reports.Header {
	h := reports.Header{
		Schema: reports.SchemaVersion, Kind: runKind, Tool: "imcheck " + version(), Command: a.command,
		Environment: reports.Environment{Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU()},
		Target: reports.Target{
			Name: t.Info.Name, Version: t.Info.Version, Organization: t.Info.Organization, URL: t.Info.URL, Capabilities: t.Info.Capabilities.Names(),
			Addresses: map[string]string{}, Reached: map[string]string{}, SenseModes: map[string]string{},
		},
	}
	for _, kind := range t.Transports() {
		h.Target.Addresses[kind.String()] = t.Shown(kind)
		if nodes := t.InUse(kind, runKind == reports.KindLoad || runKind == reports.KindCapacity); nodes != "" {
			h.Target.Reached[kind.String()] = nodes
		}
		h.Target.SenseModes[kind.String()] = t.Modes[kind].String()
	}
	h.Target.UnverifiedTLS = transportNames(t.Unverified())
	if t.Control != "" {
		h.Target.Addresses["control"] = t.Control
	}
	return h
}

// transportNames lists transports as flags name them.
func transportNames(kinds []wire.Transport) (names []string) {
	for _, kind := range kinds {
		names = append(names, kind.String())
	}
	return names
}

func casesCounted(n int) string { return words.Counted(int64(n), "case", "cases") }
