package markdown

import (
	"slices"

	"imcheck/reports"
	"imcheck/reports/content"
)

// load writes the summary of a load run. When the generator was the bottleneck
// the first line says so: its figures must not be read as the target's.
func (m *Document) load(l *reports.Load) {
	if l.Generator.Bottleneck {
		m.verdict(l.Header, "load", content.BottleneckSummary(l.Generator))
		m.paragraph("Load: " + Inline(content.LoadSummary(l)))
	} else {
		m.verdict(l.Header, "load", content.LoadSummary(l))
	}
	remarks := []string{content.UnfinishedWords(l), content.ImpairmentWords(l.Impairment), content.LoopWords(l), content.MixWords(l.Parts), content.FanOutWords(l.FanOut), content.BacklogWords(l.Backlog), content.RecoveryWords(l.Recovery), content.OutageWords(l.Sessions)}
	for _, remark := range slices.Concat(remarks, content.UnheededWords(l.Messages), content.RisingWords(l.Trends)) {
		if remark != "" {
			m.paragraph("Note: " + Inline(remark))
		}
	}
	m.Table(content.ThresholdTable(l.Thresholds))
	m.Table(content.LatencyTable(content.SummedLatencies(l.Latencies)))
	m.Table(content.TrendTable(l.Trends))
	m.Table(content.StageTable(l.Stages))
	m.Table(content.StageLatencyTable(l.Stages))
	m.Table(content.LedgerTable(l.Messages))
	m.Table(content.ImpairedTable(l.Messages))
	m.Table(content.StormTable(l.Recovery))
	m.Table(content.LostTable(l.Sessions))
	m.Table(content.NodeTable(l.Nodes))
	m.Table(content.NodeLatencyTable(l.Nodes))
	m.Table(content.ShardTable(l.Shards))
	m.paragraph("Sessions: " + Inline(content.SessionWords(l.Sessions)))
	m.paragraph("Generator: " + Inline(content.GeneratorWords(l.Generator)))
	if l.TargetUse != nil {
		m.paragraph("Target: " + Inline(content.TargetUseWords(l.TargetUse)))
	}
	for _, text := range content.ExportWords(l.Exports) {
		m.paragraph("Exports: " + Inline(text))
	}
	m.origin(l.Header)
}
