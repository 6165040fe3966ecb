package page

import (
	"fmt"
	"slices"
	"testing"

	"imcheck/reports"
)

func TestCopies(t *testing.T) {
	line := func(connection, direction, text string) reports.Line {
		return reports.Line{At: 0, Connection: connection, Direction: direction, Text: text}
	}
	data := func(content, more string) string {
		return fmt.Sprintf(`{"type":2,"dataContent":%q,"from":"a","to":"b"%s}`, content, more)
	}
	const fp = `,"fp":"f1"`
	tests := map[string]struct {
		lines []reports.Line
		want  []string // of each copy: its line, and what it is
	}{
		"echo": {[]reports.Line{
			line("a", "->", `{"type":5,"dataContent":"x"}`),
			line("a", "<-", `{"type":53,"dataContent":"x"}`),
		}, []string{"1 of 0"}},
		"echo that was changed": {[]reports.Line{
			line("a", "->", `{"type":5,"dataContent":"x","sm":-1}`),
			line("a", "<-", `{"type":53,"dataContent":"y","QoS":false}`),
		}, []string{`1 of 0 with another dataContent, with QoS, without sm marks "y" false`}},
		"echo to another": {[]reports.Line{
			line("a", "->", `{"type":5,"dataContent":"x"}`),
			line("b", "<-", `{"type":53,"dataContent":"x"}`),
		}, nil},
		"echoes out of order": {[]reports.Line{
			line("a", "->", `{"type":5,"dataContent":"x"}`),
			line("a", "->", `{"type":5,"dataContent":"y"}`),
			line("a", "<-", `{"type":53,"dataContent":"y"}`),
			line("a", "<-", `{"type":53,"dataContent":"z"}`),
			line("a", "<-", `{"type":53,"dataContent":"w"}`),
		}, []string{"2 of 1", `3 of 0 with another dataContent marks "z"`}},
		"type in quotes": {[]reports.Line{
			line("a", "->", `{"type":"5","dataContent":"x"}`),
			line("a", "<-", `{"type":53,"dataContent":"x"}`),
		}, []string{"1 of 0"}},
		"frame": {[]reports.Line{
			line("a", "->", `frame fin=true rsv=0 opcode=1 masked=true {"type":5,"dataContent":"x"}`),
			line("a", "<-", `{"type":53,"dataContent":"x"}`),
		}, []string{"1 of 0"}},
		"delivery": {[]reports.Line{
			line("a", "->", data("hi", fp)),
			line("a", "<-", `{"type":4,"dataContent":"f1"}`),
			line("b", "<-", data("hi!", fp)),
		}, []string{`2 of 0 with another dataContent marks "hi!"`}},
		"fingerprint that was changed": {[]reports.Line{
			line("a", "->", data("hi", fp)),
			line("b", "<-", data("hi", `,"fp":"f2"`)),
		}, []string{`1 of 0 with another fp marks "f2"`}},
		"no fingerprint, and changed": {[]reports.Line{
			line("a", "->", data("hi", "")),
			line("b", "<-", data("ho", "")),
			line("b", "<-", data("ha", "")),
		}, []string{`1 of 0 with another dataContent marks "ho"`}},
		"push": {[]reports.Line{
			line("control", "--", "push "+data("hi", fp)),
			line("b", "<-", data("hi", fp)),
		}, []string{"1 of 0"}},
		"retransmission": {[]reports.Line{
			line("a", "->", data("hi", fp+`,"sm":-1`)),
			line("b", "<-", data("hi", fp+`,"sm":7`)),
			line("b", "<-", data("hi", fp+`,"sm":8`)),
		}, []string{`1 of 0 with another sm marks 7`, `2 of 1 with another sm marks 8`}},
		"retransmission to another session": {[]reports.Line{
			line("a", "->", data("hi", fp)),
			line("b", "<-", data("ho", fp)),
			line("c", "<-", data("hi", fp)),
		}, []string{`1 of 0 with another dataContent marks "ho"`, "2 of 0"}},
		"what is no message": {[]reports.Line{
			line("a", "->", "{oops"),
			line("a", "<-", "close frame"),
			line("a", "<-", data("hi", fp)),
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			found := copiesIn(test.lines)
			for i, l := range test.lines {
				c, isCopy := found[i]
				if !isCopy {
					continue
				}
				text := fmt.Sprintf("%d of %d%s", i, c.of, c.fieldWords())
				for j, m := range c.marks {
					if j == 0 {
						text += " marks"
					}
					text += " " + l.Text[m.start:m.end]
				}
				got = append(got, text)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestCopyWords(t *testing.T) {
	lines := []reports.Line{{At: 84.4}}
	for want, c := range map[string]copied{
		"copy of 0.084 s":                                      {},
		"copy of 0.084 s with another to":                      {differ: []string{"to"}},
		"copy of 0.084 s with another to and sm, without fp":   {differ: []string{"to", "sm"}, missing: []string{"fp"}},
		"copy of 0.084 s with another to, with sm, without fp": {differ: []string{"to"}, added: []string{"sm"}, missing: []string{"fp"}},
	} {
		if got := c.words(lines); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
