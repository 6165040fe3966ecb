package suite

import (
	"fmt"
	"slices"
)

// Requirement is one thing that docs/protocol.md asks for. Cases name the ones that
// they check.
type Requirement struct {
	ID      string // stable and unique, the anchor of its sentence in docs/protocol.md
	Section string // heading of that part of docs/protocol.md
	Text    string // the sentence, without its backticks
	Of      End    // end that has to keep it
	// Unheld is the reason that no case checks it; "" when at least one has to.
	Unheld string
}

// End is an end of the protocol. A catalogue is for targets of one of them.
type End string

const (
	Servers End = "server"
	Clients End = "client"
)

// Requirements lists what docs/protocol.md §1 to §6 asks for, section by section.
func Requirements() []Requirement {
	return slices.Concat(
		messageRequirements, transportRequirements, sessionRequirements, qosRequirements,
		applicationRequirements, bridgeRequirements,
	)
}

// sections maps each requirement to its section.
var sections = func() map[string]string {
	byID := map[string]string{}
	for _, r := range Requirements() {
		byID[r.ID] = r.Section
	}
	return byID
}()

// Coverage lists the cases that check one requirement.
type Coverage struct {
	Requirement Requirement
	Cases       []Case // in the order of the catalogue
}

// Cover pairs every requirement with its cases in a catalogue for targets of one end.
func Cover(catalogue []Case, end End) []Coverage {
	var all []Coverage
	for _, r := range Requirements() {
		if r.Of != end {
			r.Unheld = fmt.Sprintf("asked of a %s, while this catalogue is for %ss", r.Of, end)
		}
		c := Coverage{Requirement: r}
		for _, held := range catalogue {
			if slices.Contains(held.Covers, r.ID) {
				c.Cases = append(c.Cases, held)
			}
		}
		all = append(all, c)
	}
	return all
}

// CheckCoverage refuses a catalogue for targets of one end that leaves out a requirement
// which has to be checked, or that checks one which is said not to be.
func CheckCoverage(catalogue []Case, end End) error {
	for _, c := range Cover(catalogue, end) {
		switch held := len(c.Cases) > 0; {
		case !held && c.Requirement.Unheld == "":
			return fmt.Errorf("requirement %s (%s) has no case: %s", c.Requirement.ID, c.Requirement.Section, c.Requirement.Text)
		case held && c.Requirement.Unheld != "":
			return fmt.Errorf("requirement %s is said not to be checked (%s), but %s checks it", c.Requirement.ID, c.Requirement.Unheld, c.Cases[0].ID)
		}
	}
	return nil
}
