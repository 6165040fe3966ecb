package merge

import (
	"cmp"
	"slices"

	"imcheck/reports"
)

// addOutages finds the times in which nobody was online in any shard: those
// that every shard has itself, or in which it had nobody yet. A shard reports
// its own to about a second, and so does the whole. When a shard is over it has
// logged out, and that is not an outage of the others: the time after the end of the
// first one is left to the shards.
func (m *Merged) addOutages() {
	if len(m.missing) > 0 {
		return // it may have had somebody online
	}
	end, any := int64(0), false
	var some []reports.Outage // in which one shard at least had an outage
	for _, s := range m.shards {
		if !s.hadSomebody() {
			continue
		}
		late := m.lateMs(s)
		if over := late + s.load.DurationMs; !any || over < end {
			end, any = over, true
		}
		some = append(some, shifted(s.load.Sessions.Outages, late)...)
	}
	common := united(some)
	for _, s := range m.shards {
		if s.hadSomebody() {
			common = intersected(common, m.nobodyOnline(s))
		}
	}
	m.Load.Sessions.Outages = intersected(common, []reports.Outage{{FromMs: 0, ToMs: end}})
}

// hadSomebody reports whether anybody ever was online in a shard.
func (s shardRun) hadSomebody() bool { return s.load.Sessions.PeakOnline > 0 }

// lateMs returns how much later than the whole run a shard began, in milliseconds.
func (m *Merged) lateMs(s shardRun) int64 { return s.load.Started.Sub(m.clock.Origin).Milliseconds() }

// nobodyOnline returns the periods of the whole run in which a shard had nobody online,
// without its end. Its timeline has until when it had nobody yet.
func (m *Merged) nobodyOnline(s shardRun) []reports.Outage {
	late := m.lateMs(s)
	first := late
	for _, sample := range s.load.Timeline {
		if sample.Online > 0 || sample.LoggedIn > 0 {
			break
		}
		first = late + sample.AtMs
	}
	return united(append(shifted(s.load.Sessions.Outages, late), reports.Outage{FromMs: 0, ToMs: first}))
}

func shifted(outages []reports.Outage, ms int64) []reports.Outage {
	moved := slices.Clone(outages)
	for i := range moved {
		moved[i].FromMs += ms
		moved[i].ToMs += ms
	}
	return moved
}

// united is times in their order, with none that overlap.
func united(times []reports.Outage) (list []reports.Outage) {
	times = slices.Clone(times)
	slices.SortFunc(times, func(a, b reports.Outage) int { return cmp.Compare(a.FromMs, b.FromMs) })
	for _, o := range times {
		switch last := len(list) - 1; {
		case o.ToMs <= o.FromMs:
		case last >= 0 && o.FromMs <= list[last].ToMs:
			list[last].ToMs = max(list[last].ToMs, o.ToMs)
		default:
			list = append(list, o)
		}
	}
	return list
}

// intersected returns the intersection of two ordered lists of periods.
func intersected(a, b []reports.Outage) (list []reports.Outage) {
	for len(a) > 0 && len(b) > 0 {
		from, to := max(a[0].FromMs, b[0].FromMs), min(a[0].ToMs, b[0].ToMs)
		if from < to {
			list = append(list, reports.Outage{FromMs: from, ToMs: to})
		}
		if a[0].ToMs < b[0].ToMs {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return list
}
