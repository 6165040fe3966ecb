package cli

import (
	"fmt"
	"strings"

	"imcheck/reports/words"
)

// maxComplaint bounds the part of an error that is printed, in characters: it may
// contain what a target sent.
const maxComplaint = 8000

// complain prints an error on stderr.
func (a *app) complain(format string, args ...any) {
	fmt.Fprintln(a.err, "imcheck:", shownLines(fmt.Sprintf(format, args...)))
}

// shownLines makes a text of one or several lines safe to print: clipped and
// printable, and no line of it a command to a CI that runs the job.
func shownLines(text string) string {
	if len(text) > 4*maxComplaint { // a rune has 4 bytes at most
		text = text[:4*maxComplaint]
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, words.NoCommand(words.Printable(strings.ReplaceAll(line, "\t", "    "))))
	}
	return words.Clip(strings.Join(lines, "\n"), maxComplaint)
}
