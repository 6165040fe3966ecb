package reports

import "io"

// WriteDiffText writes a comparison as a summary for a terminal: the verdict
// first, then what is not as it was. Control characters that a target sent are
// shown as escapes.
func WriteDiffText(w io.Writer, d *Diff, o TextOptions) error {
	p := &printer{color: o.Color}
	outcome := outcomeWords[d.Outcome]
	p.paragraph(outcome.Class, outcome.Word+"  ", d.Reason)
	for _, note := range d.Notes {
		p.paragraph("odd", "  note    ", note)
	}
	for _, t := range diffTables(d, o.Verbose) {
		p.section(t.table)
	}
	p.line()
	p.paragraph("quiet", "  old     ", sideWords(d.Old))
	p.paragraph("quiet", "  new     ", sideWords(d.New))
	p.paragraph("quiet", "  bounds  ", boundWords(d.Bounds))
	return p.writeTo(w)
}
