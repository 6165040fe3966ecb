package suite

import (
	"time"
)

// Timeouts bound every wait of a run.
type Timeouts struct {
	Dial  time.Duration // opening a connection
	Reply time.Duration // an answer that a server owes at once
	Close time.Duration // a close that a server owes at once
	// Settle bounds everything that a server may do later than it answers (§7): the
	// ACK that a write to another session triggers, a delivery, an event, the list
	// of users, a registration, the end of a session. What must not happen is
	// watched for as long.
	Settle time.Duration
	// Resend is the least time after which a request is repeated where datagrams
	// may be lost. Where answers take longer it grows with them.
	Resend time.Duration
	// Late is added to the upper bound of a measured time while waiting for it, so that
	// a failure can say by how much it was late.
	Late  time.Duration
	Case  time.Duration // one case in all; no wait of §3 and §4 in a 120S mode is longer
	Probe time.Duration // interval between two probes of whether the target is still there
}

// DefaultTimeouts suit any target that answers within a few seconds.
var DefaultTimeouts = Timeouts{
	Dial:   5 * time.Second,
	Reply:  5 * time.Second,
	Close:  5 * time.Second,
	Settle: 2 * time.Second,
	Resend: 300 * time.Millisecond,
	Late:   3 * time.Second,
	Case:   10 * time.Minute,
	Probe:  500 * time.Millisecond,
}
