package diff

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/page"
)

//go:embed diff.html
var files embed.FS

var templates = page.WithTemplates(files, "*.html")

// pageView is the data of diff.html.
type pageView struct {
	*Diff
	Title    string
	Verdict  content.Presentation
	Against  string // target and versions
	Summary  string // the regressions, by number
	Unclear  string // the inconclusive comparisons
	Compared string
	Worse    []worseLine
	Cases    []changeGroup
	Drifts   splitTable
	Outcomes page.Table
	Counts   page.Table
	Trends   page.Table
	Uses     page.Table
	Latency  splitTable
	Figures  page.Table
	Capacity page.Table
	Charts   []template.HTML
	Sides    []sideView
	BoundsIn string
}

// changeGroup is the cases to which the same has happened.
type changeGroup struct {
	Name   string
	Class  string
	Symbol string
	Open   bool // shown at once
	Rows   []changedCase
}

type changedCase struct {
	CaseChange
	Before, After content.Presentation
}

// splitTable is a table of which a part is shown at once.
type splitTable struct{ Shown, All page.Table }

// sideView is one of the two runs.
type sideView struct {
	Name string
	Link string // link to its page; "" without one
	Side
}

// outcomeWords has the presentation of the outcome of a comparison.
var outcomeWords = map[reports.Outcome]content.Presentation{
	reports.OutcomePass: {Word: "NO REGRESSION", Symbol: "✓", Class: "good"},
	reports.OutcomeFail: {Word: "REGRESSED", Symbol: "✗", Class: "bad"},
}

// WriteHTML writes a comparison as one page that is to lie in the folder dir: its
// links to the pages of the runs are relative to that. The page loads nothing and
// is whole without its script; what the reports say is escaped.
func WriteHTML(w io.Writer, d *Diff, dir string) error {
	view, err := newPageView(d, dir)
	if err != nil {
		return fmt.Errorf("write the page of the comparison: %w", err)
	}
	if err := templates().ExecuteTemplate(w, "diff.html", view); err != nil {
		return fmt.Errorf("write the page of the comparison: %w", err)
	}
	return nil
}

func newPageView(d *Diff, dir string) (pageView, error) {
	regressed, unclear, compared := d.counts()
	view := pageView{
		Diff: d, Verdict: outcomeWords[d.Outcome], Summary: strings.Join(regressed, ", "),
		Unclear: strings.Join(unclear, ", "), Compared: strings.Join(compared, ", "), BoundsIn: boundWords(d.Bounds),
		Sides: []sideView{{"Old", page.Link(dir, d.Old.Folder), d.Old}, {"New", page.Link(dir, d.New.Folder), d.New}},
	}
	view.Against = againstWords(d.Old.Target, d.New.Target)
	view.Title = view.Verdict.Word + " comparison"
	view.Worse = d.worse()
	if c := d.Conformance; c != nil {
		view.Cases = groupChanges(c.Changes)
		view.Drifts = splitTable{page.NewTable(driftTable(c.Drifts, false).Table), page.NewTable(driftTable(c.Drifts, true).Table)}
	}
	if l := d.Load; l != nil {
		view.Outcomes = page.NewTable(outcomeTable(l).Table)
		view.Counts = page.NewTable(countTable(l.Counts, true).Table)
		view.Trends = page.NewTable(trendTable(l.Trends, true).Table)
		view.Uses = page.NewTable(useTable(l.Uses, true).Table)
		view.Latency = splitTable{page.NewTable(latencyTable(l.totals(), true).Table), page.NewTable(latencyTable(l.Latencies, true).Table)}
		view.Figures = page.NewTable(figureTable(l.Figures).Table)
	}
	if d.Capacity != nil {
		view.Capacity = page.NewTable(capacityTable(d.Capacity).Table)
	}
	seconds, err := d.drawSeconds()
	if err != nil {
		return view, err
	}
	curves, err := d.drawCurves()
	view.Charts = append(seconds, curves...)
	return view, err
}

// againstWords names the target, with both versions when they differ.
func againstWords(before, after reports.Target) string {
	name := cmp.Or(after.Name, before.Name, "the target")
	if before.Version == after.Version {
		return strings.TrimSpace(name + " " + after.Version)
	}
	return fmt.Sprintf("%s, version %s and now %s", name, cmp.Or(before.Version, "unknown"), cmp.Or(after.Version, "unknown"))
}

// shownChanges is up to how many cases of a group are shown at once. Those that
// regressed always are.
const shownChanges = 10

// groupChanges arranges cases by what happened to them, in the order of changes.
func groupChanges(all []CaseChange) (groups []changeGroup) {
	titles := map[Change]string{
		ChangeRegressed: "Regressed", ChangeVanished: "Vanished", ChangeOther: "Changed otherwise", ChangeAppeared: "Appeared", ChangeFixed: "Fixed",
	}
	for _, change := range changes {
		var rows []changedCase
		regressed := false
		for _, c := range all {
			if c.Change == change {
				rows = append(rows, changedCase{c, came(c.Old, c.OldTimes, c.OldRounds), came(c.New, c.NewTimes, c.NewRounds)})
				regressed = regressed || c.Regression
			}
		}
		if len(rows) == 0 {
			continue
		}
		class := map[Change]string{ChangeFixed: "good", ChangeOther: "odd"}[change]
		if regressed {
			class = "bad"
		}
		class = cmp.Or(class, "quiet")
		groups = append(groups, changeGroup{titles[change], class, page.ClassSymbols[class], regressed || len(rows) <= shownChanges, rows})
	}
	return groups
}

// came returns the chip of a verdict, for a repeated case with its number of rounds.
func came(v reports.Verdict, times, rounds int) content.Presentation {
	shown := content.VerdictWords[v]
	if rounds > 0 {
		shown.Word = content.RoundsWords(v, times, rounds)
	}
	return shown
}
