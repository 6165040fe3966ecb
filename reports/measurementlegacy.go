package reports

import "strings"

// Reports that were written before a measurement had a rule say what it means in its
// name and in what its case expected. This file completes them as they are read; the
// rest of the program knows the fields only.

// Suffixes of the names of measurements that bracket a time.
const (
	legacyThere = ": still there"
	legacyGone  = ": gone"
)

// completeMeasurements adds rule, side and meaning to measurements that lack them.
func completeMeasurements(results []Result) {
	for i := range results {
		r := &results[i]
		for j := range r.Measurements {
			if m := &r.Measurements[j]; m.Rule == "" {
				m.complete(*r, j == len(r.Measurements)-1)
			}
		}
	}
}

// complete adds what the name of a measurement and its case say. Only the last
// measurement of a case can have decided its verdict.
func (m *Measurement) complete(r Result, last bool) {
	if of, found := strings.CutSuffix(m.Name, legacyThere); found {
		m.Of, m.Rule, m.Side, m.Shows = of, RuleBracket, SideBefore, ShowsThere
	} else if of, found := strings.CutSuffix(m.Name, legacyGone); found {
		m.Of, m.Rule, m.Side, m.Shows = of, RuleBracket, SideAfter, ShowsGone
	} else {
		m.Rule, m.Shows = RuleWindow, ShowsEnded
		if m.Upper < 1.5*m.Lower { // no window of the protocol is as narrow
			m.Rule = RulePoint
		}
		return
	}
	switch {
	case !last || r.Verdict == Pass:
	case strings.HasPrefix(r.Expected, m.Name+" after "):
		m.Shows = map[Shows]Shows{ShowsThere: ShowsGone, ShowsGone: ShowsThere}[m.Shows]
	case r.Expected == "": // it may have ended because of this one
		m.Shows = ShowsUnclear
	}
}
