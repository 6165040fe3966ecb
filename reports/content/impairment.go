package content

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// ImpairmentWords says in one sentence how the path to the target was impaired,
// and what that came to; "" when it was not.
func ImpairmentWords(i *reports.Impairment) string {
	if i == nil {
		return ""
	}
	settings := "nothing"
	if len(i.Specs) > 0 {
		settings = strings.NewReplacer(": ", " ", "=", " ", "%", " %").Replace(strings.Join(i.Specs, "; "))
	}
	text := fmt.Sprintf("path impaired: %s; seed %d", settings, i.Seed)
	if done := impairmentCounts(i.Counts); len(done) > 0 {
		text += "; " + strings.Join(done, ", ")
	}
	if added := addedWords(i.AddedMs); added != "" {
		text += "; latencies include what that adds to a round trip, at most " + added
	}
	return text
}

// addedWords returns what an impairment adds to round trips, such as "100 ms on tcp and udp".
func addedWords(ms map[string]float64) string {
	var parts []string
	for _, t := range reports.SortedTransports(ms) {
		parts = append(parts, words.Milliseconds(ms[t])+" on "+t)
	}
	return strings.Join(parts, ", ")
}

// impairmentCounts returns the counts of all transports and directions together, without
// those that are 0.
func impairmentCounts(counts []reports.ImpairmentCounts) (parts []string) {
	var sum reports.ImpairmentCounts
	for _, c := range counts {
		sum.Add(c)
	}
	if datagrams := sum.Passed + sum.Dropped; datagrams > 0 {
		parts = append(parts, fmt.Sprintf("dropped %s of %s", words.Grouped(sum.Dropped), words.Counted(datagrams, "datagram", "datagrams")))
	}
	for _, part := range []struct {
		n    int64
		text string
	}{
		{sum.Doubled, "doubled " + words.Grouped(sum.Doubled)},
		{sum.Reordered, "reordered " + words.Grouped(sum.Reordered)},
		{sum.DelayedBytes, "delayed " + words.Counted(sum.DelayedBytes, "byte", "bytes") + " of streams"},
		{sum.Stalls, words.Counted(sum.Stalls, "stall", "stalls")},
		{sum.Hurried, "cut delays short " + words.Counted(sum.Hurried, "time", "times") + ", as too much was held back"},
	} {
		if part.n > 0 {
			parts = append(parts, part.text)
		}
	}
	return parts
}
