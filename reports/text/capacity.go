package text

import (
	"io"

	"imcheck/reports"
	"imcheck/reports/content"
)

// WriteCapacity writes a search for the capacity of a target as a summary for a terminal.
func WriteCapacity(w io.Writer, c *reports.Capacity, o Options) error {
	p := NewPrinter(o)
	p.verdict(c.Header, "capacity "+content.CapacitySummary(c))
	if c.Outcome == reports.OutcomePass {
		p.Paragraph("", "  ", c.Reason)
	}
	for _, note := range content.CapacityNotes(c) {
		p.Paragraph("", "  ", note)
	}
	p.Section(content.KneeTable(c))
	if len(c.Steps) > 0 {
		p.Line()
		p.Paragraph("quiet", "  ", content.KneeCaption(c))
	}
	if o.Verbose {
		p.stepReasons(c)
	}
	return p.Flush(w)
}

// stepReasons lists in full why steps did not hold, and where their reports are.
func (p *Printer) stepReasons(c *reports.Capacity) {
	rows := content.Table{Titles: []string{" step", "report", "reason"}}
	for _, s := range c.Steps {
		if s.Reason != "" {
			rows.AddText(content.LoadWords(float64(s.Number)), s.Folder, s.Reason)
		}
	}
	p.Section(rows)
}
