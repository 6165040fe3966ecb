package text

import (
	"io"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// WriteLoad writes a load run as a summary for a terminal. When the
// generator was the bottleneck the first line says so.
func WriteLoad(w io.Writer, l *reports.Load, o Options) error {
	p := NewPrinter(o)
	if l.Generator.Bottleneck {
		p.verdict(l.Header, content.BottleneckSummary(l.Generator))
		p.Paragraph("", "  ", content.LoadSummary(l))
	} else {
		p.verdict(l.Header, content.LoadSummary(l))
	}
	p.remark(content.UnfinishedWords(l))
	p.remark(content.ImpairmentWords(l.Impairment))
	p.remark(content.LoopWords(l))
	p.remark(content.MixWords(l.Parts))
	p.remark(content.FanOutWords(l.FanOut))
	p.remark(content.BacklogWords(l.Backlog))
	p.remark(content.RecoveryWords(l.Recovery))
	p.remark(content.OutageWords(l.Sessions))
	for _, text := range append(content.UnheededWords(l.Messages), content.RisingWords(l.Trends)...) {
		p.remark(text)
	}
	p.Section(content.ThresholdTable(l.Thresholds))
	p.Section(content.LatencyTable(content.ShownLatencies(l.Latencies, o.Verbose)))
	p.Section(content.TrendTable(l.Trends))
	p.Section(content.StageTable(l.Stages))
	p.Section(content.StageLatencyTable(l.Stages))
	p.Section(content.LedgerTable(l.Messages))
	p.Section(content.ImpairedTable(l.Messages))
	p.gaps(l.Gaps)
	p.Section(content.StormTable(l.Recovery))
	p.Section(content.LostTable(l.Sessions))
	p.Section(content.NodeTable(l.Nodes))
	p.Section(content.NodeLatencyTable(l.Nodes))
	p.Section(content.ShardTable(l.Shards))
	p.Line()
	p.Paragraph("quiet", "  sessions   ", content.SessionWords(l.Sessions))
	p.Paragraph("quiet", "  generator  ", content.GeneratorWords(l.Generator))
	if l.TargetUse != nil {
		p.Paragraph("quiet", "  target     ", content.TargetUseWords(l.TargetUse))
	}
	for _, text := range content.ExportWords(l.Exports) {
		p.Paragraph("quiet", "  exports    ", text)
	}
	if o.Verbose {
		p.timeline(l.Timeline)
	}
	return p.Flush(w)
}

// remark prints a paragraph between the verdict and the tables, unless it is empty.
func (p *Printer) remark(text string) {
	if text != "" {
		p.Line()
		p.Paragraph("", "  ", text)
	}
}

// gaps names messages that did not get through.
func (p *Printer) gaps(gaps []reports.Gap) {
	rows := content.Table{Titles: []string{"did not get through", "fingerprint", "from", "to", ""}}
	for _, g := range gaps {
		rows.AddText(string(g.Kind), g.Fingerprint, g.From, g.To, g.What)
	}
	p.Section(rows)
}

func (p *Printer) timeline(samples []reports.Sample) {
	rows := content.Table{Titles: []string{" at", " online", " sent", " delivered", " errors", " p50", " p99"}}
	for _, s := range samples {
		rows.AddText(words.RunTime(s.AtMs), words.Grouped(s.Online), words.Grouped(s.Sent), words.Grouped(s.Delivered), words.Grouped(s.Errors),
			words.Microseconds(s.P50Us), words.Microseconds(s.P99Us))
	}
	p.Section(rows)
}
