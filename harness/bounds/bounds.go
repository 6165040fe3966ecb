// Package bounds has the bounds of what a load generator keeps and does for its
// clients, so that no target, whatever it sends or does not read, takes memory
// or time without end. docs/performance.md has what they come to.
package bounds

import (
	"time"

	"imcheck/protocol/client"
)

// DialsAtOnce is how many connections of one event loop, or of one worker of the
// portable engine, have their handshake under way at once on each transport that
// has one: enough to keep a server's accept queue busy, few enough not to overrun
// it. The others wait in the queue of their transport. UDP has no handshake, so
// nothing of it waits.
const DialsAtOnce = 64

// What an event loop does in one turn, before it looks at what is due and lets
// every other connection have its turn.
const (
	// TurnBytes is how many bytes are read from one stream in a turn, beside the
	// 2 KiB that a batch of reads has room for. A connection that has more to read
	// queues up again.
	TurnBytes = 16 << 10
	// TurnTime is after how long a turn begins no further read of that size, and
	// no further batch of datagrams. It is the time by which a send may be late.
	TurnTime = time.Millisecond
)

// StreamMessage is the largest message in bytes that a client takes from a stream,
// unless the target's own limit is more than half of that. The incomplete part of
// a message is all that a client keeps of what it reads.
const StreamMessage = 64 << 10

// Fragments is in how many fragments a client takes a WebSocket message: empty ones
// could follow each other without end.
const Fragments = 1024

// How many messages wait to be handled in the portable engine before the readers of
// the connections do.
const (
	Arrivals           = 256 // of one worker
	ConnectionArrivals = 16  // of one connection
)

// How much a target may send to one connection that nobody asked for: messages of
// others than this run's clients, copies, pings, what cannot be read. It is counted
// in units, one for a message and one more for each full UnaskedUnit of it. A
// connection that gets more is ended.
const (
	// UnaskedUnit is in bytes.
	UnaskedUnit = 1 << 10
	// UnaskedBurst is how many units a new connection may get at once.
	UnaskedBurst = 8192
	// UnaskedRate is how many more it may get for each second that it is old.
	UnaskedRate = 512
	// AskedWorth is how many are forgiven for each message that was asked for, and
	// for each that the client sends, ACKs aside: copies and errors follow from them.
	AskedWorth = 2
)

// What waits to be written. A connection on which more waits is ended: its peer
// does not read.
const (
	// Unwritten is how many bytes wait on one stream, unless UnwrittenMessages of
	// the run's longest messages are more. One message may always wait.
	Unwritten = 64 << 10
	// UnwrittenShare is the part of the bound beyond which a connection is not read
	// from any more, as what is read may have to be answered.
	UnwrittenShare = 2
	// UnwrittenMessages is how many messages of one client may become due at once.
	UnwrittenMessages = 32
	// WriterDelay is how long the writer of a connection of the portable engine may
	// take to begin before what waits for it counts as not read.
	WriterDelay = 50 * time.Millisecond
	// WriterBacklog is how many times the bound may wait meanwhile.
	WriterBacklog = 4
	// UnsentDatagrams is how many bytes wait to be sent by one UDP socket that many
	// clients share. Beyond it datagrams are dropped, as in a full buffer of the system.
	UnsentDatagrams = 4 << 20
)

// Unacknowledged is how many bytes the messages of one worker have together that
// wait for their ACK, some MessageCost of each not counted in its length. What is
// due beyond that is not sent: the target does not keep up with the load.
const (
	Unacknowledged = 128 << 20
	MessageCost    = 512
)

// Remembered is how many fingerprints of messages a client remembers; they take some
// 55 KiB.
const Remembered = client.Remembered

// YoungSession is the age of a session below which a client that loses it, and has
// lost the one before as young, pauses before it logs in again.
const YoungSession = client.YoungSession
