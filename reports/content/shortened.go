package content

import (
	"fmt"

	"imcheck/reports"
	"imcheck/reports/words"
)

// ShownFindings is the number of findings that a summary shows in full: against a
// target that does nothing right the first few say it all.
const ShownFindings = 10

// shownRunes bounds an expected or actual value in a summary, in characters.
const shownRunes = 900

// Shortened cuts a text that is too long for a summary, and notes by how much.
func Shortened(text string) string { return ShortenedTo(text, shownRunes) }

// ShortenedTo is Shortened with another bound, in characters.
func ShortenedTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return fmt.Sprintf("%s… (%s more characters in %s)", string(runes[:most]), words.Grouped(int64(len(runes)-most)), reports.ConformanceFile)
}
