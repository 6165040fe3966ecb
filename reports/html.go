package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"
)

//go:embed page/assets
var pageFiles embed.FS

// pageStyle and pageScript are the same on every page.
var (
	pageStyle  = joinPageFiles("page/assets/*.css")
	pageScript = joinPageFiles("page/assets/*.js")
)

// joinPageFiles joins embedded files in the order of their names.
func joinPageFiles(pattern string) string {
	names, err := fs.Glob(pageFiles, pattern)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var joined bytes.Buffer
	for _, name := range names {
		text, err := pageFiles.ReadFile(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		joined.Write(text)
	}
	return joined.String()
}

// scriptHash is what the page's policy knows its only script by: a text of the
// target that became a script would not run.
func scriptHash() string {
	sum := sha256.Sum256([]byte(pageScript))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page is everything that the pages are made of. The templates call the
// functions below for words and units, so that the page and the terminal say
// the same thing in the same way.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":             func() template.CSS { return template.CSS(pageStyle) },
	"script":            func() template.JS { return template.JS(pageScript) },
	"scriptHash":        scriptHash,
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
	"measurementWords":  measurementWords,
	"pastTolerance":     func(m Measurement) bool { return !isQuestion(m) && m.Drift() > m.Tolerance },
	"printable":         printable,
	"seconds":           seconds,
	"text":              func(text string) template.HTML { return textHTML(pageText(text), nil) },
	"anchor":            findingAnchor,
	"maxStrips":         func() int { return maxStrips },
	"microseconds":      microseconds,
	"grouped":           grouped,
	"trimmed":           trimmed,
	"runTime":           runTime,
	"kindWords":         kindWords,
	"arrivals":          arrivals,
	"thresholdActual":   thresholdActual,
	"endedRun":          endedRun,
	"came":              thresholdCame,
	"sessionWords":      sessionWords,
	"loopWords":         loopWords,
	"recoveryWords":     recoveryWords,
	"outageWords":       outageWords,
	"generatorWords":    generatorWords,
	"bottleneckSummary": bottleneckSummary,
	"commandLine":       commandLine,
	"utc":               utc,
	"localFile":         localFile,
	"addresses":         Target.AddressList,
	"clientWords":       clientWords,
	"shardRows":         shardRows,
}).ParseFS(pageFiles, "page/assets/*.html"))

// withTemplates gives templates that can use those of the pages, and the functions
// that those have.
func withTemplates(files fs.FS, patterns ...string) *template.Template {
	return template.Must(template.Must(page.Clone()).ParseFS(files, patterns...))
}

// reportView is what report.html renders.
type reportView struct {
	Title       string
	Conformance *conformanceView
	Load        *loadView
}

// WriteHTML writes one page that shows what the bundle has, the conformance run
// first. The page loads nothing and is whole without its script; what the
// reports say is escaped.
func WriteHTML(w io.Writer, b Bundle) error {
	if b.empty() {
		return errors.New("write the HTML report: there is neither a conformance nor a load report to show")
	}
	view := reportView{Title: pageTitle(b)}
	if b.Conformance != nil {
		view.Conformance = newConformanceView(b.Conformance, b.Folder)
	}
	if b.Load != nil {
		var err error
		if view.Load, err = newLoadView(b.Load); err != nil {
			return fmt.Errorf("write the HTML report: %w", err)
		}
	}
	if err := page.ExecuteTemplate(w, "report.html", view); err != nil {
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
