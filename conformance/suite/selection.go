package suite

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"imcheck/protocol/wire"
)

// Selection selects the items of a catalogue to run.
type Selection struct {
	Filter string   // Ginkgo's label language, such as "heartbeat && !udp"; "" for all
	Cases  []string // globs on case IDs, any of which selects; none for all
	Skip   []string // globs on case IDs that are reported as skipped
	Long   bool     // also the cases that wait for longer than any sense mode asks for; one that Cases names in full is run anyway
}

// Skipped is an item that is not run, with the reason.
type Skipped struct {
	Item
	Reason string
}

// Select lists the items of a catalogue that the selection asks for, on the
// transports that the target serves. A bad filter is an error; an empty list
// is not, but nobody should take it for a pass.
func (s Selection) Select(catalogue []Case, served []wire.Transport) (selected []Item, skipped []Skipped, err error) {
	filter, err := s.filter()
	if err != nil {
		return nil, nil, err
	}
	for _, c := range catalogue {
		if len(s.Cases) > 0 && !matchesAny(s.Cases, c.ID) {
			continue
		}
		for _, t := range c.Transports {
			if len(c.Uses) == 0 && !slices.Contains(served, t) || !filter(c.Labels(t)) {
				continue
			}
			item := Item{c, t}
			if reason := cmp.Or(s.leavesOut(c), c.lacks(served)); reason != "" {
				skipped = append(skipped, Skipped{item, reason})
			} else {
				selected = append(selected, item)
			}
		}
	}
	return selected, skipped, nil
}

// colours are the attributes that Ginkgo gives its errors, terminal or not.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func (s Selection) filter() (types.LabelFilter, error) {
	filter, err := types.ParseLabelFilter(s.Filter)
	if err != nil {
		return nil, fmt.Errorf("--filter %q: %s", s.Filter, colours.ReplaceAllString(err.Error(), ""))
	}
	return filter, nil
}

// lacks returns why a case cannot be run on a target that serves some transports, or "".
func (c Case) lacks(served []wire.Transport) string {
	for _, t := range c.Uses {
		if !slices.Contains(served, t) {
			return fmt.Sprintf("it needs %s, which the target does not serve", t)
		}
	}
	return ""
}

// leavesOut returns why a case is not run, or "" when it is.
func (s Selection) leavesOut(c Case) string {
	switch {
	case matchesAny(s.Skip, c.ID):
		return "left out with --skip"
	case c.LongWait > 0 && !s.Long && !slices.Contains(s.Cases, c.ID):
		return fmt.Sprintf("it takes %v: --long, or its name after --case, runs it", c.LongWait)
	}
	return ""
}

// notLabels matches the parts of a filter that are not labels: regular expressions, sets
// of labels, which are not checked, and operators.
var notLabels = regexp.MustCompile(`/[^/]*/|[^\s:]+:\s*(?:(?i:containsAny|containsAll|consistsOf|isSubsetOf|isEmpty))?\s*(?:\{[^}]*\}|[^\s&|,()!]*)|[&|,()!]+`)

// CheckFilter refuses a filter with a label that no case has: it is a misspelling,
// and after ! one that would leave nothing out.
func (s Selection) CheckFilter(catalogue []Case) error {
	if _, err := s.filter(); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, c := range catalogue {
		for _, t := range c.Transports {
			for _, label := range c.Labels(t) {
				known[strings.ToLower(label)] = true
			}
		}
	}
	for _, label := range strings.Split(notLabels.ReplaceAllString(s.Filter, "\n"), "\n") {
		if label = strings.TrimSpace(label); label != "" && !known[strings.ToLower(label)] {
			return fmt.Errorf("--filter %q: no case has the label %q: use areas, levels, transports and needs-CAPABILITY, which --list shows", s.Filter, label)
		}
	}
	return nil
}

// CheckGlobs refuses a glob that matches no case: it is a misspelling.
func CheckGlobs(catalogue []Case, globs []string) error {
	for _, glob := range globs {
		known := func(c Case) bool { return matchesAny([]string{glob}, c.ID) }
		if !slices.ContainsFunc(catalogue, known) {
			return fmt.Errorf("%q matches no case: --list shows them all", glob)
		}
	}
	return nil
}

// matchesAny matches case IDs against globs in which * means any text, including
// slashes.
func matchesAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(glob), `\*`, `.*`)
		return regexp.MustCompile("^" + pattern + "$").MatchString(id)
	})
}
