package batch

import "time"

// CheckDeadlines hands each stream of a list whose deadline is over, or was taken back, to
// over, and removes it; over may add to the list. It looks at most once in a period: checked
// is when it last did.
func CheckDeadlines[S any](list *[]S, checked *time.Time, period time.Duration, deadline func(S) time.Time, over func(S)) {
	if len(*list) == 0 {
		return
	}
	now := time.Now()
	if now.Sub(*checked) < period {
		return
	}
	*checked = now
	all := *list
	*list = nil // over may add to it
	kept := all[:0]
	for _, s := range all {
		if now.Before(deadline(s)) {
			kept = append(kept, s)
		} else {
			over(s)
		}
	}
	clear(all[len(kept):])
	*list = append(kept, *list...)
}
