package content

import (
	"slices"

	"imcheck/reports"
	"imcheck/reports/words"
)

// LatencyTable returns the percentiles of latencies.
func LatencyTable(latencies []reports.Latency) Table {
	rows := Table{Titles: []string{"latency", "transport", "from", " count", " p50", " p90", " p99", " p99.9", " max"}}
	for _, l := range latencies {
		rows.AddText(KindWords(l.Kind), l.Transport, l.From, words.Grouped(l.Count),
			words.Microseconds(l.P50Us), words.Microseconds(l.P90Us), words.Microseconds(l.P99Us), words.Microseconds(l.P999Us), words.Microseconds(l.MaxUs))
	}
	return rows
}

// LedgerTable returns the accounts of the kinds of messages.
func LedgerTable(messages []reports.Ledger) Table {
	rows := Table{Titles: []string{"messages", " sent", " acked", " delivered", " late", " missing", " duplicated", " reordered", " retransmits", " lost", " pending"}}
	spurious := HasSpurious(messages)
	if spurious {
		rows.Titles = append(rows.Titles, " spurious")
	}
	for _, m := range messages {
		cells := []Cell{
			{Text: string(m.Kind)}, {Text: words.Grouped(m.Sent)}, {Text: words.Grouped(m.Acknowledged)},
			{Text: Arrivals(m, m.Delivered)}, badCount(Arrivals(m, m.TooLate), m.TooLate), badCount(Arrivals(m, m.Missing), m.Missing),
			{Text: Arrivals(m, m.Duplicated)}, {Text: Arrivals(m, m.Reordered)}, {Text: words.Grouped(m.Retransmits)},
			badCount(words.Grouped(m.Lost), m.Lost), {Text: words.Grouped(m.Pending)},
		}
		if spurious {
			cells = append(cells, oddCount(Arrivals(m, m.Spurious), m.Spurious))
		}
		rows.Add(cells...)
	}
	return rows
}

// ImpairedTable returns what the run itself did to each kind of message; without rows when it did
// nothing.
func ImpairedTable(messages []reports.Ledger) Table {
	rows := Table{Titles: []string{"by our impairment", " dropped", " doubled", " delayed", " unacked", " undelivered"}}
	if !HasImpaired(messages) {
		return rows
	}
	for _, m := range messages {
		ours := m.Impaired
		rows.AddText(string(m.Kind), words.Grouped(ours.Dropped), words.Grouped(ours.Doubled), words.Grouped(ours.Delayed),
			words.Grouped(ours.Unacked), Arrivals(m, ours.Undelivered))
	}
	return rows
}

// HasImpaired reports whether the run has dropped, doubled or delayed any message itself.
func HasImpaired(messages []reports.Ledger) bool {
	return slices.ContainsFunc(messages, func(m reports.Ledger) bool { return m.Impaired != (reports.ImpairedMessages{}) })
}

// badCount returns the cell of a number that should be 0.
func badCount(text string, n int64) Cell {
	if n > 0 {
		return Cell{text, "bad"}
	}
	return Cell{Text: text}
}

// oddCount returns the cell of a number that is better 0.
func oddCount(text string, n int64) Cell {
	if n > 0 {
		return Cell{text, "odd"}
	}
	return Cell{Text: text}
}

// LostTable returns the sessions that ended too early, by cause.
func LostTable(s reports.Sessions) Table {
	causes, _ := LostByCause(s)
	rows := Table{Titles: []string{" sessions lost", "cause"}}
	for _, c := range causes {
		rows.AddText(words.Grouped(c.Count), c.Cause)
	}
	return rows
}

// maxNodeRows bounds the addresses that are listed, and the latencies by address.
const maxNodeRows = 100

// NodeRows returns the addresses that are listed.
func NodeRows(nodes []reports.Node) []reports.Node { return nodes[:min(len(nodes), maxNodeRows)] }

// NodeTable returns the connections to each address of a target that has several.
func NodeTable(nodes []reports.Node) Table {
	rows := Table{Titles: []string{"node", "transport", " connections", " failed", " ended", " logins"}}
	for _, n := range NodeRows(nodes) {
		name := n.Address
		if n.Host != n.Address {
			name += " (" + words.Clip(words.Printable(n.Host), maxShardReason) + ")"
		}
		rows.Add(Cell{Text: name}, Cell{Text: n.Transport}, Cell{Text: words.Grouped(n.Opened)},
			badCount(words.Grouped(n.Failed), n.Failed), badCount(words.Grouped(n.Ended), n.Ended), Cell{Text: words.Grouped(n.LoggedIn)})
	}
	return rows
}

// NodeLatency is a latency of the clients that are connected to one address.
type NodeLatency struct {
	Address string
	reports.Latency
}

// NodeLatencies returns the latencies by address that are listed: of each kind and
// transport together those of all addresses, so that they can be compared.
func NodeLatencies(nodes []reports.Node) (rows []NodeLatency) {
	type group struct {
		kind      reports.LatencyKind
		transport string
	}
	var order []group
	grouped := map[group][]NodeLatency{}
	for _, n := range nodes {
		for _, l := range n.Latencies {
			g := group{l.Kind, l.Transport}
			if grouped[g] == nil {
				order = append(order, g)
			}
			grouped[g] = append(grouped[g], NodeLatency{n.Address, l})
		}
	}
	for _, g := range order {
		rows = append(rows, grouped[g]...)
	}
	return rows[:min(len(rows), maxNodeRows)]
}

// NodeLatencyTable returns the latencies by address.
func NodeLatencyTable(nodes []reports.Node) Table {
	rows := Table{Titles: []string{"latency by node", "transport", "node", " count", " p50", " p99", " max"}}
	for _, l := range NodeLatencies(nodes) {
		rows.AddText(KindWords(l.Kind), l.Transport, l.Address, words.Grouped(l.Count),
			words.Microseconds(l.P50Us), words.Microseconds(l.P99Us), words.Microseconds(l.MaxUs))
	}
	return rows
}

// maxShardReason bounds the part of a shard's reason in the table, in characters.
const maxShardReason = 60

// ShardTable returns the results of the shards of a merged run.
func ShardTable(shards []reports.ShardResult) Table {
	rows := Table{Titles: []string{" shard", " clients", " late p99", "outcome", ""}}
	for _, s := range ShardRows(shards) {
		rows.Add(Cell{Text: s.Name}, Cell{Text: s.Clients}, Cell{Text: s.Late},
			Cell{s.Outcome.Word, s.Outcome.Class}, Cell{Text: words.Clip(words.Printable(s.Reason), maxShardReason)})
	}
	return rows
}
