package matrix

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/page"
	"imcheck/reports/text"
	"imcheck/reports/words"
)

//go:embed matrix.html
var files embed.FS

var templates = page.WithTemplates(files, "*.html")

// mark is in every page of a matrix, and near its beginning.
const mark = `<meta name="generator" content="imcheck matrix">`

// Recognize reports whether a file is a page that WriteHTML wrote. The error matches
// fs.ErrNotExist when the file does not exist.
func Recognize(path string) (bool, error) { return page.HasMark(path, mark) }

// pageView is the data of matrix.html.
type pageView struct {
	*Matrix
	Title    string
	Rows     int
	Verdicts []reports.Verdict // that some cell has, for the legend
	Sections []sectionView
	Columns  []columnView
}

// columnView is an implementation with its counts in words.
type columnView struct {
	Implementation
	Counted []countView
}

type countView struct {
	Verdict reports.Verdict
	Words   string
}

type sectionView struct {
	Name   string
	Anchor string
	Rows   []rowView
}

// rowView is a requirement.
type rowView struct {
	Row
	Anchor string
	Look   bool // somebody has to look at a cell
	Same   bool // all implementations do the same
	Cells  []cellView
}

// cellView is a cell with its verdicts grouped: transports of one verdict and case together.
type cellView struct {
	Title  string // of the implementation
	Groups []groupView
}

type groupView struct {
	Verdict
	Transports string
}

// WriteHTML writes a matrix as one page, which loads nothing and needs no script. Its links
// are relative to the folder that the matrix was made for.
func WriteHTML(w io.Writer, m *Matrix) error {
	view := pageView{Matrix: m, Title: fmt.Sprintf("Conformance of %s", words.Counted(int64(len(m.Implementations)), "implementation", "implementations"))}
	for _, i := range m.Implementations {
		view.Columns = append(view.Columns, newColumnView(i))
	}
	for _, v := range reports.Verdicts {
		if slices.ContainsFunc(m.Implementations, func(i Implementation) bool { return i.Counts[v] > 0 }) || m.hasVerdict(v) {
			view.Verdicts = append(view.Verdicts, v)
		}
	}
	for n, s := range m.Sections {
		shown := sectionView{Name: s.Name, Anchor: fmt.Sprintf("section-%d", n+1)}
		for _, row := range s.Rows {
			shown.Rows = append(shown.Rows, m.newRowView(row))
		}
		view.Rows += len(s.Rows)
		view.Sections = append(view.Sections, shown)
	}
	if err := templates().ExecuteTemplate(w, "matrix.html", view); err != nil {
		return fmt.Errorf("write the page of the matrix: %w", err)
	}
	return nil
}

// hasVerdict reports whether a cell has a verdict on any transport.
func (m *Matrix) hasVerdict(v reports.Verdict) bool {
	for _, s := range m.Sections {
		for _, row := range s.Rows {
			for _, cell := range row.Cells {
				if slices.ContainsFunc(cell, func(found Verdict) bool { return found.Verdict == v }) {
					return true
				}
			}
		}
	}
	return false
}

func newColumnView(i Implementation) columnView {
	view := columnView{Implementation: i}
	for _, v := range reports.Verdicts {
		if n := i.Counts[v]; n > 0 {
			view.Counted = append(view.Counted, countView{v, content.CountWords(v, n)})
		}
	}
	return view
}

func (m *Matrix) newRowView(row Row) rowView {
	view := rowView{Row: row, Anchor: page.RequirementAnchor(row.ID), Same: true}
	for i, cell := range row.Cells {
		view.Look = view.Look || len(cell) > 0 && content.NeedsLook(cell.Worst())
		view.Same = view.Same && slices.EqualFunc(cell, row.Cells[0], func(a, b Verdict) bool {
			return a.Transport == b.Transport && a.Verdict == b.Verdict
		})
		view.Cells = append(view.Cells, cellView{Title: m.Implementations[i].Title(), Groups: grouped(cell)})
	}
	return view
}

// grouped joins the transports with one verdict, the worst first. A verdict that nobody has
// to look at counts once, whichever case has it.
func grouped(cell Cell) (groups []groupView) {
	for _, v := range cell {
		at := slices.IndexFunc(groups, func(g groupView) bool {
			return g.Verdict.Verdict == v.Verdict && (g.Case == v.Case || !content.NeedsLook(v.Verdict))
		})
		if at < 0 {
			groups = append(groups, groupView{v, v.Transport})
		} else {
			groups[at].Transports += " " + v.Transport
		}
	}
	slices.SortStableFunc(groups, func(a, b groupView) int {
		return reports.Rank(reports.Severity[:], a.Verdict.Verdict) - reports.Rank(reports.Severity[:], b.Verdict.Verdict)
	})
	return groups
}

// WriteText writes a line for each implementation, for a terminal.
func WriteText(w io.Writer, m *Matrix, o text.Options) error {
	t := content.Table{Titles: []string{"implementation", "protocol", "requirements", "run"}}
	for _, i := range m.Implementations {
		var counted []string
		for _, c := range newColumnView(i).Counted {
			counted = append(counted, c.Words)
		}
		if i.NotRun > 0 {
			counted = append(counted, fmt.Sprintf("%d not run", i.NotRun))
		}
		t.AddText(i.Title(), words.Dashed(i.ProtocolVersion), words.Dashed(strings.Join(counted, ", ")), i.Folder)
	}
	p := text.NewPrinter(o)
	p.Table("", t)
	return p.Flush(w)
}

// pageOf returns the link to the page of a run; "" without one.
func pageOf(dir, folder string) string { return page.Link(dir, folder) }

// evidence returns the link to a case on the page of a run; "" without a page.
func evidence(link, id string) string {
	if link == "" {
		return ""
	}
	return link + "#" + page.CaseAnchor(id)
}
