package diff

import (
	"io"

	"imcheck/reports/content"
	"imcheck/reports/text"
)

// WriteText writes a comparison as a summary for a terminal: the verdict
// first, then what is not as it was. Control characters that a target sent are
// shown as escapes.
func WriteText(w io.Writer, d *Diff, o text.Options) error {
	p := text.NewPrinter(o)
	outcome := content.OutcomeWords[d.Outcome]
	p.Paragraph(outcome.Class, outcome.Word+"  ", d.Reason)
	for _, note := range d.Notes {
		p.Paragraph("odd", "  note    ", note)
	}
	for _, t := range tablesOf(d, o.Verbose) {
		p.Section(t.Table)
	}
	p.Line()
	p.Paragraph("quiet", "  old     ", sideWords(d.Old))
	p.Paragraph("quiet", "  new     ", sideWords(d.New))
	p.Paragraph("quiet", "  bounds  ", boundWords(d.Bounds))
	return p.Flush(w)
}
