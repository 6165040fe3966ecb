package page

import (
	"html/template"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"imcheck/reports/words"
)

// span is a part of a text, in bytes from start to before end.
type span struct{ start, end int }

// textEscaper does what html/template does for text between tags. That escapes
// quotes too, which only attributes need: of a transcript in JSON it would make
// a half more.
var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// textHTML returns a text of a report for the page: JSON in it laid out, and marks
// marked.
func textHTML(text string, marks []span) template.HTML {
	var out strings.Builder
	writeText(&out, text, marks)
	return template.HTML(out.String())
}

// writeText writes a text with its JSON laid out, messages inside messages decoded, and
// marks marked.
func writeText(out *strings.Builder, text string, marks []span) {
	s := decoded(text)
	writeMarked(out, s.text, s.fields, s.marks(marks))
}

// writeMarked writes a text as HTML: each field as an element, which is on a line of its
// own, and marks as such. Fields are in the order of their starts and
// either one inside the other or apart; marks are in order and apart. Without
// its tags the HTML is the text: who copies it has every character, and what
// could not be seen as an escape.
func writeMarked(out *strings.Builder, text string, fields, marks []span) {
	var open []int // ends of the fields that have begun, the innermost last
	for at := 0; ; {
		for len(open) > 0 && open[len(open)-1] == at {
			out.WriteString("</bdi>")
			open = open[:len(open)-1]
		}
		if at == len(text) {
			return
		}
		for len(fields) > 0 && fields[0].start == at {
			out.WriteString("<bdi>")
			open = append(open, fields[0].end)
			fields = fields[1:]
		}
		for len(marks) > 0 && marks[0].end <= at {
			marks = marks[1:]
		}
		next, marked := len(text), false
		if len(open) > 0 {
			next = min(next, open[len(open)-1])
		}
		if len(fields) > 0 {
			next = min(next, fields[0].start)
		}
		if len(marks) > 0 {
			if marked = marks[0].start <= at; marked {
				next = min(next, marks[0].end)
			} else {
				next = min(next, marks[0].start)
			}
		}
		writePart(out, text[at:next], marked)
		at = next
	}
}

func writePart(out *strings.Builder, text string, marked bool) {
	if marked {
		out.WriteString("<mark>")
	}
	out.WriteString(textEscaper.Replace(visible(text)))
	if marked {
		out.WriteString("</mark>")
	}
}

// visible is words.Printable for texts of several lines.
func visible(text string) string {
	if onlyASCII(text) {
		return text
	}
	var out strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(words.Printable(line))
	}
	return out.String()
}

// onlyASCII reports whether a text has printable ASCII characters only, as most
// have.
func onlyASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// shortText cuts a text after a number of characters, and shows that it did.
func shortText(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// localFile returns a link to a file beside the report; "" for a name that leads
// anywhere else, so that no report can make a reader leave the folder.
func localFile(name string) string {
	if !filepath.IsLocal(name) {
		return ""
	}
	return "./" + filepath.ToSlash(name) // "./" keeps a colon from making a scheme
}
