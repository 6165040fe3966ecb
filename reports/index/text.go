package index

import (
	"io"

	"imcheck/reports/content"
	"imcheck/reports/text"
	"imcheck/reports/words"
)

// WriteText writes a line for each report of runs, newest first, for a
// terminal. Control characters that a target sent are shown as escapes.
func WriteText(w io.Writer, runs []Run, o text.Options) error {
	view := map[string][]reportRow{}
	for _, g := range groupRuns(runs) {
		for at, run := range g.runs {
			view[run.Folder] = append(view[run.Folder], g.row(at))
		}
	}
	t := content.Table{Titles: []string{"run", "started (UTC)", "what", "verdict", "result", " p99", "since the run before"}}
	for _, run := range runs {
		for _, row := range view[run.Folder] {
			shown := content.OutcomeWords[row.Outcome]
			t.Add(content.Cell{Text: run.Folder}, content.Cell{Text: row.Started}, content.Cell{Text: row.What}, content.Cell{Text: shown.Word, Class: shown.Class},
				content.Cell{Text: row.Summary}, content.Cell{Text: row.P99}, content.Cell{Text: words.Dashed(row.Short)})
		}
	}
	p := text.NewPrinter(o)
	p.Table("", t)
	return p.Flush(w)
}
