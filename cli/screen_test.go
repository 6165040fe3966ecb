package cli

import (
	"bytes"
	"strings"
	"testing"

	"imcheck/loadgen/swarm"
	"imcheck/reports/text"
	"imcheck/reports/words"
)

// drawnLines draws one set of lines after the other and returns what went out for the last.
func drawnLines(s *screen, out *bytes.Buffer, columns, height int, lines ...string) string {
	out.Reset()
	var all []screenLine
	for _, text := range lines {
		all = append(all, line(text))
	}
	s.draw(all, columns, height, text.Options{})
	return out.String()
}

// Lines are drawn over those before, also on a terminal that was made narrower meanwhile, where
// they take more room than before.
func TestScreenIsDrawnOver(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out)
	if got := drawnLines(s, &out, 80, 24, "one", strings.Repeat("x", 50)); got != "one\n"+strings.Repeat("x", 50)+"\n" {
		t.Errorf("first %q", got)
	}
	if got := drawnLines(s, &out, 80, 24, "two"); got != "\r\x1b[2A\x1b[Jtwo\n" {
		t.Errorf("then %q", got)
	}
	drawnLines(s, &out, 80, 24, "one", strings.Repeat("x", 50))
	if got := drawnLines(s, &out, 20, 24, "three"); got != "\r\x1b[4A\x1b[Jthree\n" {
		t.Errorf("of 20 columns %q", got)
	}
	out.Reset()
	if s.clear(20); out.String() != "\r\x1b[1A\x1b[J" {
		t.Errorf("cleared by %q", out.String())
	}
	out.Reset()
	if s.clear(20); out.Len() != 0 {
		t.Errorf("cleared again by %q", out.String())
	}
	if got := drawnLines(s, &out, 80, 3, "a", "b", "c", "d"); got != "a\nb\n" {
		t.Errorf("of 3 lines %q", got)
	}
}

// No line reaches the last column, and what matters less is left out first.
func TestScreenOfALoadFits(t *testing.T) {
	for _, width := range []int{0, 20, 40, 80, 200} {
		var out bytes.Buffer
		l := loadScreen{bar: newSizedProgress(&out, true, func() (int, int) { return width, 24 }), prefix: "step 3, 1,000 messages a second: "}
		s := aSnapshot()
		s.Second.Sent, s.Second.Delivered, s.Second.LateP99Us = 1000, 998, 1500
		l.show(s)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != 6 {
			t.Errorf("%d columns: %d lines", width, len(lines))
		}
		for _, shown := range lines {
			if n := words.Columns(stripped(shown)); width > 0 && n >= width {
				t.Errorf("%q has %d columns of %d", shown, n, width)
			}
		}
		if width == 80 {
			for i, want := range []string{"step 3, 1,000 messages a second: steady", "clients    0 of 60 online", "messages   1,000/s sent, 998/s delivered  █", "latency    p99 25.0 ms, p50 1.50 ms  █", "errors     3, 0/s", "generator  p99 1.50 ms late, too much"} {
				if !strings.HasPrefix(stripped(lines[i]), want) {
					t.Errorf("line %d is %q, want %q", i, lines[i], want)
				}
			}
		}
	}
	var out bytes.Buffer
	l := loadScreen{bar: newSizedProgress(&out, true, func() (int, int) { return 80, 24 })}
	if l.show(swarm.Snapshot{Phase: swarm.PhaseOver}); out.Len() > 0 {
		t.Errorf("after the end it shows %q", out.String())
	}
}

// stripped returns a line without its colours.
func stripped(line string) string {
	for _, code := range []string{"\x1b[31;1m", "\x1b[33m", "\x1b[0m"} {
		line = strings.ReplaceAll(line, code, "")
	}
	return line
}

// A note stays above the lines, and a single line takes their place.
func TestNotesBesideAScreen(t *testing.T) {
	var out bytes.Buffer
	p := newSizedProgress(&out, true, func() (int, int) { return 80, 24 })
	p.showScreen([]screenLine{line("a"), line("b")})
	p.note("noted")
	p.showScreen([]screenLine{line("c")})
	p.show("single")
	p.showScreen([]screenLine{line("d")})
	p.done()
	want := "a\nb\n" + "\r\x1b[2A\x1b[J" + "noted\n" + "c\n" + "\r\x1b[1A\x1b[J" + "\r\x1b[Ksingle" + "\r\x1b[K" + "d\n" + "\r\x1b[1A\x1b[J"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTrail(t *testing.T) {
	var tr trail
	if tr.String() != "" {
		t.Error("nothing has a sparkline")
	}
	for v := range int64(8) {
		tr.add(v)
	}
	if got := tr.String(); got != "▁▂▃▄▅▆▇█" {
		t.Errorf("got %s", got)
	}
	for range 100 {
		tr.add(0)
	}
	if got := tr.String(); got != "" {
		t.Errorf("of zeros: %s", got)
	}
	tr.add(5)
	if got := words.Columns(tr.String()); got != trailLength {
		t.Errorf("%d columns", got)
	}
}
