package suite

// Assumption is something about order, loss or time that a case relies on. A server
// that is free to behave otherwise (§7) would be accused, so the engine notes each one
// that a case uses, and docs/assumptions.md lists them.
type Assumption string

const (
	// AssumesAnswer relies on an answer within Timeouts.Reply.
	AssumesAnswer Assumption = "answer"
	// AssumesOrder relies on the order of what a session's own messages cause on a
	// stream.
	AssumesOrder Assumption = "order"
	// AssumesSettling relies on Timeouts.Settle: what a session causes elsewhere, or
	// late, comes within that time, and what has not come by then does not come.
	AssumesSettling Assumption = "settling"
	// AssumesTime compares a measured time with its bounds, the tolerance and the lag.
	AssumesTime Assumption = "time"
	// AssumesRepetition relies on a repeated datagram meaning the same as one.
	AssumesRepetition Assumption = "repetition"
	// AssumesOneDatagram depends on a datagram that cannot be repeated: without it the
	// case is inconclusive, or is run again before it fails.
	AssumesOneDatagram Assumption = "one datagram"
)

// Assumptions lists every assumption; those that apply on all transports come first.
var Assumptions = []Assumption{AssumesAnswer, AssumesOrder, AssumesSettling, AssumesTime, AssumesRepetition, AssumesOneDatagram}
