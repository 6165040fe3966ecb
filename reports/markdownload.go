package reports

// load writes the summary of a load run. When the generator was the bottleneck
// the first line says so: its figures must not be read as the target's.
func (m *markdown) load(l *Load) {
	if l.Generator.Bottleneck {
		m.verdict(l.Header, "load", bottleneckSummary(l.Generator))
		m.paragraph("Load: " + inline(loadSummary(l)))
	} else {
		m.verdict(l.Header, "load", loadSummary(l))
	}
	for _, remark := range []string{loopWords(l), recoveryWords(l.Recovery), outageWords(l.Sessions)} {
		if remark != "" {
			m.paragraph("Note: " + inline(remark))
		}
	}
	m.table(thresholdTable(l.Thresholds))
	m.table(latencyTable(summedLatencies(l.Latencies)))
	m.table(ledgerTable(l.Messages))
	m.table(lostTable(l.Sessions))
	m.table(shardTable(l.Shards))
	m.paragraph("Sessions: " + inline(sessionWords(l.Sessions)))
	m.paragraph("Generator: " + inline(generatorWords(l.Generator)))
	m.origin(l.Header)
}
