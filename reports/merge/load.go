package merge

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// addLoads adds up everything but the timelines. The series are those that the
// shards have logs of.
func addLoads(shards []shardRun) (*reports.Load, []reports.Series, error) {
	first := shards[0].load
	total := &reports.Load{
		Header: first.Header, Scenario: first.Scenario, Parts: first.Parts, ClosedLoop: first.ClosedLoop, Measured: first.Measured, Counters: first.Counters, Storm: first.Storm, Seed: first.Seed, Clients: map[string]int{},
		RatePerSecond: first.RatePerSecond, PayloadBytes: first.PayloadBytes, RampMs: first.RampMs, InFlight: first.InFlight, SampleMs: first.SampleMs, Impairment: withoutCounts(first.Impairment),
		Sessions: reports.Sessions{LostByCause: map[string]int64{}},
	}
	var sums seriesSums
	var nodes nodeSums
	spreads := spreadSums{}
	lateness := &reports.Interval{}
	for _, s := range shards {
		addCounts(total, s.load)
		if err := sums.addRows(s.load.Latencies); err != nil {
			return nil, nil, s.broken("%w", err)
		}
		if err := nodes.add(s.load.Nodes); err != nil {
			return nil, nil, s.broken("%w", err)
		}
		if err := spreads.add(s.load.Messages); err != nil {
			return nil, nil, s.broken("%w", err)
		}
		if err := addEncoded(lateness, s.load.Generator.LatenessHistogram); err != nil {
			return nil, nil, s.broken("the generator's lateness: %w", err)
		}
	}
	averageMemory(&total.Generator, shards)
	if err := setLateness(&total.Generator, lateness.Histogram); err != nil {
		return nil, nil, err
	}
	if err := spreads.enter(total.Messages); err != nil {
		return nil, nil, err
	}
	var err error
	if total.Nodes, err = nodes.rows(); err != nil {
		return nil, nil, err
	}
	if total.Stages, err = addStages(shards); err != nil {
		return nil, nil, err
	}
	rows, series, err := sums.rows()
	total.Latencies = rows
	if lateness.Histogram != nil {
		series = append(series, reports.Series{Kind: reports.SeriesLateness})
	}
	return total, series, err
}

// broken says that a shard's load.json contradicts itself.
func (s shardRun) broken(format string, arguments ...any) error {
	err := fmt.Errorf(format, arguments...)
	return &reports.FormatError{Path: filepath.Join(s.dir, reports.LoadFile), Reason: err.Error(), Err: err}
}

// addCounts adds what is a plain number.
func addCounts(l *reports.Load, shard *reports.Load) {
	l.Shards = append(l.Shards, resultOf(shard))
	l.SteadyMs = max(l.SteadyMs, shard.SteadyMs)
	l.SettledMs = max(l.SettledMs, shard.SettledMs)
	l.Counters = slices.DeleteFunc(slices.Clone(l.Counters), func(name string) bool { return !slices.Contains(shard.Counters, name) })
	for transport, n := range shard.Clients {
		l.Clients[transport] += n
	}
	addSessions(&l.Sessions, shard.Sessions)
	addBacklog(l, shard.Backlog)
	addImpairment(l.Impairment, shard.Impairment)
	addGenerator(&l.Generator, shard.Shard.Index, shard.Generator)
	l.Exports = reports.AddExports(l.Exports, shard.Exports)
	l.Gaps = append(l.Gaps, shard.Gaps...)
	for _, m := range shard.Messages {
		i := slices.IndexFunc(l.Messages, func(total reports.Ledger) bool { return total.Kind == m.Kind })
		if i < 0 {
			i = len(l.Messages)
			l.Messages = append(l.Messages, reports.Ledger{Kind: m.Kind})
		}
		addLedger(&l.Messages[i], m)
	}
}

func resultOf(shard *reports.Load) reports.ShardResult {
	return reports.ShardResult{
		Index: shard.Shard.Index, Outcome: shard.Outcome, Reason: shard.Reason, Started: shard.Started, Clients: shard.ClientCount(),
		LatenessP99Us: shard.Generator.LatenessP99Us, Bottleneck: shard.Generator.Bottleneck, Environment: shard.Environment,
	}
}

func addLedger(l *reports.Ledger, other reports.Ledger) {
	l.Sent += other.Sent
	l.Acknowledged += other.Acknowledged
	l.Delivered += other.Delivered
	l.Duplicated += other.Duplicated
	l.Retransmits += other.Retransmits
	l.Lost += other.Lost
	l.Pending += other.Pending
	l.Reordered += other.Reordered
	l.TooLate += other.TooLate
	l.Missing += other.Missing // negative in a shard at which more arrived than it sent
	l.LateACKs += other.LateACKs
	l.Unexpected += other.Unexpected
	l.Unbalanced += other.Unbalanced
	l.Spurious += other.Spurious
	l.SpuriousUDP += other.SpuriousUDP
	l.CalledLost += other.CalledLost
	l.Impaired.Dropped += other.Impaired.Dropped
	l.Impaired.Doubled += other.Impaired.Doubled
	l.Impaired.Delayed += other.Impaired.Delayed
	l.Impaired.Unacked += other.Impaired.Unacked
	l.Impaired.Undelivered += other.Impaired.Undelivered
}

// withoutCounts returns what was asked to be done to the path.
func withoutCounts(i *reports.Impairment) *reports.Impairment {
	if i == nil {
		return nil
	}
	asked := *i
	asked.Counts = []reports.ImpairmentCounts{}
	return &asked
}

// addImpairment adds what a shard has done to its path.
func addImpairment(total, shard *reports.Impairment) {
	if total == nil || shard == nil {
		return
	}
	for _, c := range shard.Counts {
		i := slices.IndexFunc(total.Counts, func(sum reports.ImpairmentCounts) bool {
			return sum.Transport == c.Transport && sum.Direction == c.Direction
		})
		if i < 0 {
			total.Counts = append(total.Counts, c)
			continue
		}
		total.Counts[i].Add(c)
	}
}

// addBacklog adds what became of messages to clients that were away: a shard counts those that
// its clients sent, and those that arrived at its clients.
func addBacklog(l *reports.Load, other *reports.Backlog) {
	if other == nil {
		return
	}
	if l.Backlog == nil {
		l.Backlog = &reports.Backlog{}
	}
	l.Backlog.Absent += other.Absent
	l.Backlog.Returned += other.Returned
	l.Backlog.Sent += other.Sent
	l.Backlog.Stored += other.Stored
	l.Backlog.Delivered += other.Delivered
	l.Backlog.Duplicated += other.Duplicated
	l.Backlog.Reordered += other.Reordered
	l.Backlog.Early += other.Early
}

// addSessions adds sessions. The shards need not have had most of theirs online at the
// same moment, so that the sum of the peaks is an upper bound of the peak.
func addSessions(s *reports.Sessions, other reports.Sessions) {
	s.LoggedIn += other.LoggedIn
	s.PeakOnline += other.PeakOnline
	s.AtEnd += other.AtEnd
	for cause, n := range other.LostByCause {
		s.LostByCause[cause] += n
	}
}

// addGenerator adds everything but the lateness, see setLateness. One generator that was
// the bottleneck makes all of them one.
func addGenerator(g *reports.Generator, shard int, other reports.Generator) {
	g.DroppedArrivals += other.DroppedArrivals
	g.OfflineArrivals += other.OfflineArrivals
	g.ImpairedArrivals += other.ImpairedArrivals
	g.BlockedArrivals += other.BlockedArrivals
	g.CPUSeconds += other.CPUSeconds
	g.PausedMs = max(g.PausedMs, other.PausedMs)
	g.ThrottledMs += other.ThrottledMs
	g.WaitedMs += other.WaitedMs
	g.StolenMs = max(g.StolenMs, other.StolenMs) // shards on one machine report the same
	g.GCs += other.GCs
	g.GCPauseTotalUs += other.GCPauseTotalUs
	g.GCPauseMaxUs = max(g.GCPauseMaxUs, other.GCPauseMaxUs)
	g.OpenFiles += other.OpenFiles
	g.ResidentBytes += other.ResidentBytes
	g.ServerInProcess = g.ServerInProcess || other.ServerInProcess
	if !other.Bottleneck {
		return
	}
	g.Bottleneck = true
	evidence := fmt.Sprintf("shard %d: %s", shard, other.BottleneckEvidence)
	if g.BottleneckEvidence != "" {
		evidence = g.BottleneckEvidence + "; " + evidence
	}
	g.BottleneckEvidence = evidence
}

// averageMemory weighs the growth for each client by the number of clients. It
// is known when it is known of every shard.
func averageMemory(g *reports.Generator, shards []shardRun) {
	var bytes, clients int64
	for _, s := range shards {
		own := int64(s.load.ClientCount())
		if s.load.Generator.BytesPerClient == 0 {
			return
		}
		bytes += s.load.Generator.BytesPerClient * own
		clients += own
	}
	g.BytesPerClient = bytes / max(1, clients)
}

func setLateness(g *reports.Generator, h *hdrhistogram.Histogram) error {
	if h == nil {
		return nil
	}
	encoded, err := reports.EncodeHistogram(h)
	if err != nil {
		return fmt.Errorf("encode the generator's lateness: %w", err)
	}
	g.LatenessHistogram = encoded
	g.LatenessP50Us, g.LatenessP99Us, g.LatenessMaxUs = h.ValueAtPercentile(50), h.ValueAtPercentile(99), h.Max()
	return nil
}

// seriesSums are the histograms of a whole run.
type seriesSums struct {
	kinds []reports.LatencyKind // in the order in which they were seen
	sums  map[reports.Series]*reports.Interval
}

// addRows adds latencies of a shard.
func (t *seriesSums) addRows(rows []reports.Latency) error {
	if t.sums == nil {
		t.sums = map[reports.Series]*reports.Interval{}
	}
	for _, row := range rows {
		key := reports.Series{Kind: row.Kind, Transport: row.Transport, From: row.From}
		if err := key.Check(); err != nil {
			return err
		}
		if t.sums[key] == nil {
			t.sums[key] = &reports.Interval{}
		}
		if !slices.Contains(t.kinds, row.Kind) {
			t.kinds = append(t.kinds, row.Kind)
		}
		if row.Histogram == "" {
			return fmt.Errorf("no histogram was kept for %s on %s from %s, and percentiles cannot be added", row.Kind, row.Transport, row.From)
		}
		if err := addEncoded(t.sums[key], row.Histogram); err != nil {
			return fmt.Errorf("%s on %s from %s: %w", row.Kind, row.Transport, row.From, err)
		}
	}
	return nil
}

// addEncoded adds a histogram in base64; "" has no values.
func addEncoded(sum *reports.Interval, encoded string) error {
	if encoded == "" {
		return nil
	}
	h, err := reports.DecodeHistogram(encoded)
	if err != nil {
		return err
	}
	return sum.Add(reports.Interval{Histogram: h})
}

// rows returns the latencies of the whole run, and the series that have a log.
func (t *seriesSums) rows() (rows []reports.Latency, logged []reports.Series, err error) {
	var order []reports.Series
	for s := range t.sums {
		order = append(order, s)
	}
	slices.SortFunc(order, func(a, b reports.Series) int { return reports.CompareSeries(t.kinds, a, b) })
	for _, s := range order {
		row, err := reports.NewLatency(s, t.sums[s].Histogram)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
		if s.Transport != reports.AllTransports {
			logged = append(logged, s)
		}
	}
	return rows, logged, nil
}
