package index

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/diff"
	"imcheck/reports/words"
)

// runGroup has the runs of one kind that can be compared, oldest first.
type runGroup struct {
	kind string // KindConformance, KindLoad or KindCapacity
	key  string
	runs []Run
}

// groupRuns sorts runs into groups: those of several runs first, of these
// conformance, and of each kind the group with the newest run. A run with both
// reports is in two.
func groupRuns(runs []Run) (groups []runGroup) {
	add := func(run Run, kind, key string) {
		i := slices.IndexFunc(groups, func(g runGroup) bool { return g.kind == kind && g.key == key })
		if i < 0 {
			i = len(groups)
			groups = append(groups, runGroup{kind: kind, key: key})
		}
		groups[i].runs = append(groups[i].runs, run)
	}
	for _, run := range runs {
		if c := run.Conformance; c != nil {
			add(run, reports.KindConformance, conformanceKey(c))
		}
		if l := run.Load; l != nil {
			add(run, reports.KindLoad, loadKey(l))
		}
		if c := run.Capacity; c != nil {
			add(run, reports.KindCapacity, capacityKey(c))
		}
	}
	for _, g := range groups {
		slices.SortStableFunc(g.runs, func(a, b Run) int {
			return cmp.Or(g.header(a).Started.Compare(g.header(b).Started), cmp.Compare(a.Folder, b.Folder))
		})
	}
	slices.SortStableFunc(groups, func(a, b runGroup) int {
		newest := func(g runGroup) reports.Header { return g.header(g.newest()) }
		return cmp.Or(cmp.Compare(b.several(), a.several()), cmp.Compare(a.kind, b.kind), newest(b).Started.Compare(newest(a).Started), cmp.Compare(a.key, b.key))
	})
	return groups
}

// header returns the header of the report that the group is about.
func (g runGroup) header(run Run) reports.Header {
	switch g.kind {
	case reports.KindLoad:
		return run.Load.Header
	case reports.KindCapacity:
		return run.Capacity.Header
	}
	return run.Conformance.Header
}

// several is 1 for a group of more than one run.
func (g runGroup) several() int { return min(len(g.runs)-1, 1) }

func (g runGroup) newest() Run { return g.runs[len(g.runs)-1] }

// conformanceKey returns a text that is the same for runs of the same cases, as often
// repeated, against the same target. A comparison is less strict: it takes the cases that
// both runs have.
func conformanceKey(c *reports.Conformance) string {
	return fmt.Sprintf("%q %q %q %q %d %q", c.Target.Name, modesOf(c.Target), modesRun(c), diff.Selection(c), c.Rounds, c.ImpairmentSpecs())
}

// loadKey returns a text that is the same for loads that can be compared; see
// [diff.OfLoad].
func loadKey(l *reports.Load) string {
	return fmt.Sprintf("%q %q %#v", l.Target.Name, modesOf(l.Target), content.LoadTerms(l))
}

// modesOf returns text such as "udp=3S,tcp=5S".
func modesOf(t reports.Target) string { return t.ModesOn(t) }

// modesRun returns the sense modes in which the target was started, for a run in several.
func modesRun(c *reports.Conformance) (modes []string) {
	for _, r := range c.Results {
		if r.SenseMode != "" && !slices.Contains(modes, r.SenseMode) {
			modes = append(modes, r.SenseMode)
		}
	}
	slices.SortFunc(modes, reports.CompareModes)
	return modes
}

// title names what the runs of a group measured.
func (g runGroup) title() string {
	target := cmp.Or(g.header(g.newest()).Target.Name, "the target")
	switch g.kind {
	case reports.KindConformance:
		return "Conformance of " + target
	case reports.KindCapacity:
		c := g.newest().Capacity
		return fmt.Sprintf("Capacity of %s in %s, scenario %s", target, c.Unit, c.Scenario)
	}
	return fmt.Sprintf("Load on %s, scenario %s", target, g.newest().Load.Scenario)
}

// terms returns the options that the runs of a group have in common, beside their title.
func (g runGroup) terms() string {
	var parts []string
	if modes := modesOf(g.header(g.newest()).Target); modes != "" {
		parts = append(parts, "sense modes "+modes)
	}
	if g.kind == reports.KindLoad {
		return strings.Join(append(parts, loadTerms(g.newest().Load)...), "; ")
	}
	if g.kind == reports.KindCapacity {
		return strings.Join(append(parts, searchTerms(g.newest().Capacity)...), "; ")
	}
	c := g.newest().Conformance
	if modes := modesRun(c); len(modes) > 0 {
		parts = append(parts, "sense modes "+strings.Join(modes, ", "))
	}
	if words := selectingWords(c); words != "" {
		parts = append(parts, words)
	}
	if c.Rounds > 0 {
		parts = append(parts, words.Counted(int64(c.Rounds), "round", "rounds"))
	}
	if specs := c.ImpairmentSpecs(); len(specs) > 0 {
		parts = append(parts, "path impaired by "+strings.Join(specs, "; "))
	}
	return strings.Join(parts, "; ")
}

func loadTerms(l *reports.Load) (parts []string) {
	if words := content.ClientWords(l.Clients); words != "" {
		parts = append(parts, words+" clients")
	}
	if l.RatePerSecond > 0 {
		parts = append(parts, words.Trimmed(l.RatePerSecond)+" per second")
	}
	if l.PayloadBytes > 0 {
		parts = append(parts, words.Counted(int64(l.PayloadBytes), "byte", "bytes")+" each")
	}
	if l.InFlight > 0 {
		parts = append(parts, fmt.Sprintf("at most %d of a client without an ACK", l.InFlight))
	}
	return parts
}

// selectingWords returns the flags that say which cases were run.
func selectingWords(c *reports.Conformance) string {
	var words []string
	for _, word := range diff.Selection(c) {
		if strings.HasPrefix(word, "--") {
			words = append(words, strings.TrimSuffix(word, "="))
		}
	}
	return strings.Join(words, " ")
}
