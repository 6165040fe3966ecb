package reports

import "fmt"

// shardRow is one shard of a merged run, for a table.
type shardRow struct {
	Name, Clients, Late, Reason, Machine string
	Outcome                              presentation
}

// shardRows are the shards of a merged run; none of any other run.
func shardRows(shards []ShardResult) []shardRow {
	var rows []shardRow
	for _, s := range shards {
		rows = append(rows, shardRow{
			Name: fmt.Sprint(s.Index), Clients: grouped(int64(s.Clients)), Late: microseconds(s.LatenessP99Us),
			Outcome: outcomeWords[s.Outcome], Reason: s.Reason,
			Machine: fmt.Sprintf("%s, %s, %d CPUs", s.Environment.Go, s.Environment.System, s.Environment.CPUs),
		})
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

// shardWords is "shard 2 of 4: " before the summary of a shard, "4 shards: " of
// a merged run, and "" of any other.
func shardWords(l *Load) string {
	switch {
	case len(l.Shards) > 0:
		return counted(int64(len(l.Shards)), "shard", "shards") + ": "
	case l.Shard.Of > 0:
		return fmt.Sprintf("shard %d of %d: ", l.Shard.Index, l.Shard.Of)
	}
	return ""
}
