package reports

import "time"

// Kinds of latency, the values of Latency.Kind.
const (
	KindLogin       = "login"        // until the login response
	KindHeartbeat   = "heartbeat"    // until the keep-alive response
	KindC2SAck      = "c2s_ack"      // until a message to the server is acknowledged
	KindC2CAck      = "c2c_ack"      // until a message to a client is acknowledged
	KindC2CDelivery = "c2c_delivery" // until a message to a client has arrived there
	KindS2CDelivery = "s2c_delivery" // until a message of the server has arrived
	KindS2CCall     = "s2c_call"     // until the control API has answered a push
	KindEcho        = "echo"         // until an echo was answered
	KindRelogin     = "relogin"      // until a client that a scenario sent away is logged in again
)

// MeasuresRecovery is in Load.Measured beside kinds of latency: the load has a Recovery.
const MeasuresRecovery = "recovery"

// Kinds of messages, the values of Ledger.Kind and Gap.Kind.
const (
	MessagesC2S  = "c2s"
	MessagesC2C  = "c2c"
	MessagesS2C  = "s2c"
	MessagesEcho = "echo"
)

// MessageKinds are all kinds of messages, in the order in which they are shown.
var MessageKinds = []string{MessagesC2S, MessagesC2C, MessagesS2C, MessagesEcho}

// LoadTransports are the transports that clients of a load may use.
var LoadTransports = []string{"udp", "tcp", "ws"}

// RecoveryPercentiles are the percentages of the dropped clients that Recovery has the
// return times of.
var RecoveryPercentiles = []float64{50, 99, 100}

// Causes in Sessions.LostByCause that the outcome of a run depends on.
const (
	CauseQueued     = "never tried: it waited in our own queue of connections"
	CauseUnexpected = "ended by us: the target sent without being asked"
)

// Limits that the accounts of a load are kept by.
const (
	// TooLateAfter is the age from which a first copy counts in Ledger.TooLate, as its
	// sender has given it up: 8 s until the second copy, and two sweeps of 5 s more
	// (docs/protocol.md §4).
	TooLateAfter = 18 * time.Second
	// EchoTimeout is how long an answer to an echo is waited for before it counts in
	// Ledger.Lost.
	EchoTimeout = 5 * time.Second
	// HandshakesAtOnce is how many connections of a transport a load generator has
	// under way at once; the others wait, see CauseQueued.
	HandshakesAtOnce = 64
)
