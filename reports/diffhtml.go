package reports

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed diff/diff.html
var diffFiles embed.FS

var diffPage = withTemplates(diffFiles, "diff/*.html")

// diffView is what diff.html renders.
type diffView struct {
	*Diff
	Title    string
	Verdict  presentation
	Against  string // target and versions
	Summary  string // what has regressed, by number
	Unclear  string // what could not be told
	Compared string
	Worse    []worseLine
	Cases    []changeGroup
	Drifts   splitTable
	Outcomes htmlTable
	Latency  splitTable
	Figures  htmlTable
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
	Before, After presentation
}

// splitTable is a table of which a part is shown at once.
type splitTable struct{ Shown, All htmlTable }

// sideView is one of the two runs.
type sideView struct {
	Name string
	Link string // to its page; "" when there is none
	DiffSide
}

// diffWords are what a comparison comes to.
var diffWords = map[Outcome]presentation{
	OutcomePass: {"NO REGRESSION", "✓", "good"},
	OutcomeFail: {"REGRESSED", "✗", "bad"},
}

// WriteDiffHTML writes a comparison as one page that is to lie in the folder
// dir: its links to the pages of the runs are relative to that. The page loads
// nothing and is whole without its script; what the reports say is escaped.
func WriteDiffHTML(w io.Writer, d *Diff, dir string) error {
	view, err := newDiffView(d, dir)
	if err != nil {
		return fmt.Errorf("write the page of the comparison: %w", err)
	}
	if err := diffPage.ExecuteTemplate(w, "diff.html", view); err != nil {
		return fmt.Errorf("write the page of the comparison: %w", err)
	}
	return nil
}

func newDiffView(d *Diff, dir string) (diffView, error) {
	regressed, unclear, compared := d.tally()
	view := diffView{
		Diff: d, Verdict: diffWords[d.Outcome], Summary: strings.Join(regressed, ", "),
		Unclear: strings.Join(unclear, ", "), Compared: strings.Join(compared, ", "), BoundsIn: boundWords(d.Bounds),
		Sides: []sideView{{"Old", pageLink(dir, d.Old.Folder), d.Old}, {"New", pageLink(dir, d.New.Folder), d.New}},
	}
	view.Against = againstWords(d.Old.Target, d.New.Target)
	view.Title = view.Verdict.Word + " comparison"
	view.Worse = d.worse()
	if c := d.Conformance; c != nil {
		view.Cases = groupChanges(c.Changes)
		view.Drifts = splitTable{newHTMLTable(driftTable(c.Drifts, false).table), newHTMLTable(driftTable(c.Drifts, true).table)}
	}
	if l := d.Load; l != nil {
		view.Outcomes = newHTMLTable(outcomeTable(l).table)
		view.Latency = splitTable{newHTMLTable(latencyDiffTable(l.totals(), true).table), newHTMLTable(latencyDiffTable(l.Latencies, true).table)}
		view.Figures = newHTMLTable(figureTable(l.Figures).table)
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
func againstWords(old, new Target) string {
	name := cmp.Or(new.Name, old.Name, "the target")
	if old.Version == new.Version {
		return strings.TrimSpace(name + " " + new.Version)
	}
	return fmt.Sprintf("%s, version %s and now %s", name, cmp.Or(old.Version, "unknown"), cmp.Or(new.Version, "unknown"))
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
		groups = append(groups, changeGroup{titles[change], class, classSymbols[class], regressed || len(rows) <= shownChanges, rows})
	}
	return groups
}

// came is how a page shows what a case came to, of a repeated one with how often.
func came(v Verdict, times, rounds int) presentation {
	shown := verdictWords[v]
	if rounds > 0 {
		shown.Word = roundsWords(v, times, rounds)
	}
	return shown
}
