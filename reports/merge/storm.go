package merge

import (
	"slices"

	"imcheck/reports"
)

// addSilent adds what became of connections that were abandoned.
func addSilent(r *reports.Recovery, other *reports.Silent) {
	if other == nil {
		return
	}
	if r.Silent == nil {
		r.Silent = &reports.Silent{KeptMaxMs: -1, NewMaxMs: -1, ZombieMaxMs: -1, ServerFollowed: true}
	}
	s := r.Silent
	s.ReturnedKept += other.ReturnedKept
	s.ReturnedNew += other.ReturnedNew
	s.Zombies += other.Zombies
	s.Unseen += other.Unseen
	s.SelfKicks += other.SelfKicks
	s.TakenOver += other.TakenOver
	s.KickedEqual += other.KickedEqual
	s.NotKicked += other.NotKicked
	s.Misdirected += other.Misdirected
	s.Ended += other.Ended
	s.Overdue += other.Overdue
	s.Undecided += other.Undecided
	s.KeptMaxMs = max(s.KeptMaxMs, other.KeptMaxMs)
	s.NewMaxMs = max(s.NewMaxMs, other.NewMaxMs)
	s.ZombieMaxMs = max(s.ZombieMaxMs, other.ZombieMaxMs)
	s.ServerFollowed = s.ServerFollowed && other.ServerFollowed
	s.ServerKicks += other.ServerKicks
	s.ServerEnds += other.ServerEnds
}

// addAway adds what an outage of our own came to, which all shards made at the same time.
func addAway(r *reports.Recovery, other *reports.Away) {
	if other == nil {
		return
	}
	if r.Away == nil {
		r.Away = &reports.Away{}
	}
	a := r.Away
	a.ForMs = max(a.ForMs, other.ForMs)
	a.Online += other.Online
	a.Through += other.Through
	a.GaveUp += other.GaveUp
	a.Expired += other.Expired
	a.Dropped += other.Dropped
	a.Held += other.Held
	a.Offline += other.Offline
	a.Blocked += other.Blocked
	for _, m := range other.Messages {
		i := slices.IndexFunc(a.Messages, func(sum reports.AwayMessages) bool { return sum.Kind == m.Kind })
		if i < 0 {
			i = len(a.Messages)
			a.Messages = append(a.Messages, reports.AwayMessages{Kind: m.Kind})
		}
		sum := &a.Messages[i]
		sum.Sent += m.Sent
		sum.Acknowledged += m.Acknowledged
		sum.Rescued += m.Rescued
		sum.Delivered += m.Delivered
		sum.TooLate += m.TooLate
		sum.Lost += m.Lost
		sum.Pending += m.Pending
		sum.Missing += m.Missing
	}
}
