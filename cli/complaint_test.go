package cli

import (
	"errors"
	"strings"
	"testing"
)

// An error may hold what a target sent: it is printed as data.
func TestComplaint(t *testing.T) {
	for in, want := range map[string]string{
		"plain, of\n  two lines":      "plain, of\n  two lines",
		"\x1b[2J\u202eabc":            `\x1b[2J\u202eabc`,
		"a\r\n::error::b\n\t##vso[c]": `a\r` + "\n" + `\::error::b` + "\n    " + `\##vso[c]`,
	} {
		if got := shownLines(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	var out strings.Builder
	a := &app{err: &out}
	if code := a.failed(errors.New(strings.Repeat("用", 1<<20))); code != exitUnreachable || len(out.String()) > 5*maxComplaint {
		t.Errorf("exit code %d, %d bytes", code, len(out.String()))
	}
}
