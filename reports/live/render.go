package live

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/page"
	"imcheck/reports/words"
)

//go:embed assets
var assets embed.FS

var templates = page.WithTemplates(assets, "assets/*.html")

// Drawing takes the processor from the load that is watched. So charts are drawn at most once
// in chartsEvery, for all who look on together, and for at most one part in chartsShare of the
// time.
const (
	chartsEvery = 5 * time.Second
	chartsShare = 50
)

// Parts of the page, by the ID of their element. Each is replaced when it has changed.
const (
	partHeadline = "headline"
	partSpoken   = "spoken"
	partFigures  = "figures"
	partCharts   = "charts"
	partTables   = "tables"
)

// partIDs are all of them, in their order on the page.
var partIDs = []string{partHeadline, partSpoken, partFigures, partCharts, partTables}

// update is what a page is sent when something has changed.
type update struct {
	version int

	Title string            `json:"title"` // for the tab
	Ended bool              `json:"ended"`
	Parts map[string]string `json:"parts"` // HTML, by ID
}

// charts are the drawings, and when the next may be made.
type charts struct {
	html string
	due  time.Time
	done bool // of the end of the run
}

// chartsView is what the template of the charts needs.
type chartsView struct {
	Knee, Course []template.HTML
	Zero         []string // titles of what was 0 all along, once the run has ended
	Per          int      // seconds of each point of the course
	Steps        bool     // the course is that of a step of a search
}

// view is a state arranged for the templates.
type view struct {
	State
	Tiles []page.Tile
	Rows  []expiryRow
	Steps *page.Table // of a search; nil without any
}

// render returns the page's parts as of the latest state. All who look on share it.
func (b *Board) render() (update, error) {
	b.rendering.Lock()
	defer b.rendering.Unlock()
	s, version := b.snapshot()
	if b.rendered.version == version {
		return b.rendered, nil
	}
	if err := b.draw(s); err != nil {
		return update{}, err
	}
	u := update{version: version, Title: tabTitle(s), Ended: s.Ended, Parts: map[string]string{partCharts: b.charts.html, partSpoken: template.HTMLEscapeString(words.Printable(spoken(s)))}}
	v := view{State: s, Tiles: tiles(s), Rows: expiryRows(s), Steps: stepTable(s.Search)}
	for _, id := range []string{partHeadline, partFigures, partTables} {
		var out strings.Builder
		if err := page.ExecuteVisibly(&out, templates(), id, v); err != nil {
			return update{}, fmt.Errorf("render the live page: %w", err)
		}
		u.Parts[id] = out.String()
	}
	b.rendered = u
	return u, nil
}

// draw draws the charts anew, unless that was done a moment ago.
func (b *Board) draw(s State) error {
	began := b.now()
	if began.Before(b.charts.due) && (!s.Ended || b.charts.done) {
		return nil
	}
	v := chartsView{}
	var failed error
	if s.Search != nil {
		v.Knee, failed = page.KneeCharts(s.Search)
		v.Steps = true
	}
	if s.Load != nil {
		var err error
		v.Course, v.Zero, err = page.CourseCharts(course(s.Load))
		v.Per, failed = s.Load.Per, errors.Join(failed, err)
		if !s.Ended {
			v.Zero = nil // it may be so no more in a second
		}
	}
	var out strings.Builder
	if err := errors.Join(failed, page.ExecuteVisibly(&out, templates(), partCharts, v)); err != nil {
		return fmt.Errorf("draw the live page: %w", err)
	}
	b.charts = charts{html: out.String(), done: s.Ended}
	if len(v.Knee)+len(v.Course) > 0 { // else the first charts are not to wait
		took := b.now().Sub(began)
		b.charts.due = began.Add(max(chartsEvery, chartsShare*took))
	}
	return nil
}

// course is a load so far as a report would have it, for its charts.
func course(l *Load) *reports.Load {
	c := &reports.Load{ClosedLoop: l.ClosedLoop, Timeline: l.Timeline}
	c.Generator.ServerInProcess = l.InProcess
	if l.Second.Target != nil {
		c.TargetUse = &reports.TargetUse{}
	}
	return c
}

// tabTitle begins with what matters, as a tab has little room.
func tabTitle(s State) string {
	if s.Ended {
		return content.OutcomeWords[s.Outcome].Word + ": " + words.Printable(s.Title)
	}
	return words.Printable(s.Phase + ": " + s.Title)
}

// spoken is what a screen reader is told: when another stage begins, and the end, but not
// every second.
func spoken(s State) string {
	if s.Ended {
		return "The run has ended: " + content.OutcomeWords[s.Outcome].Word + ". " + s.Reason
	}
	return "Now: " + s.Phase
}
