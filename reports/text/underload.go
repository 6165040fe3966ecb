package text

import (
	"imcheck/reports"
	"imcheck/reports/content"
)

// underLoad prints how far the cases went with the load, and why those that gave way did.
func (p *Printer) underLoad(u *reports.UnderLoad) {
	if u == nil {
		return
	}
	p.Line()
	p.Paragraph("", "  ", content.UnderLoadWords(u))
	p.Section(content.LevelTable(u))
	p.Section(content.UnderLoadTable(u))
	for i, c := range u.Cases {
		if c.OnlyFrom == 0 || i == content.ShownFindings {
			break // those that give way under load come first
		}
		p.Line()
		p.Line("  ", c.Case+" ["+c.Transport+"]")
		p.field("", c.Requirement)
		p.field("", content.CaseUnderLoadWords(u, c))
	}
}
