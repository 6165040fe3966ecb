package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"imcheck/reports/words"
)

// pipedEvery is the time between lines of progress where no line can be rewritten.
const pipedEvery = 5 * time.Second

// progress shows the progress of a run: one line that is rewritten on a terminal, a
// line every few seconds elsewhere.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	printed  time.Time
	dirty    bool // the cursor is after a line that will be rewritten
}

func newProgress(out io.Writer) *progress {
	return &progress{out: out, terminal: isTerminal(out)}
}

// isTerminal reports whether a writer is a terminal.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// show replaces the line. Unless on a terminal, most calls print nothing.
func (p *progress) show(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K"+format, args...)
		p.dirty = true
		return
	}
	if now.Sub(p.printed) >= pipedEvery {
		p.printed = now
		fmt.Fprintf(p.out, format+"\n", args...)
	}
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

// done removes the line.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) clear() {
	if p.dirty {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.dirty = false
	}
}
