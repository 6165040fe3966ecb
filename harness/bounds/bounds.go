// Package bounds has the limits of a load generator's memory and work for its clients,
// so that no target, whatever it sends or does not read, can use either without
// bound. docs/performance.md says what they add up to.
package bounds

import (
	"time"

	"imcheck/protocol/client"
)

// DialsAtOnce is the largest number of handshakes in progress, by transport, of one
// event loop or of one worker of the portable engine: enough to keep a server's accept
// queue busy, few enough not to overrun it. Other connections wait in the queue of
// their transport. UDP has no handshake and does not wait.
const DialsAtOnce = 64

// The most that an event loop does in one turn, before it sends what is due and gives
// the other connections their turn.
const (
	// TurnBytes is the number of bytes read from one stream in a turn, besides the 2 KiB
	// that a batch of reads has room for. A connection with more to read queues up again.
	TurnBytes = 16 << 10
	// TurnTime is the time after which a turn begins no further read of that size, and
	// no further batch of datagrams. A send can be late by as much.
	TurnTime = time.Millisecond
)

// StreamMessage is the largest message in bytes that a client accepts on a stream,
// unless the target's own limit is more than half of that. An incomplete message is
// all that a client buffers of what it reads.
const StreamMessage = 64 << 10

// Fragments is the largest number of fragments of a WebSocket message that a client
// accepts, as empty ones could follow each other without end.
const Fragments = 1024

// The number of messages that are queued in the portable engine before back-pressure
// stops the readers of the connections.
const (
	Arrivals           = 256 // for one worker
	ConnectionArrivals = 16  // from one connection
)

// The most unsolicited traffic that a target may send on one connection: messages that
// do not come from this run's clients, copies, pings, undecodable bytes. It is counted
// in units, one for a message and one more for each full UnaskedUnit of it. A
// connection that receives more is closed.
const (
	// UnaskedUnit is the size of a unit in bytes.
	UnaskedUnit = 1 << 10
	// UnaskedBurst is the number of units that a new connection may receive at once.
	UnaskedBurst = 8192
	// UnaskedRate is the number of units more that it may receive for each second of its
	// age.
	UnaskedRate = 512
	// AskedWorth is the number of units more that it may receive for each solicited
	// message, and for each that the client sends, ACKs aside, as both can cause copies
	// and errors.
	AskedWorth = 2
)

// The most that waits to be written. A connection with more is closed, as its peer
// does not read.
const (
	// Unwritten is the number of bytes that may wait on one stream, unless
	// UnwrittenMessages of the run's longest messages are more. One message may always
	// wait.
	Unwritten = 64 << 10
	// UnwrittenShare is the fraction of the bound beyond which a connection is not read
	// any more, as reading can cause answers.
	UnwrittenShare = 2
	// UnwrittenMessages is the number of one client's messages that may become due at
	// once.
	UnwrittenMessages = 32
	// WriterDelay is the time that the writer of a connection of the portable engine may
	// take to start, before what waits for it counts as not read.
	WriterDelay = 50 * time.Millisecond
	// WriterBacklog is the multiple of the bound that may wait meanwhile.
	WriterBacklog = 4
	// UnsentDatagrams is the number of bytes that may wait for one UDP socket that many
	// clients share. Further datagrams are dropped, as by a full buffer of the system.
	UnsentDatagrams = 4 << 20
	// HeldBack is how many bytes one engine holds back on impaired paths. When there are more, what
	// a connection has in flight arrives at once.
	HeldBack = 64 << 20
)

// HeldArrivals is the number of bytes that may wait for one worker while the network is away by
// our own doing, each message counted with MessageCost besides its length. Further ones are lost.
const HeldArrivals = 32 << 20

// Unacknowledged is the largest total size in bytes of one worker's unacknowledged
// messages, each counted with MessageCost besides its length. What becomes due beyond
// that is not sent: the target does not keep up with the load.
const (
	Unacknowledged = 128 << 20
	MessageCost    = 512
)

// Remembered is the number of fingerprints that a client remembers to recognise
// duplicates. They take some 55 KiB.
const Remembered = client.Remembered

// YoungSession is the age below which a lost session counts as young. After two young
// sessions in a row a client pauses before it logs in again.
const YoungSession = client.YoungSession
