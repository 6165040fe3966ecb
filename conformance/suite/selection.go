package suite

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"imcheck/protocol/versions"
	"imcheck/protocol/wire"
)

// Selection selects the items of a catalogue to run.
type Selection struct {
	Filter string   // Ginkgo's label language, such as "heartbeat && !udp"; "" for all
	Cases  []string // globs on case IDs, any of which selects; none for all
	Skip   []string // globs on case IDs that are reported as skipped
	Long   bool     // also the cases that wait for longer than any sense mode asks for; one that Cases names in full is run anyway
	// Protocol is the version that the target is judged by: cases that hold since a newer one
	// are skipped. "" is ProtocolVersion.
	Protocol versions.Version
}

// Skipped is an item that is not run, with the reason.
type Skipped struct {
	Item
	Omission Omission
	Reason   string // in words
}

// Omission classifies the reasons for which an item is not run.
type Omission uint8

// Omissions.
const (
	LeftOut   Omission = iota + 1 // Selection.Skip names it
	TooLong                       // it waits for longer than any sense mode asks for; see Selection.Long
	NotServed                     // it needs a transport that the target does not serve; see Case.Uses
	TooNew                        // it holds since a newer version than the target is judged by; see Case.Since
)

// SelectionError reports a part of a selection that cannot be used. One of Filter and Glob
// is set.
type SelectionError struct {
	Filter string // as Selection.Filter
	Glob   string // one of Selection.Cases or Skip, which matches no case
	Label  string // of the filter, which no case has; "" when the filter cannot be read
	Reason string // for a filter that cannot be read
}

func (e *SelectionError) Error() string {
	switch {
	case e.Glob != "":
		return fmt.Sprintf("%q matches no case", e.Glob)
	case e.Label != "":
		return fmt.Sprintf("the filter %q: no case has the label %q: use areas, levels, transports and needs-CAPABILITY", e.Filter, e.Label)
	}
	return fmt.Sprintf("the filter %q: %s", e.Filter, e.Reason)
}

// Select lists the items of a catalogue that the selection asks for, on the
// transports that the target serves. A bad filter is a *SelectionError; an empty list
// is no error, but nobody should take it for a pass.
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
			if omission, reason := s.leavesOut(c, served); omission != 0 {
				skipped = append(skipped, Skipped{item, omission, reason})
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
		return nil, &SelectionError{Filter: s.Filter, Reason: colours.ReplaceAllString(err.Error(), "")}
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

// leavesOut returns why a case is not run, or 0 when it is.
func (s Selection) leavesOut(c Case, served []wire.Transport) (omission Omission, reason string) {
	switch {
	case matchesAny(s.Skip, c.ID):
		return LeftOut, "left out"
	case s.Protocol != "" && s.Protocol.Before(c.Since()):
		return TooNew, "not applicable: since " + string(c.Since())
	case c.LongWait > 0 && !s.Long && !slices.Contains(s.Cases, c.ID):
		return TooLong, fmt.Sprintf("it takes %v", c.LongWait)
	}
	if reason = c.lacks(served); reason != "" {
		return NotServed, reason
	}
	return 0, ""
}

// notLabels matches the parts of a filter that are not labels: regular expressions, sets
// of labels, which are not checked, and operators.
var notLabels = regexp.MustCompile(`/[^/]*/|[^\s:]+:\s*(?:(?i:containsAny|containsAll|consistsOf|isSubsetOf|isEmpty))?\s*(?:\{[^}]*\}|[^\s&|,()!]*)|[&|,()!]+`)

// CheckFilter refuses a filter with a label that no case has: it is a misspelling,
// and after ! one that would leave nothing out. The error is a *SelectionError.
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
			return &SelectionError{Filter: s.Filter, Label: label}
		}
	}
	return nil
}

// CheckGlobs refuses a glob that matches no case: it is a misspelling. The error is a
// *SelectionError.
func CheckGlobs(catalogue []Case, globs []string) error {
	for _, glob := range globs {
		known := func(c Case) bool { return matchesAny([]string{glob}, c.ID) }
		if !slices.ContainsFunc(catalogue, known) {
			return &SelectionError{Glob: glob}
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
