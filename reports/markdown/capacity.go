package markdown

import (
	"imcheck/reports"
	"imcheck/reports/content"
)

// capacity writes the summary of a search for the capacity of a target.
func (m *Document) capacity(c *reports.Capacity) {
	m.verdict(c.Header, "capacity", content.CapacitySummary(c))
	if c.Outcome == reports.OutcomePass && c.Reason != "" {
		m.paragraph(Inline(c.Reason))
	}
	for _, note := range content.CapacityNotes(c) {
		m.paragraph("Note: " + Inline(note))
	}
	m.Table(content.KneeTable(c))
	if len(c.Steps) > 0 {
		m.paragraph(Inline(content.KneeCaption(c)))
	}
	m.origin(c.Header)
}
