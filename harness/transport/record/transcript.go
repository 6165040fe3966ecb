// Package record keeps a time-stamped transcript of what goes over the
// connections of one test, in both directions: the evidence of its verdict.
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

// Direction is which way an entry went.
type Direction string

// Directions.
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

// String is the entry as a line of a trace file.
func (e Entry) String() string {
	return fmt.Sprintf("%10.3f %-8s %s %s", e.At.Seconds(), e.Connection, e.Direction, e.Text)
}

// Limits bound a transcript. A field that is not over 0 gets its default.
type Limits struct {
	Lines int // entries kept, the oldest ones; by default 4096
	Text  int // bytes kept of one entry's text; by default 8192
	Bytes int // kept of all texts, the oldest ones; by default 512 KiB
}

const (
	defaultLines = 4096
	defaultText  = 8192
	defaultBytes = 512 << 10
)

// Transcript is what happened on any number of connections, in order. It may be
// used by many goroutines at once.
type Transcript struct {
	start  time.Time
	limits Limits

	mu      sync.Mutex
	entries []Entry
	bytes   int // of their texts
	dropped int
	last    time.Duration // when the newest dropped entry was made
}

// New makes a transcript whose times count from start.
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

// Remark notes what is not to be seen on the wire, such as what a test does
// next; connection may be "".
func (t *Transcript) Remark(connection, text string) {
	t.add(connection, Note, "", []byte(text))
}

// Lines copies what was kept. When there was more than that, the last entry
// says how many are missing.
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

// add appends an entry; what stands before the bytes says what they are.
func (t *Transcript) add(connection string, d Direction, what string, bytes []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := time.Since(t.start)
	if len(t.entries) < t.limits.Lines && t.bytes < t.limits.Bytes {
		text := what + shown(bytes, t.limits.Text)
		t.bytes += len(text)
		t.entries = append(t.entries, Entry{at, connection, d, text})
		return
	}
	t.dropped++
	t.last = at
}

// shown is bytes as text: as they are when that can be printed on one line,
// else in Go's quotes. At most limit of them are shown, and how many there
// were when that is not all.
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

// trimPartialRune leaves out a character that was cut in two.
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
