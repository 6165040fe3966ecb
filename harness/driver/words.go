package driver

import (
	"errors"
	"strings"
)

// split splits a command into words at blanks that are neither in quotes nor after a
// backslash. Within single quotes a backslash is a character like any other.
func split(command string) (words []string, err error) {
	var word strings.Builder
	quote, escaped, open := rune(0), false, false
	for _, c := range command {
		switch {
		case escaped:
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, open = true, true
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, open = c, true
		case quote == 0 && strings.ContainsRune(" \t\n", c):
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(c)
			open = true
		}
	}
	switch {
	case quote != 0 || escaped:
		return nil, errors.New("a quote is not closed, or a backslash ends the command")
	case open:
		words = append(words, word.String())
	}
	if len(words) == 0 {
		return nil, errors.New("the command is empty")
	}
	return words, nil
}
