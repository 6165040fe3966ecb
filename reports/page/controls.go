package page

import (
	"io"
	"unicode"
	"unicode/utf8"

	"imcheck/reports/words"
)

// visibleWriter passes a page on, with the escapes of a Go string in place of the
// characters that somebody who opens it would obey or not see, as with words.Printable:
// control characters, and those that turn text around. Whatever part of a page a
// text of a target is in, none comes through.
type visibleWriter struct {
	to   io.Writer
	rest []byte // the start of a character that is not complete
}

// Write implements io.Writer.
func (w *visibleWriter) Write(b []byte) (int, error) {
	text := append(w.rest, b...)
	var out []byte
	for len(text) > 0 && utf8.FullRune(text) {
		r, width := utf8.DecodeRune(text)
		if isHidden(r, width) {
			out = append(out, words.Printable(string(text[:width]))...)
		} else {
			out = append(out, text[:width]...)
		}
		text = text[width:]
	}
	w.rest = append([]byte(nil), text...)
	if _, err := w.to.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Close writes what is left; it leaves the writer below open.
func (w *visibleWriter) Close() error {
	if len(w.rest) == 0 {
		return nil
	}
	_, err := io.WriteString(w.to, words.Printable(string(w.rest)))
	return err
}

func isHidden(r rune, width int) bool {
	return r == utf8.RuneError && width == 1 ||
		unicode.IsControl(r) && r != '\n' && r != '\t' ||
		unicode.Is(unicode.Bidi_Control, r)
}
