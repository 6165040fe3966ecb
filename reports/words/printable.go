package words

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable shows what a terminal would obey or hide, such as an escape
// sequence that a target sent, as the escapes of a Go string.
func Printable(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		r, width := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && width == 1:
			out.WriteString(`\x` + strconv.FormatUint(uint64(text[0])|0x100, 16)[1:])
		case unicode.IsPrint(r):
			out.WriteRune(r)
		default:
			escaped := strconv.QuoteRune(r)
			out.WriteString(escaped[1 : len(escaped)-1])
		}
		text = text[width:]
	}
	return out.String()
}

// Clip cuts a line of printable text to a width.
func Clip(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// NoCommand keeps a line that may come from a target from being a command to a
// continuous integration that reads along: those of GitHub and Azure take a line that
// begins with :: or ## as one, also after blanks.
func NoCommand(line string) string {
	rest := strings.TrimLeft(line, " \t")
	if strings.HasPrefix(rest, "::") || strings.HasPrefix(rest, "##") {
		return line[:len(line)-len(rest)] + `\` + rest
	}
	return line
}
