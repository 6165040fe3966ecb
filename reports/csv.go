package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// timelineColumns lists the fields of a line of timeline.csv: those of a sample, with
// the units in their names.
var timelineColumns = []struct {
	title string
	value func(Sample) int64
}{
	{"at_ms", func(s Sample) int64 { return s.AtMs }},
	{"online_clients", func(s Sample) int64 { return s.Online }},
	{"logins", func(s Sample) int64 { return s.LoggedIn }},
	{"sent_messages", func(s Sample) int64 { return s.Sent }},
	{"delivered_messages", func(s Sample) int64 { return s.Delivered }},
	{"errors", func(s Sample) int64 { return s.Errors }},
	{"latency_p50_us", func(s Sample) int64 { return s.P50Us }},
	{"latency_p99_us", func(s Sample) int64 { return s.P99Us }},
	{"generator_late_p99_us", func(s Sample) int64 { return s.LateP99Us }},
}

// WriteTimelineCSV writes the course of a load run as CSV (RFC 4180): a line of
// titles, then one for each second. at_ms counts from the start. Logins, messages and
// errors are counted since the previous line. Latencies are of deliveries, or echoes,
// since due, the lateness is of the generator's own sends; each is 0 when there were
// none. A run that never began has the titles only.
func WriteTimelineCSV(w io.Writer, l *Load) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true // as the RFC has it
	var titles []string
	for _, column := range timelineColumns {
		titles = append(titles, column.title)
	}
	lines := [][]string{titles}
	for _, sample := range l.Timeline {
		var line []string
		for _, column := range timelineColumns {
			line = append(line, strconv.FormatInt(column.value(sample), 10))
		}
		lines = append(lines, line)
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write the timeline as CSV: %w", err)
	}
	return nil
}
