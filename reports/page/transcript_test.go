package page

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
)

func TestTranscriptRows(t *testing.T) {
	lines := []reports.Line{
		{At: 84.1, Connection: "a-1", Direction: "->", Text: `{"type":5,"dataContent":"<x>"}`},
		{At: 90.2, Connection: "a-1", Direction: "<-", Text: `{"type":53,"dataContent":"<y>"}`},
		{At: 7064.4, Connection: "a-1", Direction: "--", Text: "connection closed by the peer"},
		{At: 7065, Connection: "<b>", Direction: "sideways", Text: "\x1b[2J{oops"},
	}
	want := []string{
		`<p class="sent"><time>0.084</time> <span><b>a-1 →</b> {"type":5,"dataContent":"&lt;x&gt;"}</span></p>`,
		`<p class="received"><time>0.090</time> <span><b>← a-1</b> <small>copy of 0.084 s with another dataContent</small> {"type":53,"dataContent":<mark>"&lt;y&gt;"</mark>}</span></p>`,
		`<p class="remark"><time>7.064</time> <span><b>a-1</b> connection closed by the peer</span></p>`,
		`<p class="remark"><time>7.065</time> <span><b>&lt;b&gt;</b> \x1b[2J{oops</span></p>`,
	}
	got := strings.Split(strings.TrimSuffix(string(transcriptHTML(lines, maxTranscript)), "\n"), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var rowNumber = regexp.MustCompile(`line (\d+)`)

// A transcript that is too long keeps its start and more of its end, and says
// how much there was between.
func TestTranscriptLeavesOutItsMiddle(t *testing.T) {
	var lines []reports.Line
	for i := range 1000 {
		lines = append(lines, reports.Line{Direction: "--", Text: fmt.Sprintf("line %d", i)})
	}
	whole := string(transcriptHTML(lines, maxTranscript))
	if n := strings.Count(whole, "<p"); n != len(lines) {
		t.Fatalf("%d rows of %d lines, all of which have room", n, len(lines))
	}
	const limit = 6000
	cut := string(transcriptHTML(lines, limit))
	if len(cut) > limit+100 {
		t.Errorf("%d bytes, over the limit of %d and a line", len(cut), limit)
	}
	before, after, found := strings.Cut(cut, "left out here")
	if !found {
		t.Fatal("it does not say that lines are left out")
	}
	first, last := strings.Count(before, "line "), len(rowNumber.FindAllString(after, -1))
	if !strings.Contains(before, fmt.Sprintf("… %d lines ", len(lines)-first-last)) {
		t.Errorf("%d and %d lines are there; it says %q", first, last, before[strings.LastIndex(before, "…"):])
	}
	if first == 0 || last < first || !strings.Contains(before, "line 0<") || !strings.Contains(after, "line 999<") {
		t.Errorf("the first %d and the last %d lines are there", first, last)
	}
}

// One line that is longer than what there is room for leaves the page with the
// note alone.
func TestTranscriptOfHugeLines(t *testing.T) {
	huge := reports.Line{Direction: "--", Text: strings.Repeat("x", 2000)}
	for _, n := range []int{1, 2, 5} {
		got := string(transcriptHTML(slices.Repeat([]reports.Line{huge}, n), 1000))
		if len(got) > 1100 || !strings.Contains(got, "left out here") {
			t.Errorf("%d lines: %d bytes: %.100s", n, len(got), got)
		}
	}
}
