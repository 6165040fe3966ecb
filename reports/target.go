package reports

import (
	"maps"
	"slices"
	"strings"
)

// AddressList returns a target's addresses by transport, with the addresses that were
// connected to, the sense modes, and what was not checked.
func (t Target) AddressList() string {
	var parts []string
	for _, transport := range SortedTransports(t.Addresses) {
		part := transport + " " + t.Addresses[transport]
		if reached := t.Reached[transport]; reached != "" {
			part += " = " + reached
		}
		var notes []string
		if mode := t.SenseModes[transport]; mode != "" {
			notes = append(notes, mode)
		}
		if slices.Contains(t.UnverifiedTLS, transport) {
			notes = append(notes, "certificate not checked")
		}
		if len(notes) > 0 {
			part += " (" + strings.Join(notes, ", ") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// Title returns the name and the version of a target; "" when it has neither.
func (t Target) Title() string { return strings.TrimSpace(t.Name + " " + t.Version) }

// Identity returns a target's name and version, who makes it and where it is described,
// separated by commas; "" when nothing is known.
func (t Target) Identity() string {
	parts := slices.DeleteFunc([]string{t.Title(), t.Organization, t.URL}, func(part string) bool { return part == "" })
	return strings.Join(parts, ", ")
}

// UnverifiedNote says on which transports the certificate of the server was not checked;
// "" for none.
func (t Target) UnverifiedNote() string {
	if len(t.UnverifiedTLS) == 0 {
		return ""
	}
	return "The certificate of the server was not checked on " + strings.Join(t.UnverifiedTLS, " and ") + " (--tls-insecure): anybody may have answered."
}

// ModesOn returns a target's sense modes on the transports for which another target has
// any: a shard that never reached the target may know fewer.
func (t Target) ModesOn(other Target) string {
	known := maps.Clone(t.SenseModes)
	maps.DeleteFunc(known, func(transport, _ string) bool { return other.SenseModes[transport] == "" })
	var parts []string
	for _, transport := range SortedTransports(known) {
		parts = append(parts, transport+"="+known[transport])
	}
	return strings.Join(parts, ",")
}
