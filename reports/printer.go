package reports

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// lineWidth is how many columns a summary takes at most; the verdict, commands
// that are to be copied, and tables of very long names may be wider.
const lineWidth = 110

// colours are the ANSI attributes of the classes of a presentation.
var colours = map[string]string{"good": "32", "bad": "31;1", "odd": "33", "quiet": "2"}

// printer collects a summary, so that the one Write at its end is the only
// thing that can fail.
type printer struct {
	bytes.Buffer
	color bool
}

// paint gives text the colour of a class; "" is the terminal's own.
func (p *printer) paint(class, text string) string {
	if !p.color || class == "" || text == "" {
		return text
	}
	return "\x1b[" + colours[class] + "m" + text + "\x1b[0m"
}

// line writes its parts one after the other, without blanks at the end.
func (p *printer) line(parts ...string) {
	p.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.WriteByte('\n')
}

// paragraph writes a label, in the colour of a class, and beside it a text,
// broken at blanks into lines of lineWidth.
func (p *printer) paragraph(class, label, text string) {
	width := utf8.RuneCountInString(label)
	lead := p.paint(class, label)
	for _, line := range wrap(text, max(lineWidth-width, 20)) {
		p.line(lead, line)
		lead = strings.Repeat(" ", width)
	}
}

// table writes t with two blanks between columns; a table without rows is
// not written.
func (p *printer) table(indent string, t table) {
	if len(t.rows) == 0 {
		return
	}
	var head []cell
	for _, title := range t.titles {
		head = append(head, cell{strings.TrimSpace(title), "quiet"})
	}
	rows := t.rows
	if strings.TrimSpace(strings.Join(t.titles, "")) != "" {
		rows = append([][]cell{head}, rows...)
	}
	widths := make([]int, len(t.titles))
	for _, row := range rows {
		for i := range row {
			row[i].text = printable(row[i].text)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
		}
	}
	for _, row := range rows {
		parts := []string{indent}
		for i, c := range row {
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text))
			if strings.HasPrefix(t.titles[i], " ") {
				parts = append(parts, padding, p.paint(c.class, c.text), "  ")
			} else {
				parts = append(parts, p.paint(c.class, c.text), padding, "  ")
			}
		}
		p.line(parts...)
	}
}

// section is a table with an empty line before it.
func (p *printer) section(t table) {
	if len(t.rows) > 0 {
		p.line()
	}
	p.table("  ", t)
}

// wrap makes printable lines of at most width columns. Line breaks in the text
// stay; blanks are kept, since in evidence they may be what differs.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		rest := []rune(printable(paragraph))
		for len(rest) > width {
			end, next := width, width
			for i := width; i > width/2; i-- {
				if rest[i] == ' ' {
					end, next = i, i+1
					break
				}
			}
			lines = append(lines, string(rest[:end]))
			rest = rest[next:]
		}
		lines = append(lines, string(rest))
	}
	return lines
}
