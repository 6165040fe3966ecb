package reports

import (
	"io"
	"strings"
)

// markdownMarks is what Markdown, or HTML within it, would take for more than
// text.
var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "<", "&lt;", ">", "&gt;", "&", "&amp;")

// markdownText makes text that a target may have sent stand in one line of
// Markdown as it is.
func markdownText(text string) string { return markdownMarks.Replace(printable(text)) }

// WriteDiffMarkdown writes a comparison as Markdown, for the summary of a CI
// job or a comment: the same tables as the text has.
func WriteDiffMarkdown(w io.Writer, d *Diff) error {
	p := &printer{}
	p.line("### ", outcomeWords[d.Outcome].Word, ": ", markdownText(d.Reason))
	p.line()
	p.line("- old: ", markdownText(sideWords(d.Old)))
	p.line("- new: ", markdownText(sideWords(d.New)))
	p.line("- bounds: ", markdownText(boundWords(d.Bounds)))
	for _, note := range d.Notes {
		p.line("- note: ", markdownText(note))
	}
	for _, t := range diffTables(d, false) {
		p.markdownTable(t)
	}
	return p.writeTo(w)
}

// markdownTable writes nothing for a table without rows.
func (p *printer) markdownTable(t diffTable) {
	if len(t.rows) == 0 {
		return
	}
	p.line()
	p.line("**", markdownText(t.name), "**")
	p.line()
	var titles, rules []string
	for _, title := range t.titles {
		rule := "---"
		if strings.HasPrefix(title, " ") { // a number
			rule = "---:"
		}
		titles, rules = append(titles, markdownText(strings.TrimSpace(title))), append(rules, rule)
	}
	p.line("| ", strings.Join(titles, " | "), " |")
	p.line("| ", strings.Join(rules, " | "), " |")
	for _, row := range t.rows {
		fields := make([]string, len(row))
		for i, c := range row {
			fields[i] = markdownText(c.text)
		}
		p.line("| ", strings.Join(fields, " | "), " |")
	}
}
