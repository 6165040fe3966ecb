package reports

import (
	"maps"
	"strings"
)

// AddressList returns a target's addresses by transport, with the sense modes.
func (t Target) AddressList() string {
	var parts []string
	for _, transport := range SortedTransports(t.Addresses) {
		part := transport + " " + t.Addresses[transport]
		if mode := t.SenseModes[transport]; mode != "" {
			part += " (" + mode + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
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
