package options

import (
	"maps"
	"math"
	"slices"
)

// MixPart is a part of a mix: the scenario of some of its clients.
type MixPart struct {
	Scenario string  // name of a scenario
	Weight   float64 // over 0; the clients are divided in proportion
}

// MixRate is the rate of a part of a mix.
type MixRate struct {
	Scenario string // name of the part's scenario
	Rate     float64
}

// setMix reads the parts of a mix in a file, in the order of their names.
func setMix(into *[]MixPart, written map[string]float64) error {
	if len(written) == 0 {
		return Refuse(Mix, "there are no parts: name scenarios with their weights, such as mix: {idle: 90, chat: 10}")
	}
	*into = nil
	for _, name := range slices.Sorted(maps.Keys(written)) {
		*into = append(*into, MixPart{name, written[name]})
	}
	return nil
}

func setMixRates(into *[]MixRate, written map[string]float64) {
	*into = nil
	for _, name := range slices.Sorted(maps.Keys(written)) {
		*into = append(*into, MixRate{name, written[name]})
	}
}

// checkMix refuses weights and rates of a mix that are out of range, of a scenario that
// uses these keys.
func (o *Options) checkMix(keys []string) error {
	if slices.Contains(keys, Mix) {
		for _, p := range o.Mix {
			if !(p.Weight > 0) || math.IsInf(p.Weight, 0) {
				return Refuse(Mix+"."+p.Scenario, "a weight of %v is out of range: use one over 0", p.Weight)
			}
		}
	}
	if !slices.Contains(keys, MixRates) {
		return nil
	}
	for _, r := range o.MixRates {
		if reason := checkRate(r.Rate); reason != "" {
			return Refuse(MixRates+"."+r.Scenario, "%s", reason)
		}
	}
	return nil
}
