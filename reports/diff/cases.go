package diff

import (
	"fmt"
	"slices"
	"strings"

	"imcheck/reports/content"
)

// JoinedChange is a case to which the same has happened on several transports.
type JoinedChange struct {
	CaseChange // on the first of them
	Transports []string
}

// JoinTransports takes the transports of a case together. Their reasons may
// differ: that of the first one is shown.
func JoinTransports(changes []CaseChange) (joined []JoinedChange) {
	for _, c := range changes {
		i := slices.IndexFunc(joined, func(j JoinedChange) bool {
			return j.Case == c.Case && j.SenseMode == c.SenseMode && j.Change == c.Change && j.Regression == c.Regression &&
				content.RoundsWords(j.Old, j.OldTimes, j.OldRounds) == content.RoundsWords(c.Old, c.OldTimes, c.OldRounds) &&
				content.RoundsWords(j.New, j.NewTimes, j.NewRounds) == content.RoundsWords(c.New, c.NewTimes, c.NewRounds)
		})
		if i < 0 {
			joined = append(joined, JoinedChange{c, []string{c.Transport}})
		} else {
			joined[i].Transports = append(joined[i].Transports, c.Transport)
		}
	}
	return joined
}

// Name returns text such as "qos/ack [udp, tcp in 3S]".
func (c JoinedChange) Name() string {
	return fmt.Sprintf("%s [%s]", c.Case, content.Where(strings.Join(c.Transports, ", "), c.SenseMode))
}

// worse describes the verdicts of a case before and now, and the reason.
func (c JoinedChange) worse() string {
	old := content.RoundsWords(c.Old, c.OldTimes, c.OldRounds)
	if c.Change == ChangeVanished {
		return "gone, before " + old
	}
	words := content.RoundsWords(c.New, c.NewTimes, c.NewRounds)
	if c.Reason != "" {
		words += " (" + c.Reason + ")"
	}
	return words + ", before " + old
}
