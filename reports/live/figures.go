package live

import (
	"fmt"
	"html/template"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/page"
	"imcheck/reports/words"
)

// tiles returns the main figures of a state.
func tiles(s State) []page.Tile {
	switch {
	case s.Expiries != nil:
		return expiryTiles(s)
	case s.Load != nil && s.Load.Second.AtMs > 0:
		return loadTiles(s.Load)
	}
	return nil
}

// loadTiles are the figures of the last second of a load.
func loadTiles(l *Load) []page.Tile {
	second, arrived := l.Second, "delivered"
	if l.ClosedLoop {
		arrived = "answered"
	}
	failed := page.Tile{Label: "Errors", Value: words.Grouped(l.Total.Errors), Note: words.Grouped(second.Errors) + " in the last second"}
	if l.Total.Errors > 0 {
		failed.Class = "bad"
	}
	late := page.Tile{Label: "The generator's own lateness, p99", Value: latencyWords(second.LateP99Us), Note: "in the last second"}
	if l.Late {
		late.Class, late.Note = "odd", "too much: the figures are the generator's"
	}
	return []page.Tile{
		{Label: "Clients online", Value: words.Grouped(second.Online), Note: fmt.Sprintf("of %s; %s a second", words.Grouped(int64(l.Clients)), words.Counted(second.LoggedIn, "login", "logins"))},
		{Label: "Messages sent", Value: words.Grouped(second.Sent) + "/s", Note: fmt.Sprintf("%s/s %s; %s sent in all", words.Grouped(second.Delivered), arrived, words.Grouped(l.Total.Sent))},
		{Label: "Latency, p99", Value: latencyWords(second.P99Us), Note: "p50 " + latencyWords(second.P50Us) + ", in the last second"},
		failed, late,
	}
}

// latencyWords writes a latency of the last second, in which there may have been none.
func latencyWords(us int64) string {
	if us == 0 {
		return "–"
	}
	return words.Microseconds(us)
}

// expiryTiles say how far the measurements have come.
func expiryTiles(s State) []page.Tile {
	var measured, cases, done, bad int
	for _, e := range s.Expiries {
		cases, done, bad = cases+e.Cases, done+e.Done, bad+e.Bad
		if e.Measured() {
			measured++
		}
	}
	failed := page.Tile{Label: "Bad", Value: words.Grouped(int64(bad)), Note: "cases that did not hold"}
	if bad > 0 {
		failed.Class = "bad"
	}
	return []page.Tile{
		{Label: "Expiries measured", Value: fmt.Sprintf("%d of %d", measured, len(s.Expiries)), Note: "pairs of sense mode and transport"},
		{Label: "Cases done", Value: fmt.Sprintf("%d of %d", done, cases), Note: "about these expiries"},
		failed,
	}
}

// expiryRow is one line of the table of sense modes.
type expiryRow struct {
	Expiry
	Seen  string // when the session ended, as far as that is known
	Drift string
	Strip template.HTML
}

func expiryRows(s State) (rows []expiryRow) {
	for _, e := range s.Expiries[:min(len(s.Expiries), MaxExpiries)] {
		row := expiryRow{Expiry: e, Seen: "–", Drift: "–"}
		if e.Measured() {
			row.Seen, row.Drift, row.Strip = content.MeasuredExpiry(e.Expiry), content.ExpiryDrift(e.Expiry), page.ExpiryStrip(e.Expiry)
		}
		rows = append(rows, row)
	}
	return rows
}

// stepTable lists the steps of a search so far, in their order; nil when there are none.
func stepTable(c *reports.Capacity) *page.Table {
	if c == nil || len(c.Steps) == 0 {
		return nil
	}
	steps := content.Table{Titles: []string{" step", " load", " achieved", " p99", " lost", "came to"}}
	for _, s := range c.Steps {
		came := content.CamePresentation(s.Came)
		p99 := "–"
		if s.Latency != "" {
			p99 = words.Microseconds(s.P99Us)
		}
		steps.Add(content.Cell{Text: fmt.Sprint(s.Number)}, content.Cell{Text: content.LoadWords(s.Load)}, content.Cell{Text: words.Trimmed(s.Achieved)},
			content.Cell{Text: p99}, content.Cell{Text: words.Grouped(s.LostMessages + s.LostSessions)}, content.Cell{Text: came.Word, Class: came.Class})
	}
	table := page.NewTable(steps)
	return &table
}
