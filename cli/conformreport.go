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
	"strings"
	"time"

	"imcheck/conformance"
	"imcheck/conformance/cases"
	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport/record"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/words"
)

// transcriptTail is how many of the last lines of a transcript stand in the
// report of a case that did not pass.
const transcriptTail = 14

func conformanceReport(a *app, f *conformFlags, t *target.Target, finished []conformance.Finished, skipped []conformance.Skipped) *reports.Conformance {
	c := &reports.Conformance{Header: header(a, reports.KindConformance, t), Seed: f.seed, Requirements: requirements()}
	for _, item := range finished {
		c.Results = append(c.Results, resultOf(f, item))
	}
	for _, item := range skipped {
		c.Results = append(c.Results, reports.Result{
			Case: item.ID, Transport: item.Transport.String(), Requirement: item.Requirement,
			Section: item.Section(), Level: string(item.Level), Covers: item.Covers, Verdict: reports.Skipped, Reason: item.Reason,
		})
	}
	slices.SortStableFunc(c.Results, areaOrder())
	c.Counts = reports.CountVerdicts(c.Results)
	c.Impairment = f.impairment()
	c.Problems = expectationProblems(f, finished)
	c.Troubles = troubles(finished)
	if late := machine.Throttled(os.DirFS("/")) - f.throttled; late >= leastThrottled && c.Counts[reports.Inconclusive] > 0 {
		c.Troubles = append(c.Troubles, fmt.Sprintf("the CPU quota of its container kept imcheck's threads from running for %.1f s in all", late.Seconds()))
	}
	if f.repeat > 1 {
		c.Rounds, c.Flakes = f.repeat, reports.FindFlakes(c.Results)
	}
	return c
}

// expectationProblems says what is wrong with the list of expected failures.
// When nothing was run nothing can be said of it.
func expectationProblems(f *conformFlags, finished []conformance.Finished) []string {
	if len(finished) == 0 {
		return nil
	}
	run := make([]conformance.Item, len(finished))
	for i := range finished {
		run[i] = finished[i].Item
	}
	return f.expected.Problems(cases.All(), run, time.Now())
}

// troubles are what this machine did not give the cases, each once.
func troubles(finished []conformance.Finished) (all []string) {
	for _, f := range finished {
		if f.Trouble != "" && !slices.Contains(all, f.Trouble) {
			all = append(all, f.Trouble)
		}
	}
	slices.Sort(all)
	return all
}

// areaOrder keeps skipped cases beside the others of their area, in the order
// of the catalogue.
func areaOrder() func(a, b reports.Result) int {
	place := map[string]int{}
	for _, c := range cases.All() {
		if _, known := place[c.Area()]; !known {
			place[c.Area()] = len(place)
		}
	}
	return func(a, b reports.Result) int { return place[a.Area()] - place[b.Area()] }
}

func resultOf(f *conformFlags, item conformance.Finished) reports.Result {
	r := item.Result
	r.Trace = traceFile(item)
	r.Reason, r.Expected, r.Actual = clipped(r.Reason), clipped(r.Expected), clipped(r.Actual)
	switch r.Verdict {
	case reports.Pass, reports.UnexpectedPass, reports.NotSupported:
		return r
	}
	tail := item.Trace[max(0, len(item.Trace)-transcriptTail):]
	for _, entry := range tail {
		r.Transcript = append(r.Transcript, lineOf(entry))
	}
	r.Rerun = rerun(f, item)
	return r
}

// maxEvidence bounds in characters each text of a result; the trace has the rest.
const maxEvidence = 20_000

// clipped cuts a text that may hold what a target sent.
func clipped(text string) string {
	if len(text) <= maxEvidence {
		return text
	}
	runes := []rune(text[:min(len(text), 4*maxEvidence)])
	if len(runes) <= maxEvidence {
		return text
	}
	return string(runes[:maxEvidence]) + fmt.Sprintf("… (cut; it had %d bytes)", len(text))
}

func lineOf(e record.Entry) reports.Line {
	return reports.Line{At: float64(e.At.Microseconds()) / 1000, Connection: e.Connection, Direction: string(e.Direction), Text: e.Text}
}

// rerun is a command that runs one item again, in the same order of things.
func rerun(f *conformFlags, item conformance.Finished) string {
	seed := conformance.SeedOf(f.seed, item.Result.Round)
	words := append([]string{"imcheck", "conform"}, f.target.arguments()...)
	words = append(words, "--case", item.Item.ID, "--filter", item.Item.Transport.String(), "--seed", strconv.FormatInt(seed, 10))
	if mode := item.Result.SenseMode; mode != "" {
		words = append(words, "--sense-modes", mode)
	}
	words = append(words, f.impairArguments(item.Result.Round)...)
	if f.strict {
		words = append(words, "--strict")
	}
	return shellLine(words)
}

// leastThrottled is for how long a quota has to keep this process from running before it
// explains why cases are inconclusive.
const leastThrottled = 100 * time.Millisecond

// traceFile is where the whole transcript of an item stands, one for each round.
func traceFile(item conformance.Finished) string {
	name := filepath.FromSlash(item.Item.ID) + "." + item.Item.Transport.String()
	if mode := item.Result.SenseMode; mode != "" {
		name += "." + mode
	}
	if round := item.Result.Round; round > 0 {
		name += "." + strconv.Itoa(round)
	}
	return filepath.Join(folder.TraceFolder, name+".jsonl")
}

// maxTraces is how many bytes of text the trace files have together, as long as each of
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
func saveConformance(dir string, c *reports.Conformance, finished []conformance.Finished) (err error) {
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
			if err := lines.Encode(lineOf(entry)); err != nil {
				return err
			}
		}
		return nil
	})
}

// header is what both kinds of report say first.
func header(a *app, kind string, t *target.Target) reports.Header {
	h := reports.Header{
		Schema: reports.SchemaVersion, Kind: kind, Tool: "imcheck " + version(), Command: a.command,
		Environment: reports.Environment{Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU()},
		Target: reports.Target{
			Name: t.Info.Name, Version: t.Info.Version, Capabilities: t.Info.Capabilities.Names(),
			Addresses: map[string]string{}, SenseModes: map[string]string{},
		},
	}
	for _, kind := range t.Transports() {
		h.Target.Addresses[kind.String()] = t.Addresses[kind]
		h.Target.SenseModes[kind.String()] = t.Modes[kind].String()
	}
	if t.Control != "" {
		h.Target.Addresses["control"] = t.Control
	}
	return h
}

// judge gives the run its outcome. A target that went away weighs most: what
// failed meanwhile may be its death. After that a failure is a failure,
// whatever else could not be told.
func judge(c *reports.Conformance, err error) {
	count := func(v reports.Verdict) int { return c.Counts[v] }
	failures := shortfalls(c)
	switch {
	case ownTrouble(err) != "":
		conclude(&c.Header, reports.OutcomeInconclusive, ownTrouble(err))
	case err != nil:
		conclude(&c.Header, reports.OutcomeUnreachable, err.Error())
	case len(failures) > 0:
		if len(c.Troubles) > 0 {
			failures = append(failures, fmt.Sprintf("%d are inconclusive: %s", count(reports.Inconclusive), whyInconclusive(c)))
		}
		conclude(&c.Header, reports.OutcomeFail, strings.Join(failures, ", "))
	case count(reports.Error) > 0:
		conclude(&c.Header, reports.OutcomeUnreachable, fmt.Sprintf("%d of %s could not be run%s", count(reports.Error), casesCounted(len(c.Results)), sharedReason(c.Results, reports.Error)))
	case count(reports.Inconclusive) > 0:
		conclude(&c.Header, reports.OutcomeInconclusive, inconclusiveCases(count(reports.Inconclusive))+": "+whyInconclusive(c))
	case count(reports.Pass)+count(reports.Warn)+count(reports.ExpectedFailure) == 0:
		conclude(&c.Header, reports.OutcomeInconclusive, "no case could be run: the target lacks what the selected cases need")
		c.ExitCode = exitUsage
	default:
		conclude(&c.Header, reports.OutcomePass, casesCounted(count(reports.Pass))+" passed")
	}
}

// ownTrouble is what this machine did not give, when an error is about that, else "".
func ownTrouble(err error) string {
	if few, ok := errors.AsType[*openFilesError](err); ok {
		return few.Error()
	}
	return target.LocalCause(err)
}

// maxTroubles is how many troubles the outcome names; the results have the rest.
const maxTroubles = 3

// whyInconclusive says what the tester's own side did not give.
func whyInconclusive(c *reports.Conformance) string {
	switch {
	case len(c.Troubles) > maxTroubles:
		return strings.Join(c.Troubles[:maxTroubles], "; ") + fmt.Sprintf("; and %d more", len(c.Troubles)-maxTroubles)
	case len(c.Troubles) > 0:
		return strings.Join(c.Troubles, "; ")
	case c.Impairment != nil:
		return "the impaired path lost what would have told, or this machine was too slow"
	}
	return "this machine was too slow to tell"
}

// sharedReason is ": " and the reason of all results with a verdict, "" when they do
// not have the same one.
func sharedReason(results []reports.Result, verdict reports.Verdict) (reason string) {
	for _, r := range results {
		switch {
		case r.Verdict != verdict:
		case reason != "" && r.Reason != reason:
			return ""
		default:
			reason = r.Reason
		}
	}
	if reason == "" || strings.Contains(reason, "\n") {
		return ""
	}
	return ": " + reason
}

// shortfalls are what fails a run that could be run, each in a few words.
func shortfalls(c *reports.Conformance) (all []string) {
	failed := c.Counts[reports.Fail]
	cases := casesCounted(len(c.Results))
	if c.Rounds > 0 {
		cases = fmt.Sprintf("%d runs of cases", len(c.Results))
	}
	if failed > 0 {
		all = append(all, fmt.Sprintf("%d of %s failed", failed, cases))
	}
	if passed := c.Counts[reports.UnexpectedPass]; passed > 0 {
		all = append(all, fmt.Sprintf("%d of %s passed although expected to fail", passed, cases))
	}
	if len(c.Problems) > 0 {
		all = append(all, "the list of expected failures is out of date")
	}
	return all
}

// conclude gives a run its outcome. The reason may hold what a target sent.
func conclude(h *reports.Header, outcome reports.Outcome, reason string) {
	reason = clipped(reason)
	h.Outcome, h.Reason, h.ExitCode = outcome, reason, outcome.ExitCode()
}

// transportNames lists transports as flags name them.
func transportNames(kinds []wire.Transport) (names []string) {
	for _, kind := range kinds {
		names = append(names, kind.String())
	}
	return names
}

func casesCounted(n int) string { return words.Counted(int64(n), "case", "cases") }

func inconclusiveCases(n int) string {
	return words.Counted(int64(n), "case is", "cases are") + " inconclusive"
}
