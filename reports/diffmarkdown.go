package reports

import (
	"fmt"
	"io"
)

// WriteDiffMarkdown writes a comparison as Markdown, for the summary of a CI
// job or a comment: the same tables as the text has.
func WriteDiffMarkdown(w io.Writer, d *Diff) error {
	m := &markdown{}
	outcome := outcomeWords[d.Outcome]
	m.heading(2, fmt.Sprintf("%s %s comparison: %s", outcome.Symbol, outcome.Word, inline(d.Reason)))
	m.WriteByte('\n')
	m.item("old", sideWords(d.Old))
	m.item("new", sideWords(d.New))
	m.item("bounds", boundWords(d.Bounds))
	for _, note := range d.Notes {
		m.item("note", note)
	}
	for _, t := range diffTables(d, false) {
		writeNamed(m, t)
	}
	return m.writeTo(w)
}

// writeNamed writes nothing for a table without rows.
func writeNamed(m *markdown, t diffTable) {
	if len(t.rows) > 0 {
		m.heading(3, inline(t.name))
		m.table(t.table)
	}
}
