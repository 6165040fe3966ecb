// Package record keeps a time-stamped transcript of the traffic on the connections of a
// test, in both directions: the evidence for its verdict.
package record

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Direction is the direction of an entry.
type Direction string

// The directions.
const (
	Sent     Direction = "->"
	Received Direction = "<-"
	Note     Direction = "--" // an event or a remark
)

// Entry is one line of a transcript.
type Entry struct {
	At         time.Duration // since the start of the transcript, by the monotonic clock
	Connection string        // label of the connection
	Direction  Direction
	Text       string
}

// String returns the entry as a line of a trace file.
func (e Entry) String() string {
	return fmt.Sprintf("%10.3f %-8s %s %s", e.At.Seconds(), e.Connection, e.Direction, e.Text)
}

// Limits bound a transcript. A field that is 0 or negative gets its default.
type Limits struct {
	Lines int // entries kept, the oldest; by default 4096
	Text  int // bytes kept of one entry's text; by default 8192
	Bytes int // kept of all texts, the oldest; by default 512 KiB
}

const (
	defaultLines = 4096
	defaultText  = 8192
	defaultBytes = 512 << 10
)

// Transcript records what happens on any number of connections, in order. Several
// goroutines may use it at once.
type Transcript struct {
	start  time.Time
	limits Limits

	mu      sync.Mutex
	hide    func([]byte) []byte // nil for nothing to hide
	entries []Entry
	bytes   int // total size of their texts
	dropped int
	last    time.Duration // the time of the last dropped entry
}

// New returns a transcript whose times count from start.
func New(start time.Time, limits Limits) *Transcript {
	if limits.Lines <= 0 {
		limits.Lines = defaultLines
	}
	if limits.Text <= 0 {
		limits.Text = defaultText
	}
	if limits.Bytes <= 0 {
		limits.Bytes = defaultBytes
	}
	return &Transcript{start: start, limits: limits}
}

// Hide has every text go through a function before it is kept, or shortened: it returns
// what may be shown.
func (t *Transcript) Hide(hide func([]byte) []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hide = hide
}

// Remark records something that does not show on the wire, such as the next step of a
// test; connection may be "".
func (t *Transcript) Remark(connection, text string) {
	t.add(connection, Note, "", []byte(text))
}

// Line records a line of another channel than a connection, such as a driver's.
func (t *Transcript) Line(label string, d Direction, text string) { t.add(label, d, "", []byte(text)) }

// Lines returns a copy of the entries. If some were dropped, the last entry says how
// many.
func (t *Transcript) Lines() []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := slices.Clone(t.entries)
	if t.dropped > 0 {
		lines = append(lines, Entry{
			At: t.last, Direction: Note,
			Text: fmt.Sprintf("%d more entries were not kept: the transcript is limited to %d, and to %d KiB", t.dropped, t.limits.Lines, t.limits.Bytes>>10),
		})
	}
	return lines
}

// add appends an entry with the text of bytes, after a prefix that names them.
func (t *Transcript) add(connection string, d Direction, what string, bytes []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := time.Since(t.start)
	if len(t.entries) < t.limits.Lines && t.bytes < t.limits.Bytes {
		if t.hide != nil {
			bytes = t.hide(bytes)
		}
		text := what + shown(bytes, t.limits.Text)
		t.bytes += len(text)
		t.entries = append(t.entries, Entry{at, connection, d, text})
		return
	}
	t.dropped++
	t.last = at
}

// shown returns bytes as text: as they are if that can be printed on one line, else
// quoted as in Go. Only the first limit bytes are shown; if there are more, the text
// ends with their number.
func shown(bytes []byte, limit int) string {
	all := len(bytes)
	if all > limit {
		bytes = bytes[:limit]
		if whole := trimPartialRune(bytes); printable(string(whole)) {
			bytes = whole
		}
	}
	text := string(bytes)
	if !printable(text) {
		text = strconv.Quote(text)
	}
	if all > limit {
		text += fmt.Sprintf("… (%d bytes in all)", all)
	}
	return text
}

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// trimPartialRune removes an incomplete character from the end.
func trimPartialRune(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if start := b[len(b)-i]; utf8.RuneStart(start) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
