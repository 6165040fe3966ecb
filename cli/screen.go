package cli

import (
	"fmt"
	"io"

	"github.com/vbauerster/cupwriter"

	"imcheck/reports/text"
	"imcheck/reports/words"
)

// screenLine is a line of a screen.
type screenLine struct {
	class string   // class of its colour, as of reports/text; "" for the terminal's own
	parts []string // the most important first: as many are shown as there is room for
	trail string   // after them where there is room, such as a sparkline
}

// line returns one without a colour.
func line(parts ...string) screenLine { return screenLine{parts: parts} }

// screen is a few lines at the bottom of a terminal that are drawn anew. The cursor stays
// visible and is at the beginning of the line below them, so that a program that is killed
// leaves the terminal as it should be.
type screen struct {
	writer *cupwriter.Writer
	drawn  []int // columns of each line that is there
}

func newScreen(out io.Writer) *screen { return &screen{writer: cupwriter.New(out, true)} }

// draw replaces the lines, on a terminal of so many columns and lines (0 when it does not know).
func (s *screen) draw(lines []screenLine, columns, height int, o text.Options) {
	room := roomIn(columns)
	if height > 1 {
		lines = lines[:min(len(lines), height-1)] // what has left the top could not be replaced
	}
	s.erase(columns)
	for _, l := range lines {
		shown := fitting(l.parts, room)
		if longer := shown + "  " + l.trail; l.trail != "" && words.Columns(longer) <= room {
			shown = longer
		}
		fmt.Fprintln(s.writer, text.Paint(o, l.class, shown))
		s.drawn = append(s.drawn, words.Columns(shown))
	}
	_ = s.writer.Flush(0) // an error of stderr is nobody's concern
}

// clear removes the lines.
func (s *screen) clear(columns int) {
	if len(s.drawn) == 0 {
		return
	}
	s.erase(columns)
	_ = s.writer.Flush(0)
}

// erase goes to where the lines begin with the next write, and removes them. A terminal that was
// made narrower has broken those that do not fit any more.
func (s *screen) erase(columns int) {
	rows := 0
	for _, width := range s.drawn {
		rows++
		if columns > 0 && width > columns {
			rows += (width - 1) / columns
		}
	}
	s.drawn = s.drawn[:0]
	if rows > 0 {
		s.writer.WriteByte('\r') // the terminal may have echoed what was typed, such as ^C
	}
	_ = s.writer.Flush(rows) // going up goes out with the next text, so that nothing flickers
}
