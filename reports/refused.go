package reports

import (
	"fmt"
	"strings"
)

// AllRefused says that a target is there and let nobody in: each of so many logins was refused, with
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
	return fmt.Sprintf("the target is there, but it refused %s with %s %s: does it know its users? (--users, or users in a profile, names those that it knows)",
		all, word, strings.Join(codes, ", "))
}
