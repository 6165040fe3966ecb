package reports

// Ways in which a storm comes about, as Load.Storm has them.
const (
	StormClose  = "close"  // connections are closed, without a logout
	StormSilent = "silent" // connections are abandoned, without a word
	StormAway   = "away"   // the network is away for a while, for everybody
)

// Silent counts what became of connections that were abandoned without a word, as by a host
// that loses its power. A zombie is a session that the server still had when its client
// logged in again. Recovery has how many clients there were.
type Silent struct {
	ReturnedKept int64 `json:"returnedKept"` // clients that came back with their first login time
	ReturnedNew  int64 `json:"returnedNew"`  // clients that came back as new, without one
	Zombies      int64 `json:"zombies"`      // as the old connection showed: kicked, or not closed by then
	Unseen       int64 `json:"unseen"`       // returns after which nothing showed whether there was one, as on UDP
	SelfKicks    int64 `json:"selfKicks"`    // zombies that were kicked because their client came back as new
	TakenOver    int64 `json:"takenOver"`    // zombies whose user their client took over with the same first login time, and nobody was kicked
	KickedEqual  int64 `json:"kickedEqual"`  // zombies that were kicked although the first login time was the same
	NotKicked    int64 `json:"notKicked"`    // zombies on streams that were not kicked although their client came back as new
	Misdirected  int64 `json:"misdirected"`  // zombies that were sent what belongs to the new session, after the return
	Ended        int64 `json:"ended"`        // old connections that the server closed
	Overdue      int64 `json:"overdue"`      // old connections that were open beyond the idle timeout, at the end of the run
	Undecided    int64 `json:"undecided"`    // old connections that were open at the end, and whose idle timeout was not over

	KeptMaxMs   float64 `json:"keptMaxMs"`   // until the last client that kept its first login time was back; -1 without any
	NewMaxMs    float64 `json:"newMaxMs"`    // until the last client that came back as new was; -1 without any
	ZombieMaxMs float64 `json:"zombieMaxMs"` // the longest time until the server closed an old connection; -1 when it closed none

	// Sessions that ended on the server meanwhile, by its events.
	ServerFollowed bool  `json:"serverFollowed,omitempty"` // there were events, and none was missed
	ServerKicks    int64 `json:"serverKicks"`              // as it reports kicks for a login elsewhere
	ServerEnds     int64 `json:"serverEnds"`               // as it reports other ends
}

// Away describes an outage that the load generator made itself: for a while nothing passed in
// either direction. Nothing that follows from it counts as a loss of the target's.
type Away struct {
	ForMs    int64          `json:"forMs"`   // for how long, from Recovery.AtMs on
	Online   int64          `json:"online"`  // clients that were logged in when it began
	Through  int64          `json:"through"` // of these, those whose session outlasted it
	GaveUp   int64          `json:"gaveUp"`  // sessions that their clients gave up for want of answers
	Expired  int64          `json:"expired"` // sessions that the server ended, having heard nothing for its idle timeout
	Dropped  int64          `json:"dropped"` // messages of either end that got lost on the way, by datagrams
	Held     int64          `json:"held"`    // messages of either end that arrived late, by streams
	Offline  int64          `json:"offline"` // sends that were due while their client was away for it, of Generator.OfflineArrivals
	Blocked  int64          `json:"blocked"` // sends that waited in vain for ACKs meanwhile, of Generator.BlockedArrivals
	Messages []AwayMessages `json:"messages,omitempty"`
}

// AwayMessages counts messages of one kind that the outage may have met: first sent from
// TooLateAfter before it until AwayAftermath after it. They are in Load.Messages too.
type AwayMessages struct {
	Kind         MessageKind `json:"kind"`
	Sent         int64       `json:"sent"`
	Acknowledged int64       `json:"acknowledged"`
	Rescued      int64       `json:"rescued"` // of the acknowledged, those that had been sent again
	Delivered    int64       `json:"delivered"`
	TooLate      int64       `json:"tooLate"`
	Lost         int64       `json:"lost"`
	Pending      int64       `json:"pending"`
	Missing      int64       `json:"missing"`
}

// AwayOrNone returns the outage that we made, the zero value without one.
func (l *Load) AwayOrNone() Away {
	if l.Recovery == nil || l.Recovery.Away == nil {
		return Away{}
	}
	return *l.Recovery.Away
}

// OfAway returns what of the ledger's messages of a kind the outage may have met; the zero
// value without one.
func (l *Load) OfAway(kind MessageKind) (met AwayMessages) {
	for _, m := range l.AwayOrNone().Messages {
		if m.Kind == kind {
			return m
		}
	}
	return met
}

// Blamed returns the ledger of a kind without what may have gone wrong for an outage of our
// own.
func (l *Load) Blamed(m Ledger) Ledger {
	met := l.OfAway(m.Kind)
	m.Lost -= met.Lost
	m.Pending -= met.Pending
	m.Missing -= met.Missing
	m.TooLate -= met.TooLate
	return m
}
