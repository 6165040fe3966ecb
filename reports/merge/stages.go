package merge

import (
	"slices"

	"imcheck/reports"
)

// addStages returns the stages of the whole run. All shards were asked for the same ones.
func addStages(shards []shardRun) (rows []reports.Stage, err error) {
	for i, asked := range shards[0].load.Stages {
		sum := stageSum{row: reports.Stage{
			FromMs: asked.FromMs, ToMs: asked.ToMs, RatePerSecond: asked.RatePerSecond, FromRate: asked.FromRate,
			Clients: asked.Clients, FromClients: asked.FromClients, Messages: []reports.StageMessages{},
		}}
		for _, s := range shards {
			if i >= len(s.load.Stages) {
				return nil, s.broken("it has %d stages, and shard %d has %d", len(s.load.Stages), shards[0].load.Shard.Index, len(shards[0].load.Stages))
			}
			if err := sum.add(s.load.Stages[i]); err != nil {
				return nil, s.broken("stage %d: %w", i+1, err)
			}
		}
		if err := sum.complete(); err != nil {
			return nil, err
		}
		rows = append(rows, sum.row)
	}
	return rows, nil
}

// stageSum is one stage in all shards.
type stageSum struct {
	row       reports.Stage
	latencies seriesSums
	lateness  reports.Interval
}

// add adds the stage of a shard.
func (t *stageSum) add(s reports.Stage) error {
	t.row.RanMs = max(t.row.RanMs, s.RanMs)
	t.row.DroppedArrivals += s.DroppedArrivals
	t.row.OfflineArrivals += s.OfflineArrivals
	t.row.BlockedArrivals += s.BlockedArrivals
	t.row.SessionsLost += s.SessionsLost
	t.row.Errors += s.Errors
	for _, m := range s.Messages {
		i := slices.IndexFunc(t.row.Messages, func(total reports.StageMessages) bool { return total.Kind == m.Kind })
		if i < 0 {
			i = len(t.row.Messages)
			t.row.Messages = append(t.row.Messages, reports.StageMessages{Kind: m.Kind})
		}
		total := &t.row.Messages[i]
		total.Sent += m.Sent
		total.Acknowledged += m.Acknowledged
		total.Delivered += m.Delivered
		total.Duplicated += m.Duplicated
		total.Retransmits += m.Retransmits
		total.Lost += m.Lost
		total.Missing += m.Missing // negative in a shard at which more arrived than it sent
	}
	if err := t.latencies.addRows(s.Latencies); err != nil {
		return err
	}
	return addEncoded(&t.lateness, s.LatenessHistogram)
}

// complete fills in what is read from the histograms of all shards.
func (t *stageSum) complete() (err error) {
	if t.row.Latencies, _, err = t.latencies.rows(); err != nil || t.lateness.Histogram == nil {
		return err
	}
	t.row.LatenessP99Us = t.lateness.Histogram.ValueAtPercentile(99)
	t.row.LatenessHistogram, err = reports.EncodeHistogram(t.lateness.Histogram)
	return err
}
