package page

import (
	"fmt"
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Tile is a figure that is read from afar.
type Tile struct {
	Label, Value, Note string
	Class              string // good, bad, odd or ""
}

// loadTiles returns the main figures of a run; none for one that never began, in which
// it means nothing that nothing was lost.
func loadTiles(l *reports.Load) []Tile {
	if l.Sessions.LoggedIn == 0 {
		return nil
	}
	tiles := []Tile{clientTile(l)}
	if t, any := messageTile(l); any {
		tiles = append(tiles, t)
	}
	if t, any := latencyTile(l.Latencies); any {
		tiles = append(tiles, t)
	}
	return append(tiles, lossTile(l), generatorTile(l.Generator))
}

func clientTile(l *reports.Load) Tile {
	return Tile{Label: "Clients online at most", Value: words.Grouped(l.Sessions.PeakOnline),
		Note: fmt.Sprintf("%s logins, %s at the end", words.Grouped(l.Sessions.LoggedIn), words.Grouped(l.Sessions.AtEnd))}
}

// messageTile returns the number of messages, and their rate.
func messageTile(l *reports.Load) (Tile, bool) {
	sent := l.SentCount()
	if sent == 0 {
		return Tile{}, false
	}
	t := Tile{Label: "Messages sent", Value: words.Grouped(sent)}
	if l.SteadyMs > 0 {
		t.Note = words.Trimmed(float64(sent)*1000/float64(l.SteadyMs)) + " per second"
	}
	if l.RatePerSecond > 0 {
		t.Note += ", asked for " + words.Trimmed(l.RatePerSecond)
	}
	return t, true
}

// latencyTile returns the latency that users notice most.
func latencyTile(latencies []reports.Latency) (Tile, bool) {
	sums := content.SummedLatencies(latencies)
	if len(sums) == 0 {
		return Tile{}, false
	}
	first := slices.MinFunc(sums, func(a, b reports.Latency) int {
		if a.Kind == b.Kind {
			return reports.Rank([]string{reports.FromDue}, a.From) - reports.Rank([]string{reports.FromDue}, b.From)
		}
		return reports.Rank(chartKinds, a.Kind) - reports.Rank(chartKinds, b.Kind)
	})
	return Tile{Label: content.KindWords(first.Kind) + ", p99", Value: words.Microseconds(first.P99Us),
		Note: fmt.Sprintf("p50 %s, p99.9 %s", words.Microseconds(first.P50Us), words.Microseconds(first.P999Us))}, true
}

// lossTile returns the numbers of lost sessions and messages.
func lossTile(l *reports.Load) Tile {
	_, sessions := content.LostByCause(l.Sessions)
	sessions -= l.Sessions.LostByCause[reports.CauseImpaired]
	var lost, missing int64
	for _, m := range l.Messages {
		m = l.Blamed(m)
		lost += m.Lost
		if !content.IsShard(l) {
			missing += max(0, m.Missing)
		}
	}
	t := Tile{Label: "Lost", Value: "nothing", Class: "good",
		Note: fmt.Sprintf("%s; of the messages %s given up, %s did not arrive", words.Counted(sessions, "session", "sessions"), words.Grouped(lost), words.Grouped(missing))}
	switch messages := max(lost, missing); { // one that was given up may be missing as well
	case sessions > 0:
		t.Value, t.Class = words.Counted(sessions, "session", "sessions"), "bad"
	case messages > 0:
		t.Value, t.Class = words.Counted(messages, "message", "messages"), "bad"
	}
	return t
}

func generatorTile(g reports.Generator) Tile {
	t := Tile{Label: "The generator's own lateness, p99", Value: words.Microseconds(g.LatenessP99Us), Note: "the figures are the target's"}
	if g.Bottleneck {
		t.Class, t.Note = "odd", "too much: the figures are the generator's"
	}
	return t
}

// fact is a row of a list.
type fact struct{ Name, Value string }

// generatorFacts describes how the generator itself performed.
func generatorFacts(g reports.Generator) []fact {
	process := "This process"
	if g.ServerInProcess {
		process += ", with the server in it"
	}
	facts := []fact{
		{"Sends late by", fmt.Sprintf("%s at p50, %s at p99, %s at most",
			words.Microseconds(g.LatenessP50Us), words.Microseconds(g.LatenessP99Us), words.Microseconds(g.LatenessMaxUs))},
		{"Sends left out", sendsLeftOut(g)},
		{process, fmt.Sprintf("%.1f s of CPU, %s resident", g.CPUSeconds, words.ByteSize(g.ResidentBytes))},
		{"Garbage collection", content.GCWords(g)},
	}
	if g.BytesPerClient > 0 {
		facts = append(facts, fact{"Memory a client", words.ByteSize(g.BytesPerClient)})
	}
	if g.OpenFiles > 0 {
		facts = append(facts, fact{"Open files", words.Grouped(g.OpenFiles)})
	}
	return facts
}

func sendsLeftOut(g reports.Generator) string {
	text := words.Grouped(g.DroppedArrivals) + " as the generator was too slow"
	if g.OfflineArrivals > 0 {
		text += fmt.Sprintf(", %s without a login", words.Grouped(g.OfflineArrivals))
	}
	if g.ImpairedArrivals > 0 {
		text += fmt.Sprintf(", %s as our own impairment of the path kept the client out", words.Grouped(g.ImpairedArrivals))
	}
	if g.BlockedArrivals > 0 {
		text += fmt.Sprintf(", %s waiting for ACKs that did not arrive", words.Grouped(g.BlockedArrivals))
	}
	return text
}

// lossRow is one cause of ended sessions.
type lossRow struct {
	Cause string
	Count int64
	Share float64 // from 0 to 1, among all that ended
	Width string  // width of its bar, of 100
}

// maxLossRows bounds the causes that are listed.
const maxLossRows = 50

func lossRows(s reports.Sessions) (rows []lossRow) {
	causes, total := content.LostByCause(s)
	for _, c := range causes[:min(len(causes), maxLossRows)] {
		share := 0.0
		if total > 0 && c.Count > 0 {
			share = min(1, float64(c.Count)/float64(total))
		}
		rows = append(rows, lossRow{c.Cause, c.Count, share, fmt.Sprintf("%.1f", max(100*share, 0.5))})
	}
	return rows
}
