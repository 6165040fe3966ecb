package reports

import "cmp"

// Measurement is a time that a case measured, in milliseconds since the event that the
// time counts from.
type Measurement struct {
	Name  string  `json:"name"`           // unique within a case
	Of    string  `json:"of,omitempty"`   // the time that a bracket is about, the same on both sides of it
	Rule  Rule    `json:"rule,omitempty"` // always set in a report that was read with Read
	Side  Side    `json:"side,omitempty"` // only for a bracket
	Shows Shows   `json:"shows,omitempty"`
	Value float64 `json:"valueMs"` // for a bracket, when the session was asked
	Lower float64 `json:"lowerMs"` // earliest that the protocol allows
	// Upper is the latest that the protocol allows. For a point it is later than Lower
	// by the uncertainty of the event that the time counts from.
	Upper     float64 `json:"upperMs"`
	Tolerance float64 `json:"toleranceMs"` // granted on both sides
	Lag       float64 `json:"lagMs"`       // lag of the harness itself meanwhile, at worst
}

// Rule is the way in which the protocol sets the time that a measurement is compared with.
type Rule string

const (
	RulePoint   Rule = "point"   // one nominal time, Lower
	RuleWindow  Rule = "window"  // any time from Lower to Upper
	RuleBracket Rule = "bracket" // a nominal time that cannot be observed: a session is asked before and after it
)

// Side is the side of the nominal time on which a session was asked.
type Side string

const (
	SideBefore Side = "before" // the nominal time is Upper
	SideAfter  Side = "after"  // the nominal time is Lower
)

// Shows is the conclusion of a measurement about the time.
type Shows string

const (
	ShowsEnded   Shows = "ended"   // the time itself: it ended at Value
	ShowsThere   Shows = "there"   // the session was still there at Value, so the time is later
	ShowsGone    Shows = "gone"    // the session was gone at Value, so the time is earlier
	ShowsUnclear Shows = "unclear" // nothing
)

// Time names the time that was measured, the same for both sides of a bracket.
func (m Measurement) Time() string { return cmp.Or(m.Of, m.Name) }

// Nominal returns the lower and the upper bound of the time that the protocol sets,
// which are equal unless it is a window.
func (m Measurement) Nominal() (lower, upper float64) {
	switch {
	case m.Rule == RuleBracket && m.Side == SideBefore:
		return m.Upper, m.Upper
	case m.Rule == RuleBracket, m.Rule == RulePoint:
		return m.Lower, m.Lower
	}
	return m.Lower, m.Upper
}

// Contradicts reports whether a session that was asked on one side of a time was found
// to be what it has to be on the other side.
func (m Measurement) Contradicts() bool {
	return m.Side == SideBefore && m.Shows == ShowsGone || m.Side == SideAfter && m.Shows == ShowsThere
}

// Drift returns how far the value is past the nearer bound, in milliseconds: positive
// outside of what the protocol allows, negative inside. The tolerance is not
// subtracted.
func (m Measurement) Drift() float64 { return max(m.Lower-m.Value, m.Value-m.Upper) }

// Misses reports whether a time is outside of the allowed ones. For a bracket, whose
// value is the time of the question to the session, only the answer counts.
func (m Measurement) Misses() bool { return m.Rule != RuleBracket && m.Drift() > m.Tolerance }
