package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
)

// timelineColumns lists the fields of a line of timeline.csv: those of a sample, with
// the units in their names.
var timelineColumns = []struct {
	title string
	value func(Sample) float64
}{
	{"at_ms", func(s Sample) float64 { return float64(s.AtMs) }},
	{"online_clients", func(s Sample) float64 { return float64(s.Online) }},
	{"logins", func(s Sample) float64 { return float64(s.LoggedIn) }},
	{"sent_messages", func(s Sample) float64 { return float64(s.Sent) }},
	{"delivered_messages", func(s Sample) float64 { return float64(s.Delivered) }},
	{"errors", func(s Sample) float64 { return float64(s.Errors) }},
	{"latency_p50_us", func(s Sample) float64 { return float64(s.P50Us) }},
	{"latency_p99_us", func(s Sample) float64 { return float64(s.P99Us) }},
	{"generator_late_p99_us", func(s Sample) float64 { return float64(s.LateP99Us) }},
	{"generator_processors", func(s Sample) float64 { return s.GeneratorCPU }},
	{"target_processors", OfTarget(func(t *TargetSample) float64 { return t.CPU })},
	{"target_resident_bytes", OfTarget(func(t *TargetSample) float64 { return float64(t.Resident) })},
	{"target_open_files", OfTarget(func(t *TargetSample) float64 { return float64(t.OpenFiles) })},
	{"target_gc_ms", OfTarget(func(t *TargetSample) float64 { return t.GCMs })},
	{"lost_messages", func(s Sample) float64 { return float64(s.Lost) }},
}

// WriteTimelineCSV writes the course of a load run as CSV (RFC 4180): a line of
// titles, then one for each sample. at_ms counts from the start. Logins, messages and
// errors are counted since the previous line. Latencies are of deliveries, or echoes,
// since due, the lateness is of the generator's own sends; each is 0 when there were
// none. Processors are how many were kept busy on average; fields of the target are empty
// where nothing was read of it. A run that never began has the titles only.
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
			cell := ""
			if value := column.value(sample); !math.IsNaN(value) {
				cell = strconv.FormatFloat(value, 'f', -1, 64)
			}
			line = append(line, cell)
		}
		lines = append(lines, line)
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write the timeline as CSV: %w", err)
	}
	return nil
}
