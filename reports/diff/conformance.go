package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"imcheck/reports"
)

// Conformance compares cases and the times that they measured. A case counts once for
// each transport and sense mode.
type Conformance struct {
	Compared int           `json:"compared"` // cases that both runs have
	Same     int           `json:"same"`     // results as before
	Changes  []CaseChange  `json:"changes"`
	Drifts   []TimingDrift `json:"drifts"` // drifts of every time that both runs measured
}

// CaseChange describes a case whose verdict differs between the runs. Of several rounds
// the most severe verdict counts.
type CaseChange struct {
	Case       string          `json:"case"`
	Transport  string          `json:"transport"`
	SenseMode  string          `json:"senseMode,omitempty"`
	Change     Change          `json:"change"`
	Regression bool            `json:"regression,omitempty"` // it makes the exit code 1
	Old        reports.Verdict `json:"old,omitempty"`        // "" of a case that appeared
	New        reports.Verdict `json:"new,omitempty"`        // "" of a case that vanished
	OldTimes   int             `json:"oldTimes,omitempty"`   // rounds in which the verdict was Old
	OldRounds  int             `json:"oldRounds,omitempty"`  // rounds in which it was run; 0 when it was not repeated
	NewTimes   int             `json:"newTimes,omitempty"`   // as OldTimes
	NewRounds  int             `json:"newRounds,omitempty"`  // as OldRounds
	Reason     string          `json:"reason,omitempty"`     // that of the new verdict
}

// Change classifies a change of verdict.
type Change string

// The changes.
const (
	ChangeRegressed Change = "regressed" // it was good, and fails or cannot be run
	ChangeFixed     Change = "fixed"     // it was bad, and is good
	ChangeAppeared  Change = "appeared"  // only the new run has it
	ChangeVanished  Change = "vanished"  // only the old run has it
	ChangeOther     Change = "changed"   // any other: inconclusive and the like say nothing
)

// changes orders them by what a reader has to look at first.
var changes = []Change{ChangeRegressed, ChangeVanished, ChangeOther, ChangeAppeared, ChangeFixed}

// CaseKey identifies a case in a run.
type CaseKey struct{ ID, Transport, Mode string }

func compareKeys(a, b CaseKey) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), reports.CompareTransports(a.Transport, b.Transport), cmp.Compare(a.Mode, b.Mode))
}

// Cases groups the results of a run. A run in one sense mode has it in its
// header.
func Cases(c *reports.Conformance) map[CaseKey][]reports.Result {
	cases := map[CaseKey][]reports.Result{}
	for _, r := range c.Results {
		key := CaseKey{r.Case, r.Transport, cmp.Or(r.SenseMode, c.Target.SenseModes[r.Transport])}
		cases[key] = append(cases[key], r)
	}
	return cases
}

// OfConformance compares two runs that need not be in folders. The error is an *Error.
func OfConformance(before, after *reports.Conformance, bounds Bounds) (*Conformance, error) {
	d := &Diff{Bounds: bounds}
	err := d.compareConformance(before, after)
	return d.Conformance, err
}

// compareConformance fills in d.Conformance.
func (d *Diff) compareConformance(oldRun, newRun *reports.Conformance) error {
	if err := d.sides(oldRun.Header, newRun.Header); err != nil {
		return err
	}
	if err := d.samePath(oldRun, newRun); err != nil {
		return err
	}
	before, after := Cases(oldRun), Cases(newRun)
	c := &Conformance{Changes: []CaseChange{}, Drifts: []TimingDrift{}}
	same := sameSelection(oldRun, newRun)
	for key, results := range before {
		c.addCase(key, results, after[key], same)
	}
	for key, results := range after {
		if before[key] == nil {
			c.addCase(key, nil, results, same)
		}
	}
	if c.Compared == 0 {
		return incomparable("%s and %s have no case in common, on the same transport and in the same sense mode", d.Old.Folder, d.New.Folder)
	}
	slices.SortFunc(c.Changes, func(a, b CaseChange) int {
		return cmp.Or(cmp.Compare(reports.Rank(changes, a.Change), reports.Rank(changes, b.Change)),
			compareKeys(CaseKey{a.Case, a.Transport, a.SenseMode}, CaseKey{b.Case, b.Transport, b.SenseMode}))
	})
	c.compareTimes(before, after, d.Bounds.MaxDriftMs)
	d.Conformance = c
	if !same {
		d.note("the two runs did not select the same cases: one that vanished has not regressed")
	}
	return nil
}

// samePath refuses runs over paths that were impaired in different ways: times and
// verdicts differ for that reason alone. Another seed is only noted.
func (d *Diff) samePath(before, after *reports.Conformance) error {
	if a, b := before.ImpairmentSpecs(), after.ImpairmentSpecs(); !slices.Equal(a, b) {
		return incomparable("the path was impaired by %s in %s and by %s in %s: give both runs the same --impair", specWords(a), d.Old.Folder, specWords(b), d.New.Folder)
	}
	d.noteSeeds(before.Impairment, after.Impairment)
	return nil
}

// noteSeeds notes that the impaired paths of two runs had different seeds.
func (d *Diff) noteSeeds(a, b *reports.Impairment) {
	if a != nil && b != nil && a.Seed != b.Seed {
		d.note("the seed of the impaired path was %d and %d: the two runs lost different datagrams", a.Seed, b.Seed)
	}
}

// specWords joins the specs of an impairment.
func specWords(specs []string) string {
	if len(specs) == 0 {
		return "nothing"
	}
	return strconv.Quote(strings.Join(specs, "; "))
}

// addCase compares one case; one of the two lists may be empty.
func (c *Conformance) addCase(key CaseKey, before, after []reports.Result, sameSelection bool) {
	change := CaseChange{Case: key.ID, Transport: key.Transport, SenseMode: key.Mode}
	if len(before) > 0 {
		change.Old, change.OldTimes, change.OldRounds, _ = worstOf(before)
	}
	if len(after) > 0 {
		change.New, change.NewTimes, change.NewRounds, change.Reason = worstOf(after)
	}
	switch {
	case len(before) == 0:
		change.Change = ChangeAppeared
	case len(after) == 0:
		change.Change = ChangeVanished
		change.Regression = sameSelection && isGood(change.Old)
	default:
		c.Compared++
		if change.Old == change.New {
			c.Same++
			return
		}
		change.Change = changeOf(change.Old, change.New)
		change.Regression = change.Change == ChangeRegressed
	}
	c.Changes = append(c.Changes, change)
}

// worstOf returns the most severe verdict with its reason and, for a repeated case, the
// number of rounds that ended with it. An unexpected pass is a pass: the list of expected
// failures being out of date does not change that.
func worstOf(results []reports.Result) (worst reports.Verdict, times, rounds int, reason string) {
	results = slices.Clone(results)
	for i := range results {
		if results[i].Verdict == reports.UnexpectedPass {
			results[i].Verdict = reports.Pass
		}
	}
	first := reports.BySeverity(results)[0]
	if len(results) > 1 {
		times, rounds = reports.CountVerdicts(results)[first.Verdict], len(results)
	}
	return first.Verdict, times, rounds, first.Reason
}

// isGood reports whether a target does what a MUST asks for, isBad whether it
// does not. Other verdicts say nothing either way.
func isGood(v reports.Verdict) bool { return v == reports.Pass || v == reports.Warn }
func isBad(v reports.Verdict) bool {
	return v == reports.Fail || v == reports.Error || v == reports.ExpectedFailure
}

// changeOf classifies a change of verdict. A failure on the list of known ones is not a
// regression.
func changeOf(before, after reports.Verdict) Change {
	switch {
	case isGood(before) && (after == reports.Fail || after == reports.Error):
		return ChangeRegressed
	case isBad(before) && isGood(after), before == reports.Warn && after == reports.Pass:
		return ChangeFixed
	}
	return ChangeOther
}

// selecting lists the flags of conform that select cases.
var selecting = []string{"--filter", "--case", "--skip", "--long"}

// sameSelection reports whether two runs were asked for the same cases on the
// same transports, by the commands as typed: only then is a case that is not
// there any more one that got lost.
func sameSelection(a, b *reports.Conformance) bool {
	return slices.Equal(Selection(a), Selection(b))
}

// Selection returns what selected the cases of a run: flags and transports.
func Selection(c *reports.Conformance) (words []string) {
	for i, word := range c.Command {
		name, value, joined := strings.Cut(word, "=")
		if !slices.Contains(selecting, name) {
			continue
		}
		if !joined && name != "--long" && i+1 < len(c.Command) {
			value = c.Command[i+1]
		}
		words = append(words, name+"="+value)
	}
	for transport := range c.Target.Addresses {
		if transport != "control" {
			words = append(words, transport)
		}
	}
	slices.Sort(words)
	return words
}

// regressions counts the cases that make the exit code 1.
func (c *Conformance) regressions() (n int) {
	for _, change := range c.Changes {
		if change.Regression {
			n++
		}
	}
	return n
}
