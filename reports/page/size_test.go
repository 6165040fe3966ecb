package page

import (
	"fmt"
	"io"
	"testing"
	"testing/fstest"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

const (
	mostCases = 1000
	mostBytes = 10_000_000 // size of the page of so many cases on three transports
)

// bigRun returns a run in which every one of many cases fails on every transport, each
// in its own way, so that no two of them are one finding; and the folder with its
// transcripts.
func bigRun() reports.Bundle {
	message := func(id, content string) string {
		return fmt.Sprintf(`{"bridge":false,"type":2,"dataContent":"%s","from":"sender-%s-udp-a83742-1","to":"receiver-%[2]s-udp-a83742-2","fp":"fp-%[2]s-udp-a83742-4","QoS":true,"typeu":-1,"sm":-1}`, content, id)
	}
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "all cases failed", ExitCode: 1}}
	folder := fstest.MapFS{}
	for i := range mostCases {
		id := fmt.Sprintf("area-%c/case-%d", 'a'+i%10, i)
		c.Requirements = append(c.Requirements, reports.Requirement{ID: id, Section: fmt.Sprintf("§%d", i/50), Text: "Every message arrives as it was sent.", Cases: []string{id}})
		for _, transport := range []string{"udp", "tcp", "ws"} {
			r := reports.Result{
				Case: id, Transport: transport, Requirement: "A message between users is passed on unchanged, and acknowledged.", Section: "§4", Level: reports.Must,
				Verdict: reports.Fail, Expected: "data " + message(id, "is anybody there?"), Actual: "data " + message(id, "is anybody there?!"),
				Measurements: []reports.Measurement{{Name: "expiry after data", Value: 7001 + float64(i), Lower: 7000, Upper: 8500, Tolerance: 100, Lag: 2}},
				Trace:        fmt.Sprintf("traces/%s.%s.jsonl", id, transport),
				Rerun:        fmt.Sprintf("imcheck conform --udp 127.0.0.1:57901 --tcp 127.0.0.1:58901 --ws 127.0.0.1:53000 --control 127.0.0.1:59000 --sense-mode 3S --case %s --filter %s --seed 123456", id, transport),
			}
			r.Reason = fmt.Sprintf("%s does not arrive as it was sent by case %c%c%c", transport, 'a'+i%26, 'a'+i/26%26, 'a'+i/676)
			var file []byte
			for n := range 30 {
				l := reports.Line{At: float64(n), Connection: "sender-1", Direction: sent, Text: message(id, "is anybody there?")}
				if n%2 == 1 {
					l.Connection, l.Direction, l.Text = "receiver-2", received, message(id, "is anybody there?!")
				}
				if n >= 16 {
					r.Transcript = append(r.Transcript, l)
				}
				file = fmt.Appendf(file, `{"atMs":%v,"connection":%q,"direction":%q,"text":%q}`+"\n", l.At, l.Connection, l.Direction, l.Text)
			}
			folder[r.Trace] = &fstest.MapFile{Data: file}
			c.Results = append(c.Results, r)
		}
	}
	c.Counts = reports.CountVerdicts(c.Results)
	return reports.Bundle{Conformance: c, Folder: folder}
}

// A page of a thousand cases that all fail can still be sent and opened.
func TestPageOfBigRunIsBounded(t *testing.T) {
	got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, bigRun()) })
	if len(got) > mostBytes {
		t.Errorf("%d bytes, want at most %d", len(got), mostBytes)
	}
	if n := len(newConformanceView(bigRun().Conformance, nil).MoreFindings); n != 3*mostCases-shownGroups {
		t.Errorf("%d findings are named only, want %d: they are not as different as they are to be", n, 3*mostCases-shownGroups)
	}
}

// BenchmarkPageOfBigRun reports how long the page of the biggest run takes, and
// how large it is.
func BenchmarkPageOfBigRun(b *testing.B) {
	run := bigRun()
	for b.Loop() {
		var written counter
		if err := Write(&written, run); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(written), "bytes/page")
	}
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
