package content

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// TalkSummary is the first line of a talk.
func TalkSummary(t *reports.Talk) string {
	return fmt.Sprintf("%s between %s on %s: %s shown and acknowledged", words.Counted(int64(t.Sum.Sent), "message", "messages"),
		words.Counted(int64(len(t.Clients)), "client", "clients"), t.Transport, words.Grouped(int64(t.Sum.Delivered)))
}

// TalkTable has the ledger: what became of the messages of each client and of all, one fate
// a line.
func TalkTable(t *reports.Talk) Table {
	table := Table{Titles: []string{"messages"}}
	for i := range t.Ways {
		table.Titles = append(table.Titles, fmt.Sprintf(" of client %d", i+1))
	}
	table.Titles = append(table.Titles, " all")
	for _, line := range []struct {
		name  string
		class string // if there are any
		of    func(l reports.TalkLedger) int
	}{
		{"sent", "", func(l reports.TalkLedger) int { return l.Sent }},
		{"  shown once, acknowledged", "good", func(l reports.TalkLedger) int { return l.Delivered }},
		{"  shown once, reported lost to the sender", "odd", func(l reports.TalkLedger) int { return l.LostThoughShown }},
		{"  shown once, neither reported", "odd", func(l reports.TalkLedger) int { return l.ShownUnreported }},
		{"  not shown, reported lost to the sender", "odd", func(l reports.TalkLedger) int { return l.LostReported }},
		{"  not shown, told to the server's application", "odd", func(l reports.TalkLedger) int { return l.LostAtServer }},
		{"  shown twice within ten minutes", "bad", func(l reports.TalkLedger) int { return l.ShownTwice }},
		{"  neither shown nor reported", "bad", func(l reports.TalkLedger) int { return l.Missing }},
		{"refused by the client", "odd", func(l reports.TalkLedger) int { return l.Refused }},
		{"shown, called lost by the server", "odd", func(l reports.TalkLedger) int { return l.ServerLostThoughShown }},
		{"strange ones shown", "bad", func(l reports.TalkLedger) int { return l.Strange }},
	} {
		row := []Cell{{Text: line.name}}
		for _, w := range t.Ways {
			row = append(row, countCell(line.of(w.TalkLedger), line.class))
		}
		table.Rows = append(table.Rows, append(row, countCell(line.of(t.Sum), line.class)))
	}
	return table
}

// countCell is a number, in the colour of a class unless it is 0.
func countCell(n int, class string) Cell {
	if n == 0 {
		class = "quiet"
	}
	return Cell{Text: words.Grouped(int64(n)), Class: class}
}

// TalkClientTable has what each client reported besides messages.
func TalkClientTable(t *reports.Talk) Table {
	table := Table{Titles: []string{"client", "", " logins", " links closed", " kicked out", " errors"}}
	for i, c := range t.Clients {
		table.AddText(strconv.Itoa(i+1), strings.TrimSpace(c.Name+" "+c.Version), strconv.Itoa(c.Logins), strconv.Itoa(c.LinksEnded), strconv.Itoa(c.Kicked), strconv.Itoa(c.Errors))
	}
	return table
}

// TalkServerWords say what the server and the relay know of a message.
func TalkServerWords(e reports.TalkEntry) string {
	var parts []string
	if e.ServerPassedOn > 0 {
		parts = append(parts, fmt.Sprintf("passed on %d×", e.ServerPassedOn))
	}
	for _, p := range []struct {
		is   bool
		text string
	}{
		{e.Reached, "reached the receiver"}, {e.ServerReceived, "acknowledged"},
		{e.ServerOffline, "offline"}, {e.ServerLost, "lost"},
	} {
		if p.is {
			parts = append(parts, p.text)
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "–")
}
