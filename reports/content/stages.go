package content

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"imcheck/reports"
	"imcheck/reports/words"
)

// StageRow is a stage of a load in a table, with its messages of all kinds together.
type StageRow struct {
	reports.Stage
	Number                                       int
	Time, Clients, Rate                          string
	Sent, Acknowledged, Delivered, Missing, Lost int64
	NotSent                                      int64 // sends that were due and not made
}

// StageRows returns the rows of the stages of a load.
func StageRows(stages []reports.Stage) (rows []StageRow) {
	for i, s := range stages {
		row := StageRow{Stage: s, Number: i + 1, Time: stageTime(s), Clients: stageClients(s), Rate: stageRate(s)}
		for _, m := range s.Messages {
			row.Sent += m.Sent
			row.Acknowledged += m.Acknowledged
			row.Delivered += m.Delivered
			row.Missing += m.Missing
			row.Lost += m.Lost
		}
		row.NotSent = s.DroppedArrivals + s.OfflineArrivals + s.BlockedArrivals
		rows = append(rows, row)
	}
	return rows
}

// stageTime returns text such as "6.0 s–16.0 s", and says of a stage that was cut short
// how much of it there was.
func stageTime(s reports.Stage) string {
	text := words.RunTime(s.FromMs) + "–" + words.RunTime(s.ToMs)
	switch {
	case s.RanMs <= 0:
		return text + " (not run)"
	case s.RanMs < s.ToMs-s.FromMs:
		return text + " (ran " + words.RunTime(s.RanMs) + ")"
	}
	return text
}

func stageClients(s reports.Stage) string {
	if s.FromClients == s.Clients {
		return words.Grouped(int64(s.Clients))
	}
	return words.Grouped(int64(s.FromClients)) + " → " + words.Grouped(int64(s.Clients))
}

// stageRate returns the rate of a stage; "" where nothing goes by one.
func stageRate(s reports.Stage) string {
	switch {
	case s.RatePerSecond == 0:
		return ""
	case s.FromRate != 0:
		return words.Trimmed(s.FromRate) + " → " + words.Trimmed(s.RatePerSecond)
	}
	return words.Trimmed(s.RatePerSecond)
}

// StageTable returns the stages of a load. What it leaves out for its width is on the page.
func StageTable(stages []reports.Stage) Table {
	rows := Table{Titles: []string{" stage", "time", "clients", "per second", " sent", " missing", " lost", " unsent", " errors", " late p99"}}
	for _, s := range StageRows(stages) {
		rows.Add(Cell{Text: strconv.Itoa(s.Number)}, Cell{Text: s.Time}, Cell{Text: s.Clients}, Cell{Text: s.Rate},
			Cell{Text: words.Grouped(s.Sent)},
			badCount(words.Grouped(s.Missing), s.Missing), badCount(words.Grouped(s.Lost), s.Lost), badCount(words.Grouped(s.NotSent), s.NotSent),
			badCount(words.Grouped(s.Errors), s.Errors), Cell{Text: words.Microseconds(s.LatenessP99Us)})
	}
	return rows
}

// StageLatency is a latency of what was due in one stage.
type StageLatency struct {
	Number int // of the stage, from 1
	reports.Latency
}

// maxStageLatencies bounds the latencies by stage that are listed.
const maxStageLatencies = 300

// StageLatencies returns the latencies by stage: of each kind those of all stages together,
// so that they can be compared.
func StageLatencies(stages []reports.Stage) (rows []StageLatency) {
	var kinds []reports.LatencyKind
	byKind := map[reports.LatencyKind][]StageLatency{}
	for i, s := range stages {
		for _, l := range s.Latencies {
			if byKind[l.Kind] == nil {
				kinds = append(kinds, l.Kind)
			}
			byKind[l.Kind] = append(byKind[l.Kind], StageLatency{i + 1, l})
		}
	}
	for _, kind := range kinds {
		rows = append(rows, byKind[kind]...)
	}
	return rows[:min(len(rows), maxStageLatencies)]
}

// StageLatencyTable returns the latencies by stage, since due and of all transports.
func StageLatencyTable(stages []reports.Stage) Table {
	rows := Table{Titles: []string{"latency by stage", " stage", " count", " p50", " p90", " p99", " p99.9", " max"}}
	for _, l := range StageLatencies(stages) {
		rows.AddText(KindWords(l.Kind), strconv.Itoa(l.Number), words.Grouped(l.Count), words.Microseconds(l.P50Us),
			words.Microseconds(l.P90Us), words.Microseconds(l.P99Us), words.Microseconds(l.P999Us), words.Microseconds(l.MaxUs))
	}
	return rows
}

// StagesWords describes what was asked for in stages, "" without any: "1m0s at 100 per
// second with 10 clients, …".
func StagesWords(stages []reports.Stage) string {
	var parts []string
	for _, s := range stages {
		text := (time.Duration(s.ToMs-s.FromMs) * time.Millisecond).String()
		if rate := stageRate(s); rate != "" {
			text += " at " + rate + " per second"
		}
		parts = append(parts, fmt.Sprintf("%s with %s clients", text, stageClients(s)))
	}
	return strings.Join(parts, ", ")
}
