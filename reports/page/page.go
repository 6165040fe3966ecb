// Package page writes reports as an HTML page. To the pages of other packages it
// lends its templates, links, tables and the points of its curves. The templates,
// the style and the script are in assets.
package page

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
	"sync"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

//go:embed assets
var assets embed.FS

// The style and the script, which are the same on every page.
var (
	style  = joinAssets("assets/*.css")
	script = joinAssets("assets/*.js")
)

// Style returns the style of the pages, for one that has it in a file of its own.
func Style() string { return style }

// joinAssets joins embedded files in the order of their names.
func joinAssets(pattern string) string {
	names, err := fs.Glob(assets, pattern)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var joined bytes.Buffer
	for _, name := range names {
		text, err := assets.ReadFile(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		joined.Write(text)
	}
	return joined.String()
}

// scriptHash returns the hash of the script that the page's policy allows: a text of the
// target that became a script would not run.
func scriptHash() string {
	sum := sha256.Sum256([]byte(script))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// functions are those that templates call for words and units, so that the page and the
// terminal say the same thing in the same way.
var functions = template.FuncMap{
	"style":             func() template.CSS { return template.CSS(style) },
	"script":            func() template.JS { return template.JS(script) },
	"scriptHash":        scriptHash,
	"outcome":           func(o reports.Outcome) content.Presentation { return content.OutcomeWords[o] },
	"verdict":           func(v reports.Verdict) content.Presentation { return content.VerdictWords[v] },
	"source":            content.RequirementSource,
	"caseList":          content.CaseList,
	"roundList":         content.RoundList,
	"informationTitle":  func() string { return content.InformationTitle },
	"flakeWords":        content.FlakeWords,
	"percent":           func(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) },
	"milliseconds":      words.Milliseconds,
	"window":            content.Window,
	"drift":             content.Drift,
	"measurementWords":  content.MeasurementWords,
	"webLink":           isWebLink,
	"printable":         words.Printable,
	"seconds":           words.Seconds,
	"text":              func(text string) template.HTML { return textHTML(shownText(text), nil) },
	"anchor":            findingAnchor,
	"maxStrips":         func() int { return maxStrips },
	"microseconds":      words.Microseconds,
	"grouped":           words.Grouped,
	"trimmed":           words.Trimmed,
	"runTime":           words.RunTime,
	"kindWords":         content.KindWords,
	"arrivals":          content.Arrivals,
	"thresholdActual":   content.ThresholdActual,
	"endedRun":          content.EndedRun,
	"came":              content.ThresholdPresentation,
	"sessionWords":      content.SessionWords,
	"loopWords":         content.LoopWords,
	"recoveryWords":     content.RecoveryWords,
	"stormTable":        func(r *reports.Recovery) Table { return NewTable(content.StormTable(r)) },
	"outageWords":       content.OutageWords,
	"generatorWords":    content.GeneratorWords,
	"bottleneckSummary": content.BottleneckSummary,
	"commandLine":       words.CommandLine,
	"utc":               words.UTC,
	"localFile":         localFile,
	"protocolWords":     content.ProtocolWords,
	"oneMore":           func(n int) int { return n + 1 },
	"addresses":         reports.Target.AddressList,
	"clientWords":       content.ClientWords,
	"shardRows":         content.ShardRows,
	"nodeRows":          content.NodeRows,
	"nodeLatencies":     content.NodeLatencies,
	"backlogWords":      content.BacklogWords,
	"exportWords":       content.ExportWords,
	"fanOutWords":       content.FanOutWords,
	"stageRows":         content.StageRows,
	"trendTable":        func(trends []reports.Trend) Table { return NewTable(content.TrendTable(trends)) },
	"stageLatencies":    content.StageLatencies,
}

// templates is everything that the pages are made of. It is parsed when the first
// page is written: most of what the program does writes none.
var templates = sync.OnceValue(parse)

func parse() *template.Template {
	return template.Must(template.New("page").Funcs(functions).ParseFS(assets, "assets/*.html"))
}

// WithTemplates returns a function that returns templates which can use those of the pages
// and their functions. They are parsed when it is first called.
func WithTemplates(files fs.FS, patterns ...string) func() *template.Template {
	return sync.OnceValue(func() *template.Template { return template.Must(parse().ParseFS(files, patterns...)) })
}

// ExecuteVisibly writes a template with the escapes of a Go string in place of characters that
// cannot be seen.
func ExecuteVisibly(w io.Writer, t *template.Template, name string, data any) error {
	visible := &visibleWriter{to: w}
	return errors.Join(t.ExecuteTemplate(visible, name, data), visible.Close())
}

// reportView is the data of report.html.
type reportView struct {
	Title       string
	Conformance *conformanceView
	Load        *loadView
	Capacity    *capacityView
}

// Write writes one page that shows what the bundle has, the conformance run
// first. The page loads nothing and is whole without its script; what the
// reports say is escaped, characters that cannot be seen too.
func Write(w io.Writer, b reports.Bundle) error {
	if b.Empty() {
		return errors.New("write the HTML report: there is no report to show")
	}
	view := reportView{Title: titleOf(b)}
	if b.Conformance != nil {
		view.Conformance = newConformanceView(b.Conformance, b.Folder)
		var err error
		if view.Conformance.Loaded, err = newUnderLoadView(b.Conformance.UnderLoad); err != nil {
			return fmt.Errorf("write the HTML report: %w", err)
		}
	}
	if b.Load != nil {
		var err error
		if view.Load, err = newLoadView(b.Load); err != nil {
			return fmt.Errorf("write the HTML report: %w", err)
		}
	}
	if b.Capacity != nil {
		var err error
		if view.Capacity, err = newCapacityView(b.Capacity); err != nil {
			return fmt.Errorf("write the HTML report: %w", err)
		}
	}
	if err := ExecuteVisibly(w, templates(), "report.html", view); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

// titleOf starts with the verdict, which is all that a browser's tab shows.
func titleOf(b reports.Bundle) string {
	var parts []string
	if b.Conformance != nil {
		parts = append(parts, content.OutcomeWords[b.Conformance.Outcome].Word+" conformance")
	}
	if b.Load != nil {
		parts = append(parts, content.OutcomeWords[b.Load.Outcome].Word+" load")
	}
	if b.Capacity != nil {
		parts = append(parts, content.OutcomeWords[b.Capacity.Outcome].Word+" capacity")
	}
	return strings.Join(parts, ", ")
}
