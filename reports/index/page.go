package index

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/page"
	"imcheck/reports/words"
)

//go:embed *.html
var files embed.FS

var templates = page.WithTemplates(files, "*.html")

// pageView is the data of index.html.
type pageView struct {
	Title   string
	Span    string // number of runs, and the time of the last
	Newest  runRow
	Rows    []runRow    // newest first
	OldRows []runRow    // those before
	Groups  []groupView // groups of several runs
	Singles []groupView // groups of one run, which has no trend
}

// runRow is one run in the table.
type runRow struct {
	Name    string
	Link    string          // link to its page; "" without one
	Outcome reports.Outcome // the worse one of both reports
	Reports []reportRow
}

// reportRow is one report of a run, in one of the groups.
type reportRow struct {
	Name    string // name of its run, and the link, for lists within one group
	Link    string
	Started string
	What    string
	Anchor  string // anchor of its group
	Target  string
	Outcome reports.Outcome
	Summary string // counts
	P99     string // p99 of the main latency, with its name
	Short   string // outcome of the run before, in a few words; "" for the first
	First   bool   // first run of its group
	Changes []changeLine
}

// groupView shows runs that can be compared.
type groupView struct {
	Anchor  string
	Title   string
	Terms   string
	Runs    int
	Newest  reportRow
	Recent  []reportRow // those before it, newest first
	Earlier []reportRow
	Figures page.Table
	Charts  []template.HTML
	Notes   []string // below the charts
}

// shownRuns is the number of runs that the table shows at first: the trends are below it.
const shownRuns = 12

// recentRuns is the number of runs, before the newest, whose changes are shown at first.
const recentRuns = 4

// WriteHTML writes one page over runs, which are newest first, that is to lie in
// the folder dir: its links are relative to that. The page loads nothing and is
// whole without its script; what the reports say is escaped.
func WriteHTML(w io.Writer, runs []Run, dir string) error {
	if len(runs) == 0 {
		return errors.New("write the index: there is no run to show")
	}
	view, err := newPageView(runs, dir)
	if err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	if err := templates().ExecuteTemplate(w, "index.html", view); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}

// mark is in every index, and near its beginning.
const mark = `<meta name="generator" content="imcheck index">`

// Recognize reports whether a file is an index that WriteHTML wrote. The error
// matches fs.ErrNotExist when the file does not exist.
func Recognize(path string) (bool, error) { return page.HasMark(path, mark) }

func newPageView(runs []Run, dir string) (pageView, error) {
	view := pageView{Span: fmt.Sprintf("%s up to %s", words.Counted(int64(len(runs)), "run", "runs"), words.UTC(runs[0].started()))}
	rows := map[string]*runRow{} // by folder
	for _, run := range runs {
		rows[run.Folder] = &runRow{Name: runName(dir, run.Folder), Link: page.Link(dir, run.Folder), Outcome: run.outcome()}
	}
	for i, g := range groupRuns(runs) {
		shown, err := newGroupView(g, fmt.Sprintf("group-%d", i+1), rows, dir)
		if err != nil {
			return pageView{}, err
		}
		if len(g.runs) == 1 {
			view.Singles = append(view.Singles, shown)
		} else {
			view.Groups = append(view.Groups, shown)
		}
	}
	for _, run := range runs {
		view.Rows = append(view.Rows, *rows[run.Folder])
	}
	view.Newest = view.Rows[0]
	shown := min(len(view.Rows), shownRuns)
	view.Rows, view.OldRows = view.Rows[:shown], view.Rows[shown:]
	view.Title = fmt.Sprintf("%s newest of %s", content.OutcomeWords[view.Newest.Outcome].Word, words.Counted(int64(len(runs)), "run", "runs"))
	return view, nil
}

// newGroupView arranges a group, and adds its reports to the rows of their runs.
func newGroupView(g runGroup, anchor string, rows map[string]*runRow, dir string) (groupView, error) {
	trends := g.trends()
	view := groupView{Anchor: anchor, Title: g.title(), Terms: g.terms(), Runs: len(g.runs), Figures: page.NewTable(g.figures(trends, dir))}
	var shown []reportRow
	for at, run := range g.runs {
		folder := rows[run.Folder]
		row := g.row(at)
		row.Name, row.Link, row.Anchor = folder.Name, folder.Link, anchor
		folder.Reports = append(folder.Reports, row)
		shown = append(shown, row)
	}
	slices.Reverse(shown)
	view.Newest, shown = shown[0], shown[1:]
	recent := min(len(shown), recentRuns)
	view.Recent, view.Earlier = shown[:recent], shown[recent:]
	for _, t := range trends {
		if t.note != "" {
			view.Notes = append(view.Notes, t.title+": "+t.note)
		}
	}
	var err error
	view.Charts, err = g.drawTrends(trends, dir)
	return view, err
}

// runStart formats a time for a column that is titled UTC.
func runStart(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// runName returns the folder of a run relative to that of the index.
func runName(dir, folder string) string {
	base, baseErr := filepath.Abs(dir)
	path, pathErr := filepath.Abs(folder)
	if baseErr != nil || pathErr != nil {
		return folder
	}
	name, err := filepath.Rel(base, path)
	if err != nil {
		return folder
	}
	if name == "." {
		name = filepath.Base(path)
	}
	return filepath.ToSlash(name)
}

// outcomeOrder orders outcomes by what a reader has to look at first.
var outcomeOrder = []reports.Outcome{reports.OutcomeUnreachable, reports.OutcomeFail, reports.OutcomeInconclusive, reports.OutcomePass}

// outcome returns the worse outcome of both reports.
func (r Run) outcome() reports.Outcome {
	worse := reports.OutcomePass
	for _, h := range r.headers() {
		if reports.Rank(outcomeOrder, h.Outcome) < reports.Rank(outcomeOrder, worse) {
			worse = h.Outcome
		}
	}
	return worse
}

func (r Run) headers() (all []reports.Header) {
	if r.Conformance != nil {
		all = append(all, r.Conformance.Header)
	}
	if r.Load != nil {
		all = append(all, r.Load.Header)
	}
	if r.Capacity != nil {
		all = append(all, r.Capacity.Header)
	}
	return all
}

// row returns the row of one run in the table of a group.
func (g runGroup) row(at int) reportRow {
	run := g.runs[at]
	h := g.header(run)
	row := reportRow{
		What: g.kind, Started: runStart(h.Started), Outcome: h.Outcome, First: at == 0,
		Target: shownTarget(h.Target),
	}
	switch g.kind {
	case reports.KindConformance:
		row.Summary = judgedCounts(run.Conformance)
	case reports.KindCapacity:
		row.Summary = content.CapacitySummary(run.Capacity)
	default:
		row.Summary = loadCounts(run.Load)
		if l, has := mainLatency(run.Load); has {
			row.P99 = fmt.Sprintf("%s %s", words.Microseconds(l.P99Us), content.KindWords(l.Kind))
		}
	}
	if at > 0 {
		row.Changes = g.changesBetween(g.runs[at-1], run)
		row.Short = shortChanges(row.Changes)
	}
	return row
}

// judgedCounts leaves out what was not run.
func judgedCounts(c *reports.Conformance) string {
	counts := reports.CountVerdicts(c.Results)
	parts := []string{content.CountWords(reports.Pass, counts[reports.Pass]), content.CountWords(reports.Fail, counts[reports.Fail])}
	for _, v := range otherVerdicts {
		if counts[v] > 0 && v != reports.Fail {
			parts = append(parts, content.CountWords(v, counts[v]))
		}
	}
	return strings.Join(parts, ", ")
}

func loadCounts(l *reports.Load) string {
	return fmt.Sprintf("%s, %s, %s lost or missing", words.Counted(int64(l.ClientCount()), "client", "clients"),
		words.Counted(l.SentCount(), "message", "messages"), words.Grouped(notArrived(l)))
}

// shownTarget names a target, and says when its certificate was not checked.
func shownTarget(t reports.Target) string {
	name := strings.TrimSpace(cmp.Or(t.Name, "the target") + " " + t.Version)
	if len(t.UnverifiedTLS) > 0 {
		name += ", certificate not checked"
	}
	return name
}
