package verdict

import "imcheck/reports"

// stormCounter is a number of clients in a storm of one kind.
type stormCounter struct {
	of     string // the kind
	silent func(*reports.Silent) int64
	away   func(*reports.Away) int64
}

// stormCounters are those of the subject storm, by statistic. Their shares are of the clients
// that the storm met.
var stormCounters = map[string]stormCounter{
	"zombies":      ofSilent(func(s *reports.Silent) int64 { return s.Zombies }),
	"self_kicks":   ofSilent(func(s *reports.Silent) int64 { return s.SelfKicks }),
	"taken_over":   ofSilent(func(s *reports.Silent) int64 { return s.TakenOver }),
	"kicked_equal": ofSilent(func(s *reports.Silent) int64 { return s.KickedEqual }),
	"not_kicked":   ofSilent(func(s *reports.Silent) int64 { return s.NotKicked }),
	"misdirected":  ofSilent(func(s *reports.Silent) int64 { return s.Misdirected }),
	"overdue":      ofSilent(func(s *reports.Silent) int64 { return s.Overdue }),
	"through":      ofAway(func(a *reports.Away) int64 { return a.Through }),
	"gave_up":      ofAway(func(a *reports.Away) int64 { return a.GaveUp }),
	"expired":      ofAway(func(a *reports.Away) int64 { return a.Expired }),
}

func ofSilent(count func(*reports.Silent) int64) stormCounter {
	return stormCounter{of: reports.StormSilent, silent: count}
}

func ofAway(count func(*reports.Away) int64) stormCounter {
	return stormCounter{of: reports.StormAway, away: count}
}

// stormValue returns a counter of a storm; known is false before the storm is over.
func (f *figure) stormValue(r *reports.Recovery, class unitClass) (value float64, known bool) {
	if r == nil {
		return 0, false
	}
	counter, counted, all := stormCounters[f.statistic], int64(0), r.Dropped
	switch {
	case counter.silent != nil && r.Silent != nil:
		counted = counter.silent(r.Silent)
	case counter.away != nil && r.Away != nil:
		counted, all = counter.away(r.Away), r.Away.Online
	default:
		return 0, false
	}
	if class == unitCount {
		return float64(counted), true
	}
	if all == 0 {
		return 0, false
	}
	return float64(counted) / float64(all), true
}
