package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"imcheck/reports/words"
)

// failing is a writer that always fails, and counts how often it was asked.
type failing struct {
	err   error
	asked int
}

func (f *failing) Write([]byte) (int, error) { f.asked++; return 0, f.err }

func TestOutputWithoutReader(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		kept bool // the error is told
	}{
		"a pipe":      {&os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}, false},
		"a full disk": {&os.PathError{Op: "write", Path: "log", Err: syscall.ENOSPC}, true},
		"a file":      {&os.PathError{Op: "write", Path: "log", Err: syscall.EIO}, true},
	} {
		t.Run(name, func(t *testing.T) {
			to := &failing{err: test.err}
			o := newOutput(to)
			for range 2 {
				n, err := io.WriteString(o, "text")
				if kept := errors.Is(err, test.err); kept != test.kept || !kept && (n != 4 || err != nil) {
					t.Errorf("got %d, %v", n, err)
				}
			}
			if again := to.asked == 2; again != test.kept {
				t.Errorf("it was written to %d times", to.asked)
			}
		})
	}
}

// A terminal that was closed is no reader any more.
func TestOutputWithoutTerminal(t *testing.T) {
	o := newOutput(&failing{err: syscall.EIO})
	o.terminal = os.Stdout
	if n, err := io.WriteString(o, "text"); n != 4 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestSummaryOptions(t *testing.T) {
	terminal := &output{to: io.Discard, terminal: os.Stdout}
	for name, test := range map[string]struct {
		to            *output
		noColor, term string
		colours       bool
	}{
		"a terminal":      {terminal, "", "xterm", true},
		"no colour":       {terminal, "1", "xterm", false},
		"a dumb one":      {terminal, "", "dumb", false},
		"no terminal":     {newOutput(io.Discard), "", "xterm", false},
		"one of Windows":  {terminal, "", "", true},
		"a file of a log": {newOutput(&bytes.Buffer{}), "0", "xterm", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NO_COLOR", test.noColor)
			t.Setenv("TERM", test.term)
			if got := summaryOptions(test.to, true); got.Color != test.colours || !got.Verbose {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A line of progress never reaches the last column, whatever the width, and shows the
// most important parts.
func TestProgressFits(t *testing.T) {
	parts := []string{"steady     12 of 600 s", "50000 of 50000 online", "0 errors", "p99 123.45ms", "20000/s sent", "19999/s delivered", "0 logins/s", "p50 1.2ms"}
	for width, want := range map[int]string{
		0:   "steady     12 of 600 s, 50000 of 50000 online, 0 errors, p99 123.45ms",
		200: strings.Join(parts, ", "),
		80:  "steady     12 of 600 s, 50000 of 50000 online, 0 errors, p99 123.45ms",
		60:  "steady     12 of 600 s, 50000 of 50000 online, 0 errors",
		40:  "steady     12 of 600 s, 0 errors",
		10:  "steady  …",
		1:   "…",
	} {
		var out bytes.Buffer
		p := newSizedProgress(&out, true, func() (int, int) { return width, 0 })
		p.showParts(parts...)
		got, found := strings.CutPrefix(out.String(), "\r\x1b[K")
		if got != want || !found {
			t.Errorf("%d columns: got %q, want %q", width, got, want)
		}
		if width > 1 && words.Columns(got) >= width {
			t.Errorf("%q has %d columns of %d", got, words.Columns(got), width)
		}
	}
}

// What a target is called may be wide, or obeyed by a terminal.
func TestProgressShowsAnyName(t *testing.T) {
	var out bytes.Buffer
	p := newSizedProgress(&out, true, func() (int, int) { return 10, 0 })
	p.show("用户用户%s", "\x1b[2J用户")
	if got := out.String(); got != "\r\x1b[K用户用户…" {
		t.Errorf("got %q", got)
	}
}

// Where no line can be rewritten each has all parts, and nothing that a terminal obeys.
func TestProgressInALog(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(newOutput(&out))
	p.showParts("steady", "5 online")
	p.showParts("steady", "6 online") // too soon
	p.done()
	if got := out.String(); got != "steady, 5 online\n" {
		t.Errorf("got %q", got)
	}
}
