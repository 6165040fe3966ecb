package reports

import (
	"io"
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

// gaps names messages that did not get through.
func (p *printer) gaps(gaps []Gap) {
	rows := table{titles: []string{"did not get through", "fingerprint", "from", "to", ""}}
	for _, g := range gaps {
		rows.addText(g.Kind, g.Fingerprint, g.From, g.To, g.What)
	}
	p.section(rows)
}

func (p *printer) timeline(samples []Sample) {
	rows := table{titles: []string{" at", " online", " sent", " delivered", " errors", " p50", " p99"}}
	for _, s := range samples {
		rows.addText(runTime(s.AtMs), grouped(s.Online), grouped(s.Sent), grouped(s.Delivered), grouped(s.Errors), microseconds(s.P50Us), microseconds(s.P99Us))
	}
	p.section(rows)
}
