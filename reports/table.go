package reports

// cell is one field of a table.
type cell struct {
	text  string
	class string // of its colour
}

// table is lines whose fields stand in columns. Columns whose title starts with
// a blank are aligned to the right, as numbers are. Without any title there is
// no head line.
type table struct {
	titles []string
	rows   [][]cell
}

func (t *table) add(fields ...cell) { t.rows = append(t.rows, fields) }

// addText is add without colours.
func (t *table) addText(fields ...string) {
	row := make([]cell, len(fields))
	for i, field := range fields {
		row[i].text = field
	}
	t.rows = append(t.rows, row)
}
