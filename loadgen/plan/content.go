package plan

import (
	"strconv"
	"strings"
	"time"
)

// maxStamp bounds the digits of a stamp: enough nanoseconds for 28
// hours, which no run takes.
const maxStamp = 9

// MinPayload is the shortest dataContent in bytes: two stamps, each with the
// separator after it.
const MinPayload = 2 * (maxStamp + 1)

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
