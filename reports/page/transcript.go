package page

import (
	"fmt"
	"html/template"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Directions of a transcript's lines; every other line is a remark.
const (
	sent     = "->"
	received = "<-"
)

// maxTranscript bounds the HTML of one transcript, in bytes. Of a longer one the middle is
// left out.
const maxTranscript = 96 << 10

// transcriptHTML returns a transcript for the page: times, and beside them what was
// sent and what was received, in a column each. Copies of other messages have
// what differs marked. It takes up at most limit bytes, and what it needs to say
// that lines are left out.
func transcriptHTML(lines []reports.Line, limit int) template.HTML {
	again := copiesIn(lines)
	rows := make([]string, len(lines))
	all := 0
	for i, line := range lines {
		c, isCopy := again[i]
		note := ""
		if isCopy {
			note = c.words(lines)
		}
		rows[i] = transcriptRow(line, note, c.marks)
		all += len(rows[i])
	}
	if all > limit {
		rows = leaveOutMiddle(rows, limit)
	}
	return template.HTML(strings.Join(rows, ""))
}

// transcriptRow returns the row of one line. An arrow shows the direction without columns
// too.
func transcriptRow(line reports.Line, note string, marks []span) string {
	class, name := "remark", line.Connection
	switch line.Direction {
	case sent:
		class, name = "sent", name+" →"
	case received:
		class, name = "received", "← "+name
	}
	var out strings.Builder
	fmt.Fprintf(&out, "<p class=\"%s\"><time>%.3f</time> <span><b>", class, line.At/1000)
	writePart(&out, name, false)
	out.WriteString("</b> ")
	if note != "" {
		out.WriteString("<small>")
		writePart(&out, note, false)
		out.WriteString("</small> ")
	}
	writeText(&out, line.Text, marks)
	out.WriteString("</span></p>\n")
	return out.String()
}

// leaveOutMiddle keeps the first rows and, since a case fails at its end, twice
// as much of the last ones.
func leaveOutMiddle(rows []string, limit int) []string {
	first, used := 0, 0
	for used+len(rows[first]) <= limit/3 {
		used += len(rows[first])
		first++
	}
	last := len(rows)
	for last > first+1 && used+len(rows[last-1]) <= limit {
		last--
		used += len(rows[last])
	}
	gap := fmt.Sprintf("<p class=\"remark\"><time></time> <span>… %s left out here …</span></p>\n", words.Counted(int64(last-first), "line", "lines"))
	return append(append(rows[:first:first], gap), rows[last:]...)
}
