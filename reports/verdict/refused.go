package verdict

import (
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
	return reports.AllRefused(refused, codes)
}
