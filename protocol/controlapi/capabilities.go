package controlapi

import (
	"slices"
	"strings"
)

// Capability names something that a control API, or the application of a server,
// can do. Cases that need one which a server does not list are not run.
type Capability string

// Capabilities of the control API itself, a call each.
const (
	CapabilityS2C    Capability = "s2c"    // PathS2C sends a message to a user
	CapabilityKick   Capability = "kick"   // PathKick ends the session of a user
	CapabilityOnline Capability = "online" // PathOnline lists who is logged in
	CapabilityEvents Capability = "events" // PathEvents reports what the application sees
)

// Capabilities of the application and the server, which show on the wire alone.
const (
	CapabilityVerdicts     Capability = "verdicts"      // the application refuses logins by their token
	CapabilityOfflineStore Capability = "offline-store" // the application stores messages for users who are offline
	CapabilityVeto         Capability = "veto"          // the application vetoes messages
	CapabilityStamp        Capability = "stamp"         // the server puts its clock into every message
	CapabilityBridge       Capability = "bridge"        // the server is connected to another one (docs/protocol.md §6)
)

// AllCapabilities lists the capabilities of the contract. A server may list others.
func AllCapabilities() Capabilities {
	return append(Capabilities{CapabilityS2C, CapabilityKick, CapabilityOnline, CapabilityEvents}, Declarable()...)
}

// Declarable lists the capabilities that a server without a control API may be declared
// to have.
func Declarable() Capabilities {
	return Capabilities{CapabilityVerdicts, CapabilityOfflineStore, CapabilityVeto, CapabilityStamp, CapabilityBridge}
}

// Capabilities is a set of capabilities, in the order in which they were declared. In
// JSON it is a list of their names.
type Capabilities []Capability

// Has reports whether the set has a capability.
func (c Capabilities) Has(one Capability) bool { return slices.Contains(c, one) }

// With returns the set and those of more that it lacks.
func (c Capabilities) With(more ...Capability) Capabilities {
	all := slices.Clone(c)
	for _, one := range more {
		if !all.Has(one) {
			all = append(all, one)
		}
	}
	return all
}

// Names returns the names, nil when there are none.
func (c Capabilities) Names() (names []string) {
	for _, one := range c {
		names = append(names, string(one))
	}
	return names
}

// String joins the names with commas.
func (c Capabilities) String() string { return strings.Join(c.Names(), ", ") }
