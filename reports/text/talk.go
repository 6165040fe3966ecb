package text

import (
	"io"
	"strconv"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// shownOdd bounds the messages that a summary of a talk lists; the report has more.
const shownOdd = 20

// WriteTalk writes a talk as a summary for a terminal.
func WriteTalk(w io.Writer, t *reports.Talk, o Options) error {
	p := NewPrinter(o)
	p.verdict(t.Header, content.TalkSummary(t))
	p.impairment(t.Impairment)
	for _, note := range t.Notes {
		p.Paragraph("", "  ", note)
	}
	p.Section(content.TalkTable(t))
	p.Section(content.TalkClientTable(t))
	p.odd(t.Odd)
	return p.Flush(w)
}

// odd lists messages that did not simply get through, the worst first.
func (p *Printer) odd(all []reports.TalkEntry) {
	rows := content.Table{Titles: []string{"message", "fingerprint", " sent", " acknowledged", " lost", " shown", "server says"}}
	for _, e := range all[:min(len(all), shownOdd)] {
		shown := "–"
		for i, at := range e.ShownMs {
			if i == 0 {
				shown = ""
			} else {
				shown += ", "
			}
			shown += words.Seconds(at)
		}
		rows.AddText(e.Fate, e.Fingerprint, secondsOrDash(e.SentMs), secondsOrDash(e.AckedMs), secondsOrDash(e.LostMs), shown, content.TalkServerWords(e))
	}
	p.Section(rows)
	if more := len(all) - shownOdd; more > 0 {
		p.Line("  and ", strconv.Itoa(more), " more, in "+reports.TalkFile)
	}
}

func secondsOrDash(ms float64) string {
	if ms == 0 {
		return "–"
	}
	return words.Seconds(ms)
}
