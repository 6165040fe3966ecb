package content

// Cell is one field of a table.
type Cell struct {
	Text  string
	Class string // class of its colour
}

// Table is lines whose fields are in columns. Columns whose title starts with
// a blank are aligned to the right, as numbers are. Without any title there is
// no head line.
type Table struct {
	Titles []string
	Rows   [][]Cell
}

// Add adds a row.
func (t *Table) Add(fields ...Cell) { t.Rows = append(t.Rows, fields) }

// AddText is Add without colours.
func (t *Table) AddText(fields ...string) {
	row := make([]Cell, len(fields))
	for i, field := range fields {
		row[i].Text = field
	}
	t.Rows = append(t.Rows, row)
}
