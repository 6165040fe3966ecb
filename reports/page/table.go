package page

import (
	"strings"

	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Table is a table as a page shows it.
type Table struct {
	Columns []column
	Rows    [][]cell
}

type column struct {
	Title  string
	Number bool // aligned to the right
}

type cell struct {
	Text   string
	Number bool
	Class  string // class of a chip, "" for plain text
	Symbol string // symbol of the chip
}

// ClassSymbols has the symbols beside coloured words.
var ClassSymbols = map[string]string{"good": "✓", "bad": "✗", "odd": "?", "quiet": "·", "": "·"}

// NewTable arranges a table that a terminal could show as well.
func NewTable(t content.Table) Table {
	var shown Table
	for _, title := range t.Titles {
		shown.Columns = append(shown.Columns, column{capitalised(words.Printable(strings.TrimSpace(title))), strings.HasPrefix(title, " ")})
	}
	for _, row := range t.Rows {
		cells := make([]cell, len(row))
		for i, c := range row {
			cells[i] = cell{words.Printable(c.Text), shown.Columns[i].Number, c.Class, ClassSymbols[c.Class]}
		}
		shown.Rows = append(shown.Rows, cells)
	}
	return shown
}

// capitalised begins a title with a capital, unless that would change a name
// such as c2s or p.
func capitalised(title string) string {
	first, _, _ := strings.Cut(title, " ")
	if len(first) < 2 || strings.IndexFunc(first, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 {
		return title
	}
	return strings.ToUpper(title[:1]) + title[1:]
}
