package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"imcheck/reports/words"
)

// pipedEvery is the time between lines of progress where no line can be rewritten.
const pipedEvery = 5 * time.Second

// defaultColumns is the width of a terminal that does not know its own.
const defaultColumns = 80

// progress shows the progress of a run: a line, or a few, that are rewritten on a terminal, a
// line every few seconds elsewhere.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	size     func() (columns, lines int) // of the terminal, which may change; 0 when it is not known
	screen   *screen
	printed  time.Time
	dirty    bool // the cursor is after a line that will be rewritten
}

func newProgress(out io.Writer) *progress {
	return newSizedProgress(out, terminalOf(out) != nil, func() (int, int) { return terminalSize(out) })
}

// newSizedProgress is newProgress for a terminal, or none, whose size is asked of a function.
func newSizedProgress(out io.Writer, terminal bool, size func() (columns, lines int)) *progress {
	return &progress{out: out, terminal: terminal, size: size, screen: newScreen(out)}
}

// show replaces the line. Unless on a terminal, most calls print nothing.
func (p *progress) show(format string, args ...any) { p.showParts(fmt.Sprintf(format, args...)) }

// showParts replaces the line by as many parts, the most important first, as the terminal
// has room for; one that does not fit is left out, and the first is cut. Elsewhere a line
// has all of them.
func (p *progress) showParts(parts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		columns, _ := p.size()
		p.screen.clear(columns)
		fmt.Fprint(p.out, "\r\x1b[K"+fitting(parts, roomIn(columns)))
		p.dirty = true
		return
	}
	p.showPiped(parts)
}

// showScreen replaces what is shown by a few lines. Elsewhere than on a terminal it shows parts
// in one line, as showParts does.
func (p *progress) showScreen(lines []screenLine, parts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.terminal {
		p.showPiped(parts)
		return
	}
	p.clearLine()
	columns, height := p.size()
	p.screen.draw(lines, columns, height, summaryOptions(p.out, false))
}

// showPiped prints a line with all parts, unless one was printed a moment ago.
func (p *progress) showPiped(parts []string) {
	if now := time.Now(); now.Sub(p.printed) >= pipedEvery {
		p.printed = now
		fmt.Fprintln(p.out, strings.Join(parts, ", "))
	}
}

// roomIn returns the number of columns that a line of a terminal may have. The last one stays
// free: some terminals begin another line once it is written to.
func roomIn(columns int) int {
	if columns <= 0 {
		columns = defaultColumns
	}
	return max(columns-1, 1)
}

// fitting joins the parts for which there is room.
func fitting(parts []string, room int) string {
	line := words.ClipColumns(words.Printable(parts[0]), room)
	for _, part := range parts[1:] {
		if longer := line + ", " + words.Printable(part); words.Columns(longer) <= room {
			line = longer
		}
	}
	return line
}

// note prints a line that stays.
func (p *progress) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.out, format+"\n", args...)
}

// notes prints lines that stay.
func (p *progress) notes(lines []string) {
	for _, line := range lines {
		p.note("%s", words.Clip(words.Printable(line), maxComplaint))
	}
}

// done removes what is shown.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) clear() {
	p.clearLine()
	if p.terminal {
		columns, _ := p.size()
		p.screen.clear(columns)
	}
}

func (p *progress) clearLine() {
	if p.dirty {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.dirty = false
	}
}
