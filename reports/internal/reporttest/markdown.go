package reporttest

import (
	"regexp"
	"strings"
	"testing"
)

// codeBlock matches the block around a command.
var codeBlock = regexp.MustCompile("(?ms)^(````*)sh\n.*?\n````*$")

// WithoutCode takes the code spans out of Markdown as CommonMark finds them: a
// run of backticks up to the next run of the same length.
func WithoutCode(t *testing.T, text string) string {
	t.Helper()
	text = codeBlock.ReplaceAllString(text, "")
	var out strings.Builder
	runs := regexp.MustCompile("`+")
	for {
		open := runs.FindStringIndex(text)
		if open == nil {
			return out.String() + text
		}
		out.WriteString(text[:open[0]])
		fence, rest := text[open[0]:open[1]], text[open[1]:]
		end := -1
		for _, run := range runs.FindAllStringIndex(rest, -1) {
			if run[1]-run[0] == len(fence) {
				end = run[1]
				break
			}
		}
		if end < 0 {
			t.Fatalf("code that begins with %s has no end in %.80q", fence, rest)
		}
		text = rest[end:]
	}
}
