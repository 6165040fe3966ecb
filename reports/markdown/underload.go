package markdown

import (
	"imcheck/reports"
	"imcheck/reports/content"
)

// underLoad writes how far the cases went with the load.
func (m *Document) underLoad(u *reports.UnderLoad) {
	if u == nil {
		return
	}
	m.Heading(3, "Under load")
	m.paragraph(Inline(content.UnderLoadWords(u)))
	m.Table(content.LevelTable(u))
	m.Table(content.UnderLoadTable(u))
}
