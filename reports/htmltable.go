package reports

import "strings"

// htmlTable is a table as a page shows it.
type htmlTable struct {
	Columns []htmlColumn
	Rows    [][]htmlCell
}

type htmlColumn struct {
	Title  string
	Number bool // aligned to the right
}

type htmlCell struct {
	Text   string
	Number bool
	Class  string // of a chip, "" of plain text
	Symbol string // of the chip
}

// classSymbols stand beside words that are coloured.
var classSymbols = map[string]string{"good": "✓", "bad": "✗", "odd": "?", "quiet": "·", "": "·"}

// newHTMLTable arranges a table that a terminal could show as well.
func newHTMLTable(t table) htmlTable {
	var shown htmlTable
	for _, title := range t.titles {
		shown.Columns = append(shown.Columns, htmlColumn{capitalised(printable(strings.TrimSpace(title))), strings.HasPrefix(title, " ")})
	}
	for _, row := range t.rows {
		cells := make([]htmlCell, len(row))
		for i, c := range row {
			cells[i] = htmlCell{printable(c.text), shown.Columns[i].Number, c.class, classSymbols[c.class]}
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
