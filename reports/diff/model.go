// Package diff compares two runs: their cases, the times that they measured, and
// their latencies. A comparison is written as JSON, as a page, and as text for a
// terminal and in Markdown.
package diff

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Kind is the kind of a Diff, in its "kind" field.
const Kind = "diff"

// Names of the files of a comparison.
const (
	File         = "diff.json"
	MarkdownFile = "diff.md"
	HTMLFile     = "diff.html"
)

// Diff is the comparison of two runs ("diff.json").
type Diff struct {
	Schema      int             `json:"schema"`
	Kind        string          `json:"kind"`
	Tool        string          `json:"tool"` // name and version of the program that compared
	Command     []string        `json:"command"`
	Old         Side            `json:"old"`
	New         Side            `json:"new"`
	Bounds      Bounds          `json:"bounds"`
	Outcome     reports.Outcome `json:"outcome"` // OutcomeFail with a regression, else OutcomePass
	Reason      string          `json:"reason"`  // the outcome in one sentence
	ExitCode    int             `json:"exitCode"`
	Notes       []string        `json:"notes,omitempty"` // limits of the comparison
	Conformance *Conformance    `json:"conformance,omitempty"`
	Load        *Load           `json:"load,omitempty"`
	Capacity    *Capacity       `json:"capacity,omitempty"`

	// loads has the two runs whose curves are drawn, the old one first. It is not
	// part of the JSON, and nil in a Diff that was read from it.
	loads *[2]*reports.Load
}

// Side describes one of the two runs.
type Side struct {
	Folder  string         `json:"folder"`
	Tool    string         `json:"tool"`
	Started time.Time      `json:"started"`
	Target  reports.Target `json:"target"`
}

// Bounds are the limits of how much worse the new run may be.
type Bounds struct {
	MaxDriftMs    float64 `json:"maxDriftMs"`    // drift of a measured time in either direction; at least 0
	MaxP99Percent float64 `json:"maxP99Percent"` // rise of p50, p99 and p99.9 of a latency; at least 0
	MinP99Us      int64   `json:"minP99Us"`      // smallest change of them that counts, whatever the percentage; at least 0
}

// DefaultBounds has the bounds of a comparison for which none were set. Below a
// millisecond a load generator does not vouch for its own sends.
var DefaultBounds = Bounds{MaxDriftMs: 50, MaxP99Percent: 10, MinP99Us: 1000}

// Judgement is the result of comparing two figures.
type Judgement string

// The judgements. Only Regressed makes the exit code 1.
const (
	Held         Judgement = "held"         // within the bound
	Regressed    Judgement = "regressed"    // over the bound
	Improved     Judgement = "improved"     // over the bound in the good direction
	Noise        Judgement = "noise"        // over the bound, but by no more than the seconds of one run differ
	Inconclusive Judgement = "inconclusive" // over the bound, and the harness itself could explain that
	NotCompared  Judgement = "not compared" // one of the runs has no values
)

// Error explains why two runs cannot be compared.
type Error struct {
	Reason string // and what to do about it
}

func (e *Error) Error() string { return "the runs cannot be compared: " + e.Reason }

func incomparable(format string, arguments ...any) error {
	return &Error{Reason: fmt.Sprintf(format, arguments...)}
}

// Dirs compares the runs in two folders, each kind of report that both have.
// Nothing is written.
//
// The error is an *Error, a *reports.FormatError, matches reports.ErrNoReport, or
// is that of a file that cannot be read.
func Dirs(oldDir, newDir string, bounds Bounds) (*Diff, error) {
	before, err := reports.ReadDir(oldDir)
	if err != nil {
		return nil, err
	}
	after, err := reports.ReadDir(newDir)
	if err != nil {
		return nil, err
	}
	d := &Diff{Schema: reports.SchemaVersion, Kind: Kind, Bounds: bounds}
	d.Old.Folder, d.New.Folder = oldDir, newDir
	conformance := before.Conformance != nil && after.Conformance != nil
	load := before.Load != nil && after.Load != nil
	search := before.Capacity != nil && after.Capacity != nil
	switch {
	case !conformance && !load && !search:
		return nil, incomparable("%s has %s and %s has %s", oldDir, reportWords(before), newDir, reportWords(after))
	case reportWords(before) != reportWords(after):
		d.note("%s has %s and %s has %s: only what both have is compared", oldDir, reportWords(before), newDir, reportWords(after))
	}
	if conformance {
		if err := d.compareConformance(before.Conformance, after.Conformance); err != nil {
			return nil, err
		}
	}
	if load {
		d.loads = &[2]*reports.Load{before.Load, after.Load}
		if err := d.compareLoad(before.Load, after.Load, noiseBetween(oldDir, before.Load, newDir, after.Load)); err != nil {
			return nil, err
		}
	}
	if search {
		if err := d.compareCapacity(before.Capacity, after.Capacity); err != nil {
			return nil, err
		}
	}
	d.judge()
	return d, nil
}

// reportWords names the reports of a folder.
func reportWords(b reports.Bundle) string {
	switch {
	case b.Load != nil && b.Conformance != nil:
		return "reports of both kinds"
	case b.Capacity != nil && b.Conformance != nil:
		return "a conformance report and a search for capacity"
	case b.Capacity != nil:
		return "a search for capacity"
	case b.Load == nil:
		return "a conformance report"
	}
	return "a load report"
}

// note adds a note once, even when both kinds of report give it.
func (d *Diff) note(format string, arguments ...any) {
	if text := fmt.Sprintf(format, arguments...); !slices.Contains(d.Notes, text) {
		d.Notes = append(d.Notes, text)
	}
}

// sides notes which runs are compared, and refuses those of different targets.
// Addresses may differ: ports do from run to run, and a server moves.
func (d *Diff) sides(before, after reports.Header) error {
	d.Old = Side{Folder: d.Old.Folder, Tool: before.Tool, Started: before.Started, Target: before.Target}
	d.New = Side{Folder: d.New.Folder, Tool: after.Tool, Started: after.Started, Target: after.Target}
	if a, b := before.Target.Name, after.Target.Name; a != b && a != "" && b != "" {
		return incomparable("the target was %q in %s and %q in %s", a, d.Old.Folder, b, d.New.Folder)
	}
	if a, b := before.Target.ModesOn(after.Target), after.Target.ModesOn(before.Target); a != b {
		return incomparable("the sense modes were %s in %s and %s in %s", a, d.Old.Folder, b, d.New.Folder)
	}
	if before.Tool != after.Tool {
		d.note("measured by %s and %s: what differs may be imcheck's own doing", before.Tool, after.Tool)
	}
	return nil
}

// judge determines the outcome.
func (d *Diff) judge() {
	regressed, unclear, compared := d.counts()
	d.Outcome, d.Reason = reports.OutcomePass, "no regression"
	if len(regressed) > 0 {
		d.Outcome, d.Reason = reports.OutcomeFail, "regressed: "+strings.Join(regressed, ", ")
	}
	if len(unclear) > 0 {
		d.Reason += "; inconclusive: " + strings.Join(unclear, ", ")
	}
	if len(compared) > 0 {
		d.Reason += "; compared: " + strings.Join(compared, ", ")
	}
	d.ExitCode = d.Outcome.ExitCode()
}

// counts lists in words the regressions, the inconclusive comparisons, and all.
func (d *Diff) counts() (regressed, unclear, compared []string) {
	count := func(list *[]string, n int, one, many string) {
		if n > 0 {
			*list = append(*list, words.Counted(int64(n), one, many))
		}
	}
	if c := d.Conformance; c != nil {
		count(&regressed, c.regressions(), "case", "cases")
		count(&regressed, c.times(Regressed), "measured time", "measured times")
		count(&unclear, c.times(Inconclusive), "measured time", "measured times")
		count(&compared, c.Compared, "case", "cases")
		count(&compared, len(c.Drifts), "measured time", "measured times")
	}
	if l := d.Load; l != nil {
		if l.OutcomeRegress {
			regressed = append(regressed, "the outcome of the load")
		}
		count(&regressed, l.latencies(Regressed), "latency percentile", "latency percentiles")
		count(&regressed, l.counted(Regressed), "count of messages", "counts of messages")
		count(&regressed, l.trends(Regressed), "trend", "trends")
		count(&regressed, l.uses(Regressed), "figure of the target", "figures of the target")
		count(&unclear, l.latencies(Inconclusive), "latency percentile", "latency percentiles")
		count(&unclear, l.counted(Inconclusive), "count of messages", "counts of messages")
		count(&unclear, l.trends(Inconclusive), "trend", "trends")
		count(&unclear, l.uses(Inconclusive), "figure of the target", "figures of the target")
		count(&compared, len(l.Latencies)-l.latencies(NotCompared), "latency percentile", "latency percentiles")
		count(&compared, len(l.Counts), "count of messages", "counts of messages")
		count(&compared, len(l.Trends)-l.trends(NotCompared), "trend", "trends")
		count(&compared, len(l.Uses), "figure of the target", "figures of the target")
	}
	if c := d.Capacity; c != nil {
		switch c.Judgement {
		case Regressed:
			regressed = append(regressed, "the capacity")
		case Inconclusive:
			unclear = append(unclear, "the capacity")
		}
		compared = append(compared, "the capacity")
	}
	return regressed, unclear, compared
}

// WriteJSON writes d as reports/schema has it. Schema and kind are those of this
// package, and a command or addresses that are not known are empty, not null.
func WriteJSON(w io.Writer, d *Diff) error {
	written := *d
	written.Schema, written.Kind = reports.SchemaVersion, Kind
	if written.Command == nil {
		written.Command = []string{}
	}
	for _, side := range []*Side{&written.Old, &written.New} {
		if side.Target.Addresses == nil {
			side.Target.Addresses = map[string]string{}
		}
	}
	return reports.WriteJSON(w, written)
}
