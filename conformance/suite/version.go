package suite

import (
	"slices"

	"imcheck/protocol/versions"
)

// ProtocolVersion is the version of docs/protocol.md, which has the Requirements: that of
// the observed server. The document states it too.
const ProtocolVersion = versions.Newest

// since has the requirements that not every version keeps, with the first that does.
// docs/judged.md says how that was seen.
var since = map[string]versions.Version{
	"equal-takes-over": versions.V65,
	"old-logged-in":    versions.V65,
	"told-logout":      versions.V62,
	"told-kick":        versions.V62,
	"veto":             versions.V62,
	"asked-before":     versions.V62,

	// Of clients, which gave up at one of their keep-alives before.
	"give-up": versions.V611,
}

// Since returns the first version of the protocol that keeps the requirement; "" when each
// version does.
func (r Requirement) Since() versions.Version { return since[r.ID] }

// Since returns the first version of the protocol that keeps every requirement which the case
// covers or relies on; "" when each version does.
func (c Case) Since() (first versions.Version) {
	for _, id := range slices.Concat(c.Covers, c.Relies) {
		if first.Before(since[id]) {
			first = since[id]
		}
	}
	return first
}
