package chart

import (
	"strings"
	"unicode"
)

// maxName bounds the part of a name that is shown, in characters.
const maxName = 80

// printable replaces characters that are not visible: a terminal might obey them, and XML
// cannot represent all of them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}

// clipped returns a printable name of at most so many characters.
func clipped(name string, most int) string {
	runes := []rune(printable(name))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}
