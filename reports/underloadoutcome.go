package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"imcheck/reports/words"
)

// Words returns a load on the axis, such as "500 messages/s", and "no load" for 0.
func (a LoadAxis) Words(load float64) string {
	switch {
	case load == 0:
		return "no load"
	case a == LoadByClients:
		return strconv.FormatFloat(load, 'f', -1, 64) + " clients"
	}
	return strconv.FormatFloat(load, 'f', -1, 64) + " messages/s"
}

// JudgeUnderLoad changes the outcome of a run that was judged without load by what came of
// its cases with load. What fails only under load fails the run. After that a target that
// went away or let nobody in, then whatever could not be told.
func (c *Conformance) JudgeUnderLoad() {
	u := c.UnderLoad
	if c.Outcome == OutcomeUnreachable || len(u.Levels) < 2 {
		return // it was interrupted, or never got that far
	}
	var also []string
	if c.Outcome == OutcomeFail {
		also = append(also, c.Reason)
	}
	also = append(u.failures(), also...)
	bad := map[Outcome][]string{}
	for _, level := range u.Levels[1:] {
		bad[level.Outcome] = append(bad[level.Outcome], "at "+u.Axis.Words(level.Load)+" "+level.Reason)
	}
	gone, unclear := bad[OutcomeUnreachable], bad[OutcomeInconclusive]
	switch {
	case len(also) > 0:
		c.Conclude(OutcomeFail, strings.Join(slices.Concat(also, gone), "; "))
	case len(gone) > 0:
		c.Conclude(OutcomeUnreachable, strings.Join(gone, "; "))
	case c.Outcome == OutcomePass && len(unclear) > 0:
		c.Conclude(OutcomeInconclusive, strings.Join(unclear, "; "))
	case c.Outcome == OutcomePass:
		c.Conclude(OutcomePass, fmt.Sprintf("%s, and with up to %s", c.Reason, u.Axis.Words(u.Levels[len(u.Levels)-1].Load)))
	}
}

// failures lists what fails with load and did not without, each in a few words.
func (u *UnderLoad) failures() (all []string) {
	first := 0.0
	var only, unclear []string
	for _, row := range u.Cases {
		name := row.Case + " [" + row.Transport + "]"
		switch {
		case row.FailsOnlyUnderLoad():
			only = append(only, name)
			first = cmp.Or(first, row.OnlyFrom) // they are in this order
		case row.Verdicts[0] != Fail && slices.Contains(row.Verdicts, Fail):
			unclear = append(unclear, name)
		}
	}
	if n := int64(len(only)); n > 0 {
		all = append(all, fmt.Sprintf("%s only under load, from %s on: %s", words.Counted(n, "case fails", "cases fail"), u.Axis.Words(first), firstNames(only)))
	}
	if n := int64(len(unclear)); n > 0 {
		all = append(all, fmt.Sprintf("%s under load, and without it could not be told: %s", words.Counted(n, "case fails", "cases fail"), firstNames(unclear)))
	}
	return all
}

// maxNames bounds the cases that an outcome names.
const maxNames = 3

func firstNames(names []string) string {
	if more := len(names) - maxNames; more > 0 {
		return strings.Join(names[:maxNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}
