package reports

import (
	"fmt"
	"io"
	"strings"
)

// WriteLoadText writes a load run as a summary for a terminal. When the
// generator was the bottleneck the first line says so.
func WriteLoadText(w io.Writer, l *Load, o TextOptions) error {
	p := &printer{color: o.Color}
	if l.Generator.Bottleneck {
		p.verdict(l.Header, bottleneckSummary(l.Generator))
		p.paragraph("", "  ", loadSummary(l))
	} else {
		p.verdict(l.Header, loadSummary(l))
	}
	p.remark(loopWords(l))
	p.remark(recoveryWords(l.Recovery))
	p.remark(outageWords(l.Sessions))
	p.section(thresholdTable(l.Thresholds))
	p.section(latencyTable(shownLatencies(l.Latencies, o.Verbose)))
	p.section(ledgerTable(l.Messages))
	p.gaps(l.Gaps)
	p.section(lostTable(l.Sessions))
	p.section(shardTable(l.Shards))
	p.line()
	p.paragraph("quiet", "  sessions   ", sessionWords(l.Sessions))
	p.paragraph("quiet", "  generator  ", generatorWords(l.Generator))
	if o.Verbose {
		p.timeline(l.Timeline)
	}
	return p.writeTo(w)
}

// remark is a paragraph between the verdict and the tables; "" is none.
func (p *printer) remark(text string) {
	if text != "" {
		p.line()
		p.paragraph("", "  ", text)
	}
}

// latencyTable is the percentiles of latencies.
func latencyTable(latencies []Latency) table {
	rows := table{titles: []string{"latency", "transport", "from", " count", " p50", " p90", " p99", " p99.9", " max"}}
	for _, l := range latencies {
		rows.addText(kindWords(l.Kind), l.Transport, l.From, grouped(l.Count),
			microseconds(l.P50Us), microseconds(l.P90Us), microseconds(l.P99Us), microseconds(l.P999Us), microseconds(l.MaxUs))
	}
	return rows
}

// kindWords makes the name of a kind readable: "c2c_ack" is "c2c ack".
func kindWords(kind string) string { return strings.ReplaceAll(kind, "_", " ") }

// ledgerTable is the accounts of the kinds of messages.
func ledgerTable(messages []Ledger) table {
	rows := table{titles: []string{"messages", " sent", " acked", " delivered", " late", " missing", " duplicated", " reordered", " retransmits", " lost", " pending"}}
	for _, m := range messages {
		rows.add(cell{text: m.Kind}, cell{text: grouped(m.Sent)}, cell{text: grouped(m.Acknowledged)},
			cell{text: arrivals(m, m.Delivered)}, badCount(arrivals(m, m.TooLate), m.TooLate), badCount(arrivals(m, m.Missing), m.Missing),
			cell{text: arrivals(m, m.Duplicated)}, cell{text: arrivals(m, m.Reordered)}, cell{text: grouped(m.Retransmits)},
			badCount(grouped(m.Lost), m.Lost), cell{text: grouped(m.Pending)})
	}
	return rows
}

// badCount is a number that had better be 0.
func badCount(text string, n int64) cell {
	if n > 0 {
		return cell{text, "bad"}
	}
	return cell{text: text}
}

// gaps names messages that did not get through.
func (p *printer) gaps(gaps []Gap) {
	rows := table{titles: []string{"did not get through", "fingerprint", "from", "to", ""}}
	for _, g := range gaps {
		rows.addText(g.Kind, g.Fingerprint, g.From, g.To, g.What)
	}
	p.section(rows)
}

// arrivals is a dash for messages to the server, whose arrival no client sees.
func arrivals(m Ledger, n int64) string {
	if m.Kind == "c2s" || m.Kind == "echo" {
		return "–"
	}
	return grouped(n)
}

// lostTable is the sessions that ended too early, by cause.
func lostTable(s Sessions) table {
	causes, _ := lostByCause(s)
	rows := table{titles: []string{" sessions lost", "cause"}}
	for _, c := range causes {
		rows.addText(grouped(c.Count), c.Cause)
	}
	return rows
}

func sessionWords(s Sessions) string {
	_, lost := lostByCause(s)
	return fmt.Sprintf("%s, at most %s online at once, %s at the end, %s lost",
		counted(s.LoggedIn, "login", "logins"), grouped(s.PeakOnline), grouped(s.AtEnd), grouped(lost))
}

func generatorWords(g Generator) string {
	parts := []string{
		fmt.Sprintf("sends late by %s at p50, %s at p99, %s at most", microseconds(g.LatenessP50Us), microseconds(g.LatenessP99Us), microseconds(g.LatenessMaxUs)),
		counted(g.DroppedArrivals, "send", "sends") + " dropped",
	}
	if g.OfflineArrivals > 0 {
		parts = append(parts, counted(g.OfflineArrivals, "send", "sends")+" due without a login")
	}
	if g.BlockedArrivals > 0 {
		parts = append(parts, counted(g.BlockedArrivals, "send", "sends")+" waited for ACKs to no end")
	}
	parts = append(parts,
		fmt.Sprintf("%.1f s of CPU", g.CPUSeconds),
		gcWords(g),
		byteSize(g.ResidentBytes)+" resident")
	if g.OpenFiles > 0 {
		parts = append(parts, counted(g.OpenFiles, "open file", "open files"))
	}
	if g.BytesPerClient > 0 {
		parts = append(parts, byteSize(g.BytesPerClient)+" a client")
	}
	words := strings.Join(parts, "; ")
	if g.ServerInProcess {
		words += " (CPU and memory with the server, which ran in the same process)"
	}
	return words
}

func gcWords(g Generator) string {
	text := counted(g.GCs, "garbage collection", "garbage collections")
	if g.GCs > 0 {
		text += " with pauses of " + microseconds(g.GCPauseMaxUs) + " at most"
	}
	return text
}

func (p *printer) timeline(samples []Sample) {
	rows := table{titles: []string{" at", " online", " sent", " delivered", " errors", " p50", " p99"}}
	for _, s := range samples {
		rows.addText(runTime(s.AtMs), grouped(s.Online), grouped(s.Sent), grouped(s.Delivered), grouped(s.Errors), microseconds(s.P50Us), microseconds(s.P99Us))
	}
	p.section(rows)
}
