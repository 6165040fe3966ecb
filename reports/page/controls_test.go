package page

import (
	"io"
	"strings"
	"testing"
)

func TestVisibleWriter(t *testing.T) {
	for in, want := range map[string]string{
		"<p>plain, 用户 é\u00a0\u2009–\n\t</p>": "<p>plain, 用户 é\u00a0\u2009–\n\t</p>",
		"\x1b[2J\a\r\n\x7f":                   `\x1b[2J\a\r` + "\n" + `\x7f`,
		"\u202eabc\u2066\u200f\u009b":         `\u202eabc\u2066\u200f\u009b`,
		"a\xffb":                              `a\xffb`,
		"cut \xe2\x80":                        `cut \xe2\x80`,
	} {
		for _, piece := range []int{1, 2, 3, len(in)} {
			var out strings.Builder
			w := &visibleWriter{to: &out}
			for rest := in; rest != ""; {
				n := min(piece, len(rest))
				if written, err := io.WriteString(w, rest[:n]); err != nil || written != n {
					t.Fatalf("%d, %v", written, err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil || out.String() != want {
				t.Errorf("%q in pieces of %d: got %q, want %q, %v", in, piece, out.String(), want, err)
			}
		}
	}
}
