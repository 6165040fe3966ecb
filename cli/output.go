package cli

import (
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/term"

	"imcheck/reports/text"
)

// output is stdout or stderr. Once its reader has gone, such as head that has seen
// enough, what is written to it is dropped: a run is worth its report, whoever reads
// along. Any other error, such as a full disk, stays an error.
type output struct {
	to       io.Writer
	terminal *os.File // nil when it is not one

	mu   sync.Mutex
	gone bool
}

func newOutput(to io.Writer) *output {
	o := &output{to: to}
	if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		o.terminal = file
	}
	return o
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone {
		return len(b), nil
	}
	n, err := o.to.Write(b)
	if o.gone = o.readerGone(err); o.gone {
		return len(b), nil
	}
	return n, err
}

// Errors of Windows for a pipe that nobody reads.
const (
	errBrokenPipe = syscall.Errno(109)
	errNoData     = syscall.Errno(232)
)

// readerGone reports whether an error means that nobody reads any more: of a pipe, or of
// a terminal that was closed.
func (o *output) readerGone(err error) bool {
	switch {
	case errors.Is(err, syscall.EPIPE):
		return true
	case errors.Is(err, syscall.EIO):
		return o.terminal != nil
	}
	return runtime.GOOS == "windows" && (errors.Is(err, errBrokenPipe) || errors.Is(err, errNoData))
}

// terminalOf returns the terminal that a writer leads to, nil when it does not, or when
// it is one that cannot rewrite a line or show colours (TERM=dumb).
func terminalOf(w io.Writer) *os.File {
	o, ok := w.(*output)
	if !ok || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return o.terminal
}

// columns returns the width of the terminal that a writer leads to, 0 when it is not one
// or does not know.
func columns(w io.Writer) int {
	width, _ := terminalSize(w)
	return width
}

// terminalSize returns the size of the terminal that a writer leads to, 0 when it is not one or
// does not know.
func terminalSize(w io.Writer) (columns, lines int) {
	o, ok := w.(*output)
	if !ok || o.terminal == nil {
		return 0, 0
	}
	columns, lines, err := term.GetSize(int(o.terminal.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, lines
}

// summaryOptions returns how a summary suits a writer: in colours on a terminal, unless
// NO_COLOR asks for none (no-color.org), and no wider than it is.
func summaryOptions(w io.Writer, verbose bool) text.Options {
	colours := terminalOf(w) != nil && os.Getenv("NO_COLOR") == ""
	return text.Options{Color: colours, Verbose: verbose, Width: columns(w)}
}
