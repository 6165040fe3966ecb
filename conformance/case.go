package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"imcheck/harness/wire"
)

// Level is how much a case asks for.
type Level string

// Levels.
const (
	// Must is what every observed 6.x server does.
	Must Level = "MUST"
	// Should is where RFC 6455, safety or common sense asks for more.
	Should Level = "SHOULD"
	// Info asks for nothing: it measures, and never fails.
	Info Level = "INFO"
)

var levels = []Level{Must, Should, Info}

// Case is one requirement and how to see whether a server keeps it.
type Case struct {
	ID          string // "area/name": stable, never a position
	Requirement string // in one sentence
	Section     string // of protocol.md
	Level       Level
	Transports  []wire.Transport
	Needs       []string // capabilities of the target
	Tags        []string // further labels
	// Run fails through g or through the scene's own expectations.
	Run func(g gomega.Gomega, s *Scene)
}

// Area is the part of the ID before the slash.
func (c Case) Area() string {
	area, _, _ := strings.Cut(c.ID, "/")
	return area
}

// TagExpiry is the label of the cases that measure when a silent session ends,
// and take no longer than that: they are run in each sense mode.
const TagExpiry = "expiry"

// Labels are what --filter selects by: area, level, transport, the capabilities
// that the case needs, and its tags.
func (c Case) Labels(t wire.Transport) []string {
	labels := []string{c.Area(), strings.ToLower(string(c.Level)), t.String()}
	for _, capability := range c.Needs {
		labels = append(labels, "needs-"+capability)
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
		case !strings.HasPrefix(c.Section, "§"):
			return fmt.Errorf("case %s: the section %q does not name one of protocol.md", c.ID, c.Section)
		case !slices.Contains(levels, c.Level):
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

// Item is one case on one transport: what is run and what gets a verdict.
type Item struct {
	Case
	Transport wire.Transport
}

// Name is the item's name in reports and trace files.
func (i Item) Name() string { return i.ID + " [" + i.Transport.String() + "]" }
