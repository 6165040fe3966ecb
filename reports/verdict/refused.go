package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"imcheck/reports"
)

// refused says of a load in which nobody was let in with how many logins that was so, and
// with which codes.
func (j judge) refused() string {
	codes, refused := []string{}, int64(0)
	for _, cause := range slices.Sorted(maps.Keys(j.load.Sessions.LostByCause)) {
		if code, ok := strings.CutPrefix(cause, reports.CauseRefused); ok {
			codes, refused = append(codes, code), refused+j.load.Sessions.LostByCause[cause]
		}
	}
	if refused == 0 {
		return "every login was refused"
	}
	return AllRefused(refused, codes)
}

// AllRefused says that a target let nobody in: each of so many logins was refused, with
// one of some codes.
func AllRefused(logins int64, codes []string) string {
	all := fmt.Sprintf("all %d logins", logins)
	if logins == 1 {
		all = "the one login"
	}
	word := "code"
	if len(codes) > 1 {
		word = "codes"
	}
	return fmt.Sprintf("it refused %s with %s %s: does it know its users? (--users, or users in a profile, names those that it knows)",
		all, word, strings.Join(codes, ", "))
}
