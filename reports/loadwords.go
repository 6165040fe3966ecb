package reports

import (
	"fmt"
	"strings"
)

// recoveryWords says how the clients of a storm came back, "" without one.
func recoveryWords(r *Recovery) string {
	if r == nil {
		return ""
	}
	parts := []string{"half " + returnTime(r.P50Ms), "99 % " + returnTime(r.P99Ms), "all " + returnTime(r.P100Ms)}
	return fmt.Sprintf("%s dropped after %s, all within %s; logged in again: %s",
		counted(r.Dropped, "client was", "clients were"), runTime(r.AtMs), milliseconds(r.TookMs), strings.Join(parts, ", "))
}

func returnTime(ms float64) string {
	if ms < 0 {
		return "never"
	}
	return "after " + milliseconds(ms)
}

// loopWords warns of what a closed loop hides, "" for an open one.
func loopWords(l *Load) string {
	if l.Scenario != "echo" {
		return ""
	}
	return "closed loop: each client asks when it has its answer, so that a server that stalls is asked less; " +
		"compare these figures with those of other closed loops only"
}

// outageWords says when nobody was online, "" when somebody always was.
func outageWords(s Sessions) string {
	if len(s.Outages) == 0 {
		return ""
	}
	parts := make([]string, len(s.Outages))
	for i, o := range s.Outages {
		parts[i] = "from " + runTime(o.FromMs) + " to " + runTime(o.ToMs)
	}
	return "nobody was online " + strings.Join(parts, ", ")
}
