package verdict

import (
	"fmt"
	"strconv"

	"imcheck/reports"
)

// OfCapacity judges a search for the capacity of a target, and says in one sentence what it
// has found. A generator that did not keep up is not put down to the target.
func OfCapacity(c *reports.Capacity) (reports.Outcome, string) {
	known := knownWords(c)
	switch c.Ending {
	case reports.EndingFound:
		return reports.OutcomePass, fmt.Sprintf("%s %s hold and %s do not: %s", LoadNumber(c.Lower), c.Unit, LoadNumber(c.Upper), gaveWayWords(c.GaveWay))
	case reports.EndingReached:
		if c.ToReason != "" {
			return reports.OutcomeInconclusive, fmt.Sprintf("%s: more cannot be made here: %s", known, c.ToReason)
		}
		return reports.OutcomePass, known + ": the highest load that was to be tried holds"
	case reports.EndingBelow:
		return reports.OutcomeFail, fmt.Sprintf("%s: the lowest load that was to be tried does not hold: %s", known, gaveWayWords(c.GaveWay))
	case reports.EndingLimited:
		return reports.OutcomeInconclusive, fmt.Sprintf("%s: the load generator came to its limit, not the target: %s", known, lastReason(c))
	case reports.EndingGone:
		return reports.OutcomeUnreachable, known + ": " + lastReason(c)
	case reports.EndingInterrupted:
		return reports.OutcomeUnreachable, fmt.Sprintf("interrupted after %s: %s", counted(int64(len(c.Steps)), "step", "steps"), known)
	}
	return reports.OutcomeInconclusive, fmt.Sprintf("%s: the steps did not agree within %d of them", known, len(c.Steps))
}

// knownWords says which loads are known to hold, and not to.
func knownWords(c *reports.Capacity) string {
	switch {
	case c.Lower == 0 && c.Upper == 0:
		return "nothing is known"
	case c.Lower == 0:
		return fmt.Sprintf("less than %s %s", LoadNumber(c.Upper), c.Unit)
	case c.Upper == 0:
		return fmt.Sprintf("at least %s %s", LoadNumber(c.Lower), c.Unit)
	}
	return fmt.Sprintf("at least %s and less than %s %s", LoadNumber(c.Lower), LoadNumber(c.Upper), c.Unit)
}

// gaveWayWords says what did not hold at the upper bound.
func gaveWayWords(g *reports.GaveWay) string {
	if g == nil {
		return "the report does not say why"
	}
	if g.Expression == "" {
		return g.Reason
	}
	return fmt.Sprintf("%s measured %s%s", g.Expression, strconv.FormatFloat(g.Actual, 'g', 4, 64), g.Unit)
}

// lastReason returns the reason of the last step.
func lastReason(c *reports.Capacity) string {
	if len(c.Steps) == 0 {
		return "no step was made"
	}
	return c.Steps[len(c.Steps)-1].Reason
}

// LoadNumber writes a load without commas at its thousands.
func LoadNumber(load float64) string { return strconv.FormatFloat(load, 'f', -1, 64) }
