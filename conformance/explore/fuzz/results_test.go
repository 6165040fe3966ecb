package fuzz

import (
	"fmt"
	"strings"
	"testing"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

func TestResults(t *testing.T) {
	incident := Incident{On: wire.WS, Expected: bystanderLeft, Actual: "boo"}
	one := Input{On: wire.TCP, Writes: []Chunk{[]byte("\xff"), []byte("x")}, End: Close}
	silent := Input{On: wire.UDP, Writes: []Chunk{[]byte(strings.Repeat("y", 5000))}, End: Reset}
	o := Outcome{
		Progress: Progress{Inputs: 64, Bytes: 3 << 20}, Checks: 2, Tried: map[string]int{"json: nothing on ws": 2}, NeverTried: []string{"json: brackets on ws", "json: brackets on udp"},
		Memory:   &Memory{Source: "memory", Before: 1 << 20, After: 9 << 20, Bound: 2 << 20},
		Unsteady: []Incident{{On: wire.UDP, Expected: "a", Actual: "b"}},
		Findings: []Finding{
			{Incident: incident, Series: Series{Inputs: []Input{one}}},
			{Incident: incident, Series: Series{Inputs: []Input{silent, one, one}}, Lasting: true},
			{Incident: incident, Series: Series{Inputs: []Input{one}, Times: 7}},
		},
	}
	results := o.Results([]wire.Transport{wire.UDP, wire.WS}, func(n int) string { return fmt.Sprint("again ", n) })
	for i, want := range []string{
		`pass explore/bytes udp: 64 inputs of 3.0 MiB in all; 2 checks, the slowest answer after 0 ms`,
		`pass explore/bytes ws: 64 inputs of 3.0 MiB in all; 2 checks, the slowest answer after 0 ms; 1 of 2 kinds of mutations here, and never: json: brackets`,
		`pass explore/memory udp: memory: 1.0 MiB before, 9.0 MiB after, over the bound of 2.0 MiB, but no more when the same was sent again`,
		`inconclusive explore/unsteady-1 udp: it did not come again when the same was sent: on udp: a: b`,
		`fail explore/difference-1 ws: boo, after "\xffx" on tcp again 1`,
		`fail explore/difference-2 ws: boo, after "` + strings.Repeat("y", maxCause) + `"… (5000 bytes) on udp and 2 more inputs; it was so from then on`,
		`fail explore/difference-3 ws: boo, after "\xffx" on tcp; sent 7 times, it shows again again 3`,
	} {
		r := results[i]
		if got := fmt.Sprintf("%s %s %s: %s%s %s", r.Verdict, r.Case, r.Transport, r.Reason, r.Actual, r.Rerun); !strings.HasPrefix(got, want) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	var lines []string
	for _, l := range results[5].Transcript {
		lines = append(lines, fmt.Sprintf("%s %s %.20s", l.Connection, l.Direction, l.Text))
	}
	want := `input 1 on udp -> "yyyyyyyyyyyyyyyyyyy|input 1 on udp -- the address falls si|input 2 on tcp -> "\xff"|input 2 on tcp -> "x"|input 2 on tcp -- close|input 3 on tcp -> "\xff"|input 3 on tcp -> "x"|input 3 on tcp -- close|witness on ws <- boo`
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("transcript\n%s, want\n%s", got, want)
	}
	empty := Outcome{}
	if r := empty.Results([]wire.Transport{wire.TCP}, nil)[0]; r.Verdict != reports.Inconclusive || r.Reason != "nothing was sent" {
		t.Errorf("without an input: %s, %s", r.Verdict, r.Reason)
	}
}
