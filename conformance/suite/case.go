package suite

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Case is one requirement and how to see whether a server keeps it.
type Case struct {
	ID          string   // "area/name": stable, never a position
	Requirement string   // what this case asks, in one sentence
	Covers      []string // IDs of Requirements; the first one gives the section
	Level       reports.Level
	Transports  []wire.Transport
	Needs       []string // capabilities of the target
	Tags        []string // further labels
	// Takes is how long the case waits when that is longer than any sense mode
	// asks for, else 0. Such a case is run only when it is asked for.
	Takes time.Duration
	// Opens is how many connections the case has open at most when that is more than
	// usualOpens, else 0.
	Opens int
	// Run gets a scene of the World that the case is for, and fails through it.
	Run func(Scene)
}

// Area is the part of the ID before the slash.
func (c Case) Area() string {
	area, _, _ := strings.Cut(c.ID, "/")
	return area
}

// Section is the section of docs/protocol.md that the case is about.
func (c Case) Section() string {
	if len(c.Covers) == 0 {
		return ""
	}
	return sections[c.Covers[0]]
}

// TagExpiry is the label of the cases that measure when a silent session ends,
// and take no longer than that: they are run in each sense mode.
const TagExpiry = "expiry"

// labelLong is the label of the cases that Takes is set for.
const labelLong = "long"

// Labels are what --filter selects by: area, level, transport, the capabilities
// that the case needs, "long", and its tags.
func (c Case) Labels(t wire.Transport) []string {
	labels := []string{c.Area(), strings.ToLower(string(c.Level)), t.String()}
	for _, capability := range c.Needs {
		labels = append(labels, "needs-"+capability)
	}
	if c.Takes > 0 {
		labels = append(labels, labelLong)
	}
	return append(labels, c.Tags...)
}

var caseID = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`)

// Check refuses a catalogue with a case that is incomplete or that stands in
// it twice.
func Check(catalogue []Case) error {
	seen := map[string]bool{}
	for _, c := range catalogue {
		switch {
		case !caseID.MatchString(c.ID):
			return fmt.Errorf("case ID %q is not area/name in lower case", c.ID)
		case seen[c.ID]:
			return fmt.Errorf("case ID %s stands twice in the catalogue", c.ID)
		case !strings.HasSuffix(c.Requirement, "."):
			return fmt.Errorf("case %s: the requirement is not a sentence", c.ID)
		case len(c.Covers) == 0:
			return fmt.Errorf("case %s covers no requirement", c.ID)
		case slices.ContainsFunc(c.Covers, isUnknown):
			return fmt.Errorf("case %s covers %q, of which one at least is no requirement", c.ID, c.Covers)
		case !slices.Contains(reports.Levels[:], c.Level):
			return fmt.Errorf("case %s: unknown level %q", c.ID, c.Level)
		case len(c.Transports) == 0 || c.Run == nil:
			return fmt.Errorf("case %s has no transport or no function", c.ID)
		case len(slices.Compact(slices.Sorted(slices.Values(c.Transports)))) != len(c.Transports):
			return fmt.Errorf("case %s names a transport twice", c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

func isUnknown(requirement string) bool { return sections[requirement] == "" }

// Item is one case on one transport: what is run and what gets a verdict.
type Item struct {
	Case
	Transport wire.Transport
}

// Name is the item's name in reports and trace files.
func (i Item) Name() string { return i.ID + " [" + i.Transport.String() + "]" }
