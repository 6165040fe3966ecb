package reports

// latencyTable is the percentiles of latencies.
func latencyTable(latencies []Latency) table {
	rows := table{titles: []string{"latency", "transport", "from", " count", " p50", " p90", " p99", " p99.9", " max"}}
	for _, l := range latencies {
		rows.addText(kindWords(l.Kind), l.Transport, l.From, grouped(l.Count),
			microseconds(l.P50Us), microseconds(l.P90Us), microseconds(l.P99Us), microseconds(l.P999Us), microseconds(l.MaxUs))
	}
	return rows
}

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

// maxShardReason is how much of a shard's reason stands in the table.
const maxShardReason = 60

// shardTable is what the shards of a merged run came to.
func shardTable(shards []ShardResult) table {
	rows := table{titles: []string{" shard", " clients", " late p99", "outcome", ""}}
	for _, s := range shardRows(shards) {
		rows.add(cell{text: s.Name}, cell{text: s.Clients}, cell{text: s.Late}, cell{s.Outcome.Word, s.Outcome.Class}, cell{text: clip(printable(s.Reason), maxShardReason)})
	}
	return rows
}
