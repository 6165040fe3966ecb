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

// Case is a check that a target does what the protocol requires.
type Case struct {
	ID          string   // "area/name": stable, never a position
	Requirement string   // behaviour that this case asks for, in one sentence
	Covers      []string // IDs of Requirements; the first one gives the section
	Relies      []string // IDs of Requirements that it needs on its way, and does not check
	Level       reports.Level
	Transports  []wire.Transport
	Uses        []wire.Transport // that the target has to serve whichever the case runs on; nil for that one alone
	Needs       []string         // capabilities of the target
	Unless      []string         // capabilities of a target that the case does not apply to
	Tags        []string         // further labels
	// LongWait is set when the case waits longer than any sense mode asks for. Such a
	// case is run only on request.
	LongWait time.Duration
	// Opens is the largest number of connections that the case has open at once, when
	// that is more than usualOpens, else 0.
	Opens int
	// Users is the largest number of users that an attempt logs in, one after the other or at
	// once, when that is more than usualUsers, else 0.
	Users int
	// OwnIDs is set when the case needs a user whose ID it makes up: a target that knows its
	// users has none.
	OwnIDs bool
	// Run is called with a Scene of the World that the case is for, and ends the case
	// through it.
	Run func(Scene)
}

// Area returns the part of the ID before the slash.
func (c Case) Area() string {
	area, _, _ := strings.Cut(c.ID, "/")
	return area
}

// Section returns the case's section of docs/protocol.md.
func (c Case) Section() string {
	if len(c.Covers) == 0 {
		return ""
	}
	return sections[c.Covers[0]]
}

// TagExpiry is the label of the cases that measure when a silent session expires and
// take no longer than that: they are run in each sense mode.
const TagExpiry = "expiry"

// labelLong is the label of the cases with a LongWait.
const labelLong = "long"

// Labels returns the labels that --filter selects by: area, level, transport, the
// capabilities that the case needs, "long", and its tags.
func (c Case) Labels(t wire.Transport) []string {
	labels := []string{c.Area(), strings.ToLower(string(c.Level)), t.String()}
	for _, capability := range c.Needs {
		labels = append(labels, "needs-"+capability)
	}
	if c.LongWait > 0 {
		labels = append(labels, labelLong)
	}
	return append(labels, c.Tags...)
}

var caseID = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`)

// Check refuses a catalogue with a case that is incomplete or appears twice.
func Check(catalogue []Case) error {
	seen := map[string]bool{}
	for _, c := range catalogue {
		switch {
		case !caseID.MatchString(c.ID):
			return fmt.Errorf("case ID %q is not area/name in lower case", c.ID)
		case seen[c.ID]:
			return fmt.Errorf("case ID %s appears twice in the catalogue", c.ID)
		case !strings.HasSuffix(c.Requirement, "."):
			return fmt.Errorf("case %s: the requirement is not a sentence", c.ID)
		case len(c.Covers) == 0:
			return fmt.Errorf("case %s covers no requirement", c.ID)
		case slices.ContainsFunc(c.Covers, isUnknown):
			return fmt.Errorf("case %s covers %q, at least one of which is not a requirement", c.ID, c.Covers)
		case slices.ContainsFunc(c.Relies, isUnknown):
			return fmt.Errorf("case %s relies on %q, at least one of which is not a requirement", c.ID, c.Relies)
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

// Item is one case on one transport: the unit that is run and gets a verdict.
type Item struct {
	Case
	Transport wire.Transport
}

// Name returns the item's name in reports and trace files.
func (i Item) Name() string { return i.ID + " [" + i.Transport.String() + "]" }
