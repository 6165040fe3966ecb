package impair

import (
	"fmt"
	"slices"
	"strings"

	"imcheck/protocol/wire"
)

// Specs returns the policy as specs for Parse, without the seed: the shortest list, which
// is the same for equivalent policies, and empty if nothing is impaired.
func (p Policy) Specs() []string {
	type group struct {
		kinds      []string
		direction  string // "" for both
		impairment Impairment
	}
	var groups []group
	add := func(kind wire.Transport, direction string, i Impairment) {
		if i == (Impairment{}) {
			return
		}
		at := slices.IndexFunc(groups, func(g group) bool { return g.direction == direction && g.impairment == i })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{nil, direction, i})
		}
		groups[at].kinds = append(groups[at].kinds, kind.String())
	}
	for _, kind := range wire.Transports {
		if ways := p.Paths[kind]; ways[Out] == ways[In] {
			add(kind, "", ways[Out])
			continue
		}
		for _, d := range Directions {
			add(kind, " "+d.String(), p.Paths[kind][d])
		}
	}
	var specs []string
	for _, g := range groups {
		specs = append(specs, strings.Join(g.kinds, " ")+g.direction+": "+g.impairment.String())
	}
	return specs
}

// String returns the keys of the spec that are not 0.
func (i Impairment) String() string {
	var parts []string
	for _, p := range []struct {
		name  string
		value Percent
	}{{"drop", i.Drop}, {"duplicate", i.Duplicate}, {"reorder", i.Reorder}} {
		if p.value > 0 {
			parts = append(parts, p.name+"="+p.value.String())
		}
	}
	if i.Delay > 0 {
		parts = append(parts, fmt.Sprintf("delay=%v", i.Delay))
	}
	if i.Jitter > 0 {
		parts = append(parts, fmt.Sprintf("jitter=%v", i.Jitter))
	}
	if i.Stall.Length > 0 {
		parts = append(parts, fmt.Sprintf("stall=%v/%v", i.Stall.Length, i.Stall.Period))
	}
	return strings.Join(parts, ", ")
}
