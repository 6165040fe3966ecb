package reports

import "fmt"

// shownFindings is how many findings a summary shows in full: against a
// target that does nothing right the first few say it all.
const shownFindings = 10

// shownRunes is how much of an expected or actual value a summary shows.
const shownRunes = 900

// shortened cuts a text that is too long for a summary, and says by how much.
func shortened(text string) string { return shortenedTo(text, shownRunes) }

// shortenedTo is shortened to another number of characters.
func shortenedTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return fmt.Sprintf("%s… (%s more characters in %s)", string(runes[:most]), grouped(int64(len(runes)-most)), ConformanceFile)
}
