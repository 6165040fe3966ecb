package reports

import "slices"

// protocolDocument is the path of the document in which the requirements are sentences.
const protocolDocument = "docs/protocol.md"

// Link returns the place of a requirement in the project's documents, such as
// "docs/protocol.md#c2s-ack".
func (r Requirement) Link() string { return protocolDocument + "#" + r.ID }

// CoveredBy returns the requirements that the case of a result checks, in the order in
// which the case names them. In a report whose results do not name any, they are those
// that name the case. Requirements that the report does not list are left out.
func (c *Conformance) CoveredBy(r Result) (covered []Requirement) {
	if len(r.Covers) == 0 {
		for _, listed := range c.Requirements {
			if slices.Contains(listed.Cases, r.Case) {
				covered = append(covered, listed)
			}
		}
		return covered
	}
	for _, id := range r.Covers {
		if i := slices.IndexFunc(c.Requirements, func(listed Requirement) bool { return listed.ID == id }); i >= 0 {
			covered = append(covered, c.Requirements[i])
		}
	}
	return covered
}
