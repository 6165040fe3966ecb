package content

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// ShardRow is one shard of a merged run, for a table.
type ShardRow struct {
	Name, Clients, Late, Reason, Machine string
	Outcome                              Presentation
}

// ShardRows returns the shards of a merged run; none of any other run.
func ShardRows(shards []reports.ShardResult) []ShardRow {
	var rows []ShardRow
	for _, s := range shards {
		rows = append(rows, ShardRow{
			Name: fmt.Sprint(s.Index), Clients: words.Grouped(int64(s.Clients)), Late: words.Microseconds(s.LatenessP99Us),
			Outcome: OutcomeWords[s.Outcome], Reason: s.Reason,
			Machine: fmt.Sprintf("%s, %s, %d CPUs", s.Environment.Go, s.Environment.System, s.Environment.CPUs),
		})
	}
	return rows
}

// MaxNamedShards is the number of shards that a ShardList names; the rest is "…".
const MaxNamedShards = 20

// ShardList returns text such as "shard 3 is", "shards 2, 3 are", with the verb that fits.
func ShardList(indices []int, is, are string) string {
	if len(indices) == 1 {
		return fmt.Sprintf("shard %d %s", indices[0], is)
	}
	var names []string
	for _, index := range indices {
		if len(names) == MaxNamedShards {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprint(index))
	}
	return fmt.Sprintf("shards %s %s", strings.Join(names, ", "), are)
}
