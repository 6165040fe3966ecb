package content

import (
	"fmt"

	"imcheck/reports"
	"imcheck/reports/words"
)

// ShownFindings is how many findings a summary shows in full: against a
// target that does nothing right the first few say it all.
const ShownFindings = 10

// shownRunes is how much of an expected or actual value a summary shows.
const shownRunes = 900

// Shortened cuts a text that is too long for a summary, and says by how much.
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
