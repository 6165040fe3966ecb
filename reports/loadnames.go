package reports

import "time"

// MeasuresRecovery is in Load.Measured beside kinds of latency: the load has a Recovery.
const MeasuresRecovery = "recovery"

// Optional counters of a ledger, which programs of before them did not have. A run that
// lists one in Load.Counters has counted; 0 of another run means nothing.
const (
	CounterSpurious   = "spurious"
	CounterCalledLost = "called_lost" // where the events of the server were followed
)

// LoadTransports are the transports that clients of a load may use.
var LoadTransports = []string{"udp", "tcp", "ws"}

// RecoveryPercentiles are the percentages of the dropped clients that Recovery has the
// return times of.
var RecoveryPercentiles = []float64{50, 99, 100}

// Causes in Sessions.LostByCause that the outcome of a run depends on.
const (
	CauseQueued     = "never tried: it waited in our own queue of connections"
	CauseUnexpected = "ended by us: the target sent without being asked"
	CauseImpaired   = "our own impairment of the path: it dropped or held back what keeps the session alive"
	CauseRefused    = "login refused with code " // the code follows
)

// Limits that the accounts of a load are kept by.
const (
	// TooLateAfter is the age from which a first copy counts in Ledger.TooLate, as its
	// sender has given it up: 8 s until the second copy, and two sweeps of 5 s more
	// (docs/protocol.md §4).
	TooLateAfter = 18 * time.Second
	// AwayAftermath is the time after an outage of our own in which a message may still miss
	// a receiver for it: who has to log in again does so after a pause of up to 3 s
	// (docs/protocol.md §3).
	AwayAftermath = 5 * time.Second
	// SpuriousAfter is the time after an ACK from which a further copy of its message counts
	// in Ledger.Spurious: the server sends what is not acknowledged again after 2 s at the
	// earliest (docs/protocol.md §4), so that a copy sooner is the path's, or one that has
	// crossed an ACK that was late.
	SpuriousAfter = 1500 * time.Millisecond
	// EchoTimeout is the time for which an answer to an echo is waited for before it counts in
	// Ledger.Lost.
	EchoTimeout = 5 * time.Second
	// HandshakesAtOnce is the number of connections of a transport that a load generator has
	// under way at once; the others wait, see CauseQueued.
	HandshakesAtOnce = 64
)
