package text

import (
	"strings"

	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Table writes t with two blanks between columns; a table without rows is not written. One
// that is wider than the terminal is written in parts, one below the other, each with the
// first columns, which say what a row is about.
func (p *Printer) Table(indent string, t content.Table) {
	if len(t.Rows) == 0 {
		return
	}
	var head []content.Cell
	for _, title := range t.Titles {
		head = append(head, content.Cell{Text: strings.TrimSpace(title), Class: "quiet"})
	}
	rows := t.Rows
	titled := strings.TrimSpace(strings.Join(t.Titles, "")) != ""
	if titled {
		rows = append([][]content.Cell{head}, rows...)
	}
	widths := make([]int, len(t.Titles))
	for _, row := range rows {
		for i := range row {
			row[i].Text = words.Printable(row[i].Text)
			widths[i] = max(widths[i], words.Columns(row[i].Text))
		}
	}
	room := 0 // for as much as there is
	if titled && p.Width > 0 {
		room = p.Width - len(indent)
	}
	for i, part := range parts(t.Titles, widths, room) {
		if i > 0 {
			p.Line()
		}
		for _, row := range rows {
			p.row(indent, row, part, t.Titles, widths)
		}
	}
}

// row writes some columns of a row. Those whose title begins with a blank are numbers, and
// aligned to the right.
func (p *Printer) row(indent string, row []content.Cell, columns []int, titles []string, widths []int) {
	line := []string{indent}
	for _, i := range columns {
		cell := p.paint(row[i].Class, row[i].Text)
		padding := strings.Repeat(" ", widths[i]-words.Columns(row[i].Text))
		if strings.HasPrefix(titles[i], " ") {
			line = append(line, padding, cell, "  ")
		} else {
			line = append(line, cell, padding, "  ")
		}
	}
	p.Line(line...)
}

// parts divides the columns of a table into parts that have room, 0 for any. Each begins
// with the first columns up to the first number, or with the first alone when these would
// take more than half of it. A column that has no room anywhere has a part of its own.
func parts(titles []string, widths []int, room int) (all [][]int) {
	width := func(columns []int) (n int) {
		for _, i := range columns {
			n += widths[i] + 2
		}
		return n - 2
	}
	every := make([]int, len(titles))
	for i := range every {
		every[i] = i
	}
	if room == 0 || width(every) <= room {
		return [][]int{every}
	}
	key := 1
	for key < len(titles)-1 && !strings.HasPrefix(titles[key], " ") {
		key++
	}
	if width(every[:key]) > room/2 {
		key = 1
	}
	part := every[:key:key]
	for _, i := range every[key:] {
		if len(part) > key && width(append(part, i)) > room {
			all = append(all, part)
			part = every[:key:key]
		}
		part = append(part[:len(part):len(part)], i)
	}
	return append(all, part)
}
