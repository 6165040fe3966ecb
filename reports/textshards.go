package reports

import (
	"fmt"
	"strings"
)

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

// maxNamedShards is how many missing shards are named.
const maxNamedShards = 20

// shardList is "shard 3 is", "shards 2, 3 are", with the verb that fits.
func shardList(indices []int, is, are string) string {
	if len(indices) == 1 {
		return fmt.Sprintf("shard %d %s", indices[0], is)
	}
	var names []string
	for _, index := range indices {
		if len(names) == maxNamedShards {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprint(index))
	}
	return fmt.Sprintf("shards %s %s", strings.Join(names, ", "), are)
}
