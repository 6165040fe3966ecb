package reports

import "io"

// WriteIndexText writes a line for each report of runs, newest first, for a
// terminal. Control characters that a target sent are shown as escapes.
func WriteIndexText(w io.Writer, runs []Run, o TextOptions) error {
	view := map[string][]reportRow{}
	for _, g := range groupRuns(runs) {
		for at, run := range g.runs {
			view[run.Folder] = append(view[run.Folder], g.row(at))
		}
	}
	t := table{titles: []string{"run", "started (UTC)", "what", "verdict", "result", " p99", "since the run before"}}
	for _, run := range runs {
		for _, row := range view[run.Folder] {
			shown := outcomeWords[row.Outcome]
			t.add(cell{text: run.Folder}, cell{text: row.Started}, cell{text: row.What}, cell{shown.Word, shown.Class},
				cell{text: row.Summary}, cell{text: row.P99}, cell{text: dashed(row.Short)})
		}
	}
	p := &printer{color: o.Color}
	p.table("", t)
	return p.writeTo(w)
}
