package reports

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// page is everything that report.html is made of. The templates call the
// functions below for words and units, so that the page and the terminal say
// the same thing in the same way.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"outcome":           func(o Outcome) presentation { return outcomeWords[o] },
	"verdict":           func(v Verdict) presentation { return verdictWords[v] },
	"source":            requirementSource,
	"caseList":          caseList,
	"roundList":         roundList,
	"informationTitle":  func() string { return informationTitle },
	"flakeWords":        flakeWords,
	"percent":           func(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) },
	"milliseconds":      milliseconds,
	"window":            window,
	"drift":             drift,
	"pastTolerance":     func(m Measurement) bool { return m.Drift() > m.Tolerance },
	"printable":         printable,
	"seconds":           func(ms float64) string { return fmt.Sprintf("%.3f s", ms/1000) },
	"microseconds":      microseconds,
	"grouped":           grouped,
	"trimmed":           trimmed,
	"runTime":           runTime,
	"kindWords":         kindWords,
	"arrivals":          arrivals,
	"thresholdActual":   thresholdActual,
	"endedRun":          endedRun,
	"sessionWords":      sessionWords,
	"loopWords":         loopWords,
	"recoveryWords":     recoveryWords,
	"outageWords":       outageWords,
	"generatorWords":    generatorWords,
	"bottleneckSummary": bottleneckSummary,
	"commandLine":       commandLine,
	"utc":               utc,
	"localFile":         localFile,
	"addresses":         addresses,
	"clientWords":       clientWords,
	"shardRows":         shardRows,
}).ParseFS(pageFiles, "page/*.html"))

// pageView is what the outermost template renders.
type pageView struct {
	Title       string
	Style       template.CSS
	Conformance *conformanceView
	Load        *loadView
}

// WriteHTML writes one page that shows what the bundle has, the conformance run
// first. The page loads nothing and runs no script; what the reports say is
// escaped.
func WriteHTML(w io.Writer, b Bundle) error {
	if b == (Bundle{}) {
		return errors.New("write the HTML report: there is neither a conformance nor a load report to show")
	}
	style, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	view := pageView{Title: pageTitle(b), Style: template.CSS(style)}
	if b.Conformance != nil {
		view.Conformance = newConformanceView(b.Conformance)
	}
	if b.Load != nil {
		view.Load = newLoadView(b.Load)
	}
	if err := page.ExecuteTemplate(w, "page.html", view); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

// pageTitle starts with the verdict, which is all that a browser's tab shows.
func pageTitle(b Bundle) string {
	var parts []string
	if b.Conformance != nil {
		parts = append(parts, outcomeWords[b.Conformance.Outcome].Word+" conformance")
	}
	if b.Load != nil {
		parts = append(parts, outcomeWords[b.Load.Outcome].Word+" load")
	}
	return strings.Join(parts, ", ")
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// localFile is a link to a file beside the report; "" for a name that leads
// anywhere else, so that no report can make a reader leave the folder.
func localFile(name string) string {
	if !filepath.IsLocal(name) {
		return ""
	}
	return "./" + filepath.ToSlash(name) // "./" keeps a colon from making a scheme
}

// addresses lists a target's addresses by transport.
func addresses(t Target) string {
	var parts []string
	for _, transport := range sortedTransports(t.Addresses) {
		part := transport + " " + t.Addresses[transport]
		if mode := t.SenseModes[transport]; mode != "" {
			part += " (" + mode + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// conformanceView is a conformance run, arranged for the page.
type conformanceView struct {
	*Conformance
	Summary    string
	Counts     []verdictCount
	Findings   []finding
	Transports []string
	Areas      []areaView
	Info       []Result
	Lists      []reasonList
	Measured   []measuredView
}

type verdictCount struct {
	Verdict Verdict
	Words   string
}

type areaView struct {
	Name  string
	Cases []caseView
}

// caseView is a row of the matrix, with a cell for each transport of the run.
type caseView struct {
	ID      string
	Level   string
	Source  string
	About   string // the requirement
	Results []Result
	Cells   []cellView
}

type cellView struct {
	Transport string
	Ran       bool    // on this transport
	Verdict   Verdict // the worst, when the case was repeated
	Times     int
}

type measuredView struct {
	Result
	Measurement
}

func newConformanceView(c *Conformance) *conformanceView {
	view := &conformanceView{
		Conformance: c,
		Summary:     conformanceSummary(c),
		Findings:    findings(c.Results),
		Transports:  transportsOf(c.Results),
		Info:        informative(c.Results),
		Lists:       reasonLists(c.Results),
	}
	counts := CountVerdicts(c.Results)
	for _, v := range Verdicts {
		if counts[v] > 0 {
			view.Counts = append(view.Counts, verdictCount{v, countWords(v, counts[v])})
		}
	}
	for _, area := range matrix(c.Results) {
		view.Areas = append(view.Areas, newAreaView(area, view.Transports))
	}
	for _, r := range byCase(c.Results) {
		for _, m := range r.Measurements {
			view.Measured = append(view.Measured, measuredView{r, m})
		}
	}
	return view
}

func newAreaView(area areaRow, transports []string) areaView {
	view := areaView{Name: area.Name}
	for _, row := range area.Cases {
		view.Cases = append(view.Cases, newCaseView(row, transports))
	}
	return view
}

func newCaseView(row caseRow, transports []string) caseView {
	first := row.Results[0]
	view := caseView{ID: row.ID, Level: first.Level, Source: requirementSource(first), About: first.Requirement, Results: row.Results}
	for _, t := range transports {
		cell := cellView{Transport: t}
		if results := row.on(t); len(results) > 0 {
			cell.Ran, cell.Verdict, cell.Times = true, worst(results), len(results)
		}
		view.Cells = append(view.Cells, cell)
	}
	return view
}

// loadView is a load run, arranged for the page.
type loadView struct {
	*Load
	Summary  string
	FromDue  []Latency
	FromSend []Latency
	Causes   []lossCause
}

func newLoadView(l *Load) *loadView {
	view := &loadView{Load: l, Summary: loadSummary(l)}
	for _, latency := range shownLatencies(l.Latencies, true) {
		if latency.From == FromSend {
			view.FromSend = append(view.FromSend, latency)
		} else {
			view.FromDue = append(view.FromDue, latency)
		}
	}
	view.Causes, _ = lostByCause(l.Sessions)
	return view
}
