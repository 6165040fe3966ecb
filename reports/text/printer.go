package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"imcheck/reports/content"
	"imcheck/reports/words"
)

// lineWidth bounds the lines of a summary, in columns, as a narrower terminal does. The
// verdict, tables where there is no terminal, and commands that are to be copied may be wider.
const lineWidth = 110

// colours are the ANSI attributes of the classes of a presentation.
var colours = map[string]string{"good": "32", "bad": "31;1", "odd": "33", "quiet": "2"}

// Printer collects a summary, so that the one Write at its end is the only
// thing that can fail.
type Printer struct {
	bytes.Buffer
	Color bool // ANSI colours
	Width int  // columns of the terminal; 0 when it is not one
}

// NewPrinter returns an empty summary of the kind that the options ask for.
func NewPrinter(o Options) *Printer { return &Printer{Color: o.Color, Width: o.Width} }

// width returns the number of columns that a line may have.
func (p *Printer) width() int {
	if p.Width > 0 {
		return min(p.Width, lineWidth)
	}
	return lineWidth
}

// paint gives text the colour of a class; "" is the terminal's own.
func (p *Printer) paint(class, text string) string {
	return Paint(Options{Color: p.Color}, class, text)
}

// Paint gives text the colour of a class (good, bad, odd or quiet) where the options ask for
// colours; "" is the terminal's own.
func Paint(o Options, class, text string) string {
	if !o.Color || class == "" || text == "" {
		return text
	}
	return "\x1b[" + colours[class] + "m" + text + "\x1b[0m"
}

// Line writes its parts one after the other, without blanks at the end.
func (p *Printer) Line(parts ...string) {
	p.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.WriteByte('\n')
}

// Paragraph writes a label, in the colour of a class, and beside it a text,
// broken at blanks into lines that fit.
func (p *Printer) Paragraph(class, label, text string) {
	width := words.Columns(label)
	lead := p.paint(class, label)
	for _, line := range wrap(text, max(p.width()-width, 20)) {
		p.Line(lead, words.NoCommand(line))
		lead = strings.Repeat(" ", width)
	}
}

// Section is a table with an empty line before it.
func (p *Printer) Section(t content.Table) {
	if len(t.Rows) > 0 {
		p.Line()
	}
	p.Table("  ", t)
}

// wrap makes printable lines of at most width columns. Line breaks in the text
// stay; blanks are kept, since in evidence they may be what differs.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		rest := []rune(words.Printable(paragraph))
		for words.Columns(string(rest)) > width {
			most := fitting(rest, width)
			end, next := most, most
			for i := most; i > most/2; i-- {
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

// fitting returns how many characters fit into so many columns, at least one.
func fitting(text []rune, columns int) int {
	for i := range text {
		if words.Columns(string(text[:i+1])) > columns {
			return max(i, 1)
		}
	}
	return len(text)
}

// Flush writes what was collected.
func (p *Printer) Flush(w io.Writer) error {
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}
