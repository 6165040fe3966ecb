package target

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkSkim reads events as a load does that only looks for losses, the HTTP aside:
// docs/performance.md has what it takes for each.
func BenchmarkSkim(b *testing.B) {
	const events = 1000
	mark := []byte(`"lost"`)
	var stream bytes.Buffer
	for i := range events {
		fmt.Fprintf(&stream, `{"seq":%d,"at":1764230000000000000,"event":"c2c","user":"load-1x2y3z-7","fp":"1x2y3z.7.c1.%d","message":{"bridge":false,"type":2,"dataContent":"0000012345.0000012345.abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq","from":"load-1x2y3z-7","to":"load-1x2y3z-8","fp":"1x2y3z.7.c1.%d","QoS":true,"typeu":-1}}`+"\n", i, i, i)
	}
	for b.Loop() {
		lines := bufio.NewReaderSize(bytes.NewReader(stream.Bytes()), maxSkimmed)
		found := 0
		for {
			line, err := nextLine(lines)
			if err != nil {
				break
			}
			if bytes.Contains(line, mark) {
				found++
			}
		}
		if found > 0 {
			b.Fatalf("%d losses were found", found)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
}
