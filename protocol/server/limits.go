package server

import "imcheck/protocol/wire"

// Limits bound the memory that strangers can make the server use.
type Limits struct {
	// Unlogged is the largest number of TCP and WebSocket connections without a login;
	// a further one is dropped when it is accepted. A stranger on UDP uses no memory: a
	// session begins with its login.
	Unlogged int
	// UnloggedPerSource is the same for the connections from one source: an IPv4
	// address, or an IPv6 /64 network, which one machine may have to itself.
	UnloggedPerSource int
	// SessionsPerSource is the largest number of UDP sessions from one source; a further
	// login is ignored.
	SessionsPerSource int
	// ConnectionsPerSecond is the largest number of TCP and WebSocket connections a second
	// from one source; a further one is dropped when it is accepted. 0 means no limit.
	ConnectionsPerSecond int
	// LoginsPerSecond is the largest number of logins a second from one source; a further
	// one is ignored on UDP, and ends the session on a stream. 0 means no limit.
	LoginsPerSecond int
	// PacketSessions is the largest number of UDP sessions in all, as forged addresses
	// make any number of sources. A further login is ignored.
	PacketSessions int
	// StrangersExcess is the largest amount, in bytes a second, by which the answers to
	// all strangers on UDP together may exceed what they sent, loopback left aside.
	StrangersExcess int
	// FormerUsers is the largest number of users who stay registered with a session that
	// another user has logged in on; beyond it the first is forgotten.
	FormerUsers int
	// MaxMessage is the largest message that a listener accepts, in bytes by transport;
	// 0 means that of §2.
	MaxMessage [len(wire.Transports)]int
	// Dedup bounds the fingerprints that are remembered of messages to the server (§4),
	// DedupOfSession those that one session sent first. At either bound the one whose
	// last copy is oldest is forgotten early.
	Dedup, DedupOfSession Bound
	// Unacknowledged bounds the QoS messages that wait for the ACK of their receivers
	// (§4), UnacknowledgedOfReceiver those to one user. At either bound a further
	// message from a client is treated as one to a user who is offline, and one from
	// the application is lost at once.
	Unacknowledged, UnacknowledgedOfReceiver Bound
	// Publishing bounds the messages that wait for the confirmation of the bridge's broker (§6).
	// At the bound a further one is treated as one to a user who is offline.
	Publishing Bound
	// Delayed bounds what a server delays on purpose: data to receivers, and other
	// messages and events. At the bound the first of them is early (§7 leaves the time
	// to the server).
	Delayed Bound
}

// Bound limits the number of elements and the total size of their texts in bytes.
type Bound struct{ Count, Bytes int }

// Exceeded reports whether a number of elements or their bytes exceed the bound.
func (b Bound) Exceeded(count, bytes int) bool { return count > b.Count || bytes > b.Bytes }

// Limit names a limit that somebody may run into.
type Limit string

// Limits that are counted and reported. The rules report the first three by
// Config.Limited, whoever serves them the rest.
const (
	LimitUnlogged       Limit = "unlogged connections" // Unlogged or UnloggedPerSource
	LimitUnacknowledged Limit = "unacknowledged messages"
	LimitPublishing     Limit = "messages to publish"
	LimitConnections    Limit = "connections a second" // of one address
	LimitLogins         Limit = "logins a second"      // of one address
	LimitPacketSessions Limit = "UDP sessions"         // of one address or of all
	LimitStrangers      Limit = "answers to strangers" // StrangersExcess, or an answer too long for its request
	LimitUnread         Limit = "unread bytes"         // a peer that does not read what it is sent
)

// AllLimits lists every Limit.
var AllLimits = []Limit{
	LimitUnlogged, LimitUnacknowledged, LimitPublishing, LimitConnections, LimitLogins,
	LimitPacketSessions, LimitStrangers, LimitUnread,
}

// limited reports that a session, which may be nil, has run into a limit.
func (s *Server) limited(l Limit, session *Session) {
	if s.config.Limited != nil {
		s.config.Limited(l, session)
	}
}

// DefaultLimits suit a test server on one machine under the load of another.
//
// The copies of a message arrive within 13 s (§4): the fingerprints of that time are
// remembered at 40,000 messages a second, for one session at 5,000. If every message
// is acknowledged within 100 ms, one receiver can get 40,000 a second.
var DefaultLimits = Limits{
	Unlogged: 12_000, UnloggedPerSource: 3_000, SessionsPerSource: 60_000, PacketSessions: 500_000, StrangersExcess: 64 << 10, FormerUsers: 1 << 16,
	Dedup:          Bound{Count: 1 << 19, Bytes: 32 << 20},
	DedupOfSession: Bound{Count: 1 << 16, Bytes: 4 << 20},

	Unacknowledged:           Bound{Count: 1 << 17, Bytes: 64 << 20},
	UnacknowledgedOfReceiver: Bound{Count: 1 << 12, Bytes: 4 << 20},

	Publishing: Bound{Count: 1 << 16, Bytes: 32 << 20},
	Delayed:    Bound{Count: 1 << 16, Bytes: 32 << 20},
}
