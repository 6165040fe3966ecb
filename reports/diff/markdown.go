package diff

import (
	"fmt"
	"io"

	"imcheck/reports/content"
	"imcheck/reports/markdown"
)

// WriteMarkdown writes a comparison as Markdown, for the summary of a CI job or a
// comment: the same tables as the text has.
func WriteMarkdown(w io.Writer, d *Diff) error {
	m := &markdown.Document{}
	outcome := content.OutcomeWords[d.Outcome]
	m.Heading(2, fmt.Sprintf("%s %s comparison: %s", outcome.Symbol, outcome.Word, markdown.Inline(d.Reason)))
	m.WriteByte('\n')
	m.Item("old", sideWords(d.Old))
	m.Item("new", sideWords(d.New))
	m.Item("bounds", boundWords(d.Bounds))
	for _, note := range d.Notes {
		m.Item("note", note)
	}
	for _, t := range tablesOf(d, false) {
		writeNamed(m, t)
	}
	return m.Flush(w)
}

// writeNamed writes nothing for a table without rows.
func writeNamed(m *markdown.Document, t namedTable) {
	if len(t.Rows) > 0 {
		m.Heading(3, markdown.Inline(t.name))
		m.Table(t.Table)
	}
}
