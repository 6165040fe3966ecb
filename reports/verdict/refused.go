package verdict

import (
	"maps"
	"slices"
	"strings"

	"imcheck/reports"
)

// refused says of a load in which nobody was let in how many logins were refused, and with
// which codes: as of a check, of which that is the outcome too.
func (j judge) refused() string {
	codes, refused := []string{}, int64(0)
	for _, cause := range slices.Sorted(maps.Keys(j.load.Sessions.LostByCause)) {
		if code, ok := strings.CutPrefix(cause, reports.CauseRefused); ok {
			codes, refused = append(codes, code), refused+j.load.Sessions.LostByCause[cause]
		}
	}
	if refused == 0 {
		return "every login was refused" + j.firstLoss()
	}
	return reports.AllRefused(refused, codes)
}
