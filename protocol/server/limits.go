package server

import "imcheck/protocol/wire"

// Limits bound what strangers can make the server hold.
type Limits struct {
	// Unlogged is how many TCP and WebSocket connections may be open without a
	// login; a further one is dropped as it comes in. A stranger on UDP holds
	// nothing: a session begins with its login.
	Unlogged int
	// UnloggedPerSource limits those that one source has open: an IP address, or an IPv6
	// network of 64 bits, which one machine may have to itself.
	UnloggedPerSource int
	// SessionsPerSource is how many UDP sessions one source may hold; the login
	// of a further one is passed over.
	SessionsPerSource int
	// PacketSessions is how many UDP sessions there may be in all: whoever forges
	// addresses has any number of sources. A further login is passed over.
	PacketSessions int
	// StrangersExcess limits the bytes a second by which answers to strangers on UDP
	// may exceed what they sent, all together and loopback left aside.
	StrangersExcess int
	// MaxMessage is the largest message that a listener takes, in bytes by
	// transport; 0 stands for that of §2.
	MaxMessage [len(wire.Transports)]int
	// Dedup bounds the fingerprints of messages to the server that are remembered
	// (§4), DedupOfSession those that came first on one session. At either bound the
	// one whose last copy is longest ago is forgotten before its time.
	Dedup, DedupOfSession Bound
	// Unacknowledged bounds the QoS messages that wait for the ACK of their receiver
	// (§4), UnacknowledgedOfReceiver those of one user. At either bound a further
	// message of a client is handled as one to a user who is not online, one of the
	// application is lost at once.
	Unacknowledged, UnacknowledgedOfReceiver Bound
	// Delayed bounds what waits because a server is late on purpose: data on its way
	// to a receiver, and what is sent and told otherwise. At the bound the first of
	// it is early (§7 leaves the time to the server).
	Delayed Bound
}

// Bound limits what may be kept, in number and in the size of the texts in it.
type Bound struct{ Count, Bytes int }

// Exceeded reports whether more is kept than allowed.
func (b Bound) Exceeded(count, bytes int) bool { return count > b.Count || bytes > b.Bytes }

// DefaultLimits suit a test server on one machine, which one other machine loads.
//
// The copies of a message come within 13 s (§4): the fingerprints of so long a time
// are remembered at 40,000 messages a second, of one session at 5,000. Where every
// message is acknowledged within 100 ms, 40,000 a second fit to one receiver.
var DefaultLimits = Limits{
	Unlogged: 12_000, UnloggedPerSource: 3_000, SessionsPerSource: 60_000, PacketSessions: 500_000, StrangersExcess: 64 << 10,
	Dedup:          Bound{Count: 1 << 19, Bytes: 32 << 20},
	DedupOfSession: Bound{Count: 1 << 16, Bytes: 4 << 20},

	Unacknowledged:           Bound{Count: 1 << 17, Bytes: 64 << 20},
	UnacknowledgedOfReceiver: Bound{Count: 1 << 12, Bytes: 4 << 20},

	Delayed: Bound{Count: 1 << 16, Bytes: 32 << 20},
}
