package plan

import (
	"strconv"
	"strings"
	"time"
)

// Digits of a stamp at most: of a run of up to shortRun, and of any, as they are enough
// nanoseconds for 42 days, which no run takes.
const (
	shortStamp = 9
	maxStamp   = 10
	shortRun   = 28 * time.Hour
)

// MinPayload returns the shortest dataContent in bytes of a run that takes no longer than
// that: two stamps, each with the separator after it.
func MinPayload(longest time.Duration) int {
	if longest <= shortRun {
		return 2 * (shortStamp + 1)
	}
	return 2 * (maxStamp + 1)
}

const stampEnd = '.'

// AppendContent appends a dataContent of the given size to b, which says when the
// message was due and when it was sent, since the start of the run. Whoever
// gets it back, in an ACK's original or at the receiver, can tell its latency
// from it, so that nobody has to keep stamps.
func AppendContent(b []byte, due, sent time.Duration, size int) []byte {
	start := len(b)
	b = append(strconv.AppendInt(b, int64(due), base), stampEnd)
	b = append(strconv.AppendInt(b, int64(sent), base), stampEnd)
	for len(b)-start < size {
		b = append(b, 'x')
	}
	return b
}

// ParseContent reads the stamps; ok is false for a content that has none.
func ParseContent(content string) (due, sent time.Duration, ok bool) {
	due, content, ok = parseStamp(content)
	if !ok {
		return 0, 0, false
	}
	sent, _, ok = parseStamp(content)
	return due, sent, ok
}

func parseStamp(text string) (stamp time.Duration, rest string, ok bool) {
	digits, rest, found := strings.Cut(text, string(stampEnd))
	if !found || len(digits) > maxStamp {
		return 0, "", false
	}
	ns, err := strconv.ParseUint(digits, base, 63)
	return time.Duration(ns), rest, err == nil
}
