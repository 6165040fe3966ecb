package reports

import (
	"fmt"
	"slices"
	"strings"
)

// joinedChange is a case to which the same has happened on several transports.
type joinedChange struct {
	CaseChange // on the first of them
	transports []string
}

// joinTransports takes the transports of a case together. Their reasons may
// differ: that of the first one stands for them.
func joinTransports(changes []CaseChange) (joined []joinedChange) {
	for _, c := range changes {
		i := slices.IndexFunc(joined, func(j joinedChange) bool {
			return j.Case == c.Case && j.SenseMode == c.SenseMode && j.Change == c.Change && j.Regression == c.Regression &&
				roundsWords(j.Old, j.OldTimes, j.OldRounds) == roundsWords(c.Old, c.OldTimes, c.OldRounds) &&
				roundsWords(j.New, j.NewTimes, j.NewRounds) == roundsWords(c.New, c.NewTimes, c.NewRounds)
		})
		if i < 0 {
			joined = append(joined, joinedChange{c, []string{c.Transport}})
		} else {
			joined[i].transports = append(joined[i].transports, c.Transport)
		}
	}
	return joined
}

// name is "qos/ack [udp, tcp in 3S]".
func (c joinedChange) name() string {
	return fmt.Sprintf("%s [%s]", c.Case, where(strings.Join(c.transports, ", "), c.SenseMode))
}

// worse says what a case came to before and now, and why.
func (c joinedChange) worse() string {
	old := roundsWords(c.Old, c.OldTimes, c.OldRounds)
	if c.Change == ChangeVanished {
		return "gone, before " + old
	}
	words := roundsWords(c.New, c.NewTimes, c.NewRounds)
	if c.Reason != "" {
		words += " (" + c.Reason + ")"
	}
	return words + ", before " + old
}
