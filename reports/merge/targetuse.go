package merge

import (
	"time"

	"imcheck/reports"
	"imcheck/reports/verdict"
)

// watching returns the load of the shard whose watch over the target's process counts: the
// one with the most readings, as all watch the same target. nil when none watched.
func (m *Merged) watching() (most *reports.Load) {
	for _, s := range m.shards {
		if use := s.load.TargetUse; use != nil && (most == nil || use.Readings > most.TargetUse.Readings) {
			most = s.load
		}
	}
	return most
}

// addTargetUse relates what the target used to the messages and clients of all shards.
func (m *Merged) addTargetUse() {
	watching := m.watching()
	if watching == nil {
		return
	}
	use := *watching.TargetUse
	use.Relate(m.Load)
	m.Load.TargetUse = &use
}

// addTrends says where the figures of the whole run went. All shards begin at the same time.
func (m *Merged) addTrends() {
	first := m.shards[0].load
	from := time.Duration(first.RampMs+first.Shard.WarmupMs) * time.Millisecond
	m.Load.Trends = verdict.TrendsOf(m.Load, from, from+time.Duration(m.Load.SteadyMs)*time.Millisecond)
}
