package server

import (
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Application is the application that the server serves (§5). Its methods must return
// at once and must not call back.
type Application interface {
	// Verify returns the verdict on a login; 0 accepts it.
	Verify(user, token, extra string) wire.Code
	// AllowC2S and AllowC2C return false to veto a message, which is then neither
	// delivered nor acknowledged.
	AllowC2S(m wire.Message) bool
	AllowC2C(m wire.Message) bool
	// StoreOffline is offered a message whose receiver is not online, and reports
	// whether the application has stored it.
	StoreOffline(m wire.Message) bool
}

// Config configures a server. Application has to be set; Policy and Limits come from
// DefaultPolicy and DefaultLimits.
type Config struct {
	Application Application
	Policy      Policy
	Limits      Limits
	Stamp       bool // put the server's clock into every message that is sent (§4)
	Bridge      bool // publish messages to users who are not online here (§6)
	Quirks      Quirks
	Hooks       Hooks
	Seed        uint64 // seed for the random choices
	// Limited is called, when it is set, with each Limit that a session runs into; the
	// session may be nil. It must return at once and not call back.
	Limited func(l Limit, session *Session)
}

// Quirks are the ways in which the observed server falls short of what safety asks
// for. The zero value has none of them, Observed has all.
type Quirks struct {
	// ReplacedReported reports the end of a replaced stream session as a logout with
	// code 1, as the observed server does when it closes the old session before it has
	// registered the new one (§7).
	ReplacedReported bool
	// TakeoverLost makes the end of a replaced stream session remove the registration
	// of the new one too, until that one logs in again (§7).
	TakeoverLost bool
	// Takeover, if set, chooses the two above for each takeover of a user.
	Takeover func(user string, now time.Time) (reported, lost bool)
	// ForgedFrom selects the treatment of data whose from is not the user of the login
	// (§4, C → C).
	ForgedFrom ForgedFrom
	// NamelessC2C selects the treatment of a QoS message between clients without a
	// fingerprint (§7).
	NamelessC2C NamelessC2C
	// Receiverless selects the treatment of data that names no receiver (§7).
	Receiverless Receiverless
	// FormerUser selects what becomes of the user of a session when another one logs in
	// on it (§7).
	FormerUser FormerUser
	// EarlyLogoutIgnored ignores a logout before the login on a stream. Otherwise the
	// stream is closed as after any logout (§3).
	EarlyLogoutIgnored bool
	// KickedStays leaves a kicked UDP session logged in until it expires (§3, one
	// session a user, and §5). Otherwise it ends, as on the other transports.
	KickedStays bool
	// LoserStays leaves a UDP session logged in whose login lost against an older session
	// (§3), which was not observed.
	LoserStays bool
	// BadDatagramEnds ends a UDP session on a bad message or an empty datagram (§3),
	// which anyone can send in its name. Otherwise such a datagram is ignored.
	BadDatagramEnds bool
}

// Observed has every quirk of the observed server.
var Observed = Quirks{ForgedFrom: ForgedTaken, KickedStays: true, BadDatagramEnds: true, FormerUser: FormerStays, NamelessC2C: NamelessUntold}

// ForgedFrom is a way to treat data in another user's name.
type ForgedFrom uint8

// Ways to treat data in another user's name.
const (
	ForgedRefused ForgedFrom = iota // refused with error 4
	ForgedIgnored                   // dropped
	ForgedEnds                      // it ends the session
	ForgedTaken                     // delivered: from is not checked
)

// NamelessC2C is a way to treat a QoS message between clients without a fingerprint.
type NamelessC2C uint8

// Ways to treat a message that no ACK can name.
const (
	NamelessPassedOn NamelessC2C = iota // delivered and not acknowledged
	NamelessIgnored                     // dropped
	NamelessEnds                        // it ends the session, as one to the server does
	NamelessUntold                      // delivered, and the application is not told of it
)

// Receiverless is a way to treat data whose to is absent or null.
type Receiverless uint8

// Ways to treat data without a receiver.
const (
	ReceiverlessEnds    Receiverless = iota // it ends the session
	ReceiverlessIgnored                     // dropped
	ReceiverlessOffline                     // treated as data to a user who is not online
)

// FormerUser is the fate of the user of a session when another one logs in on it.
type FormerUser uint8

// Fates of a former user.
const (
	FormerLoggedOut FormerUser = iota // logged out
	FormerForgotten                   // not online any more, and the application is not told
	FormerStays                       // registered with the session, also after its end
)

// Hooks inject faults; a healthy server has none. They are called one at a time.
type Hooks struct {
	// Inbound replaces what was received on a session before the rules see it.
	Inbound func(from *Session, in Inbound) Inbound
	// Counts replaces the rule that every received message counts as activity of its
	// session, and no sent message does (§3 Expiry).
	Counts func(t wire.Type, sent bool) bool
	// Interpose replaces an effect by any number of others, or returns it unchanged.
	Interpose func(Effect) []Effect
}

// Policy has the durations that the rules depend on.
type Policy struct {
	Expiry         [len(wire.Transports)]time.Duration // idle timeout by transport (§3)
	Retransmission qos.Policy                          // to a receiver (§4)
	DedupMemory    time.Duration                       // memory for C → S fingerprints (§4)
	DedupSweep     time.Duration
	Phase          Phase // phase of the retransmissions in their window
	// RetransmitAfter chooses the time from the first copy of a message to its
	// retransmission, within their window; nil leaves it to Phase.
	RetransmitAfter func(m wire.Message, sent time.Time) time.Duration

	// Delays between an answer on the wire and its effect (§7); 0 means none.

	// RegistrationDelay is the delay between a login response and the registration of
	// its user: the takeover of an older session, the login event, being online. What
	// the session sends meanwhile is handled after the registration, in order.
	RegistrationDelay time.Duration
	// KeepAlivesOvertake answers a keep-alive that arrives before the registration at
	// once: to the session that is registered for the user at that time, if any (§7).
	// Otherwise it waits like everything else that the session sends.
	KeepAlivesOvertake bool
	// DeregistrationDelay is the delay between the end of a session and the logout of
	// its user, who is listed as online until then. What is sent to the user meanwhile
	// counts as written and is lost.
	DeregistrationDelay time.Duration
	// DeafTime is the time after a datagram that ended its session for which further
	// datagrams from the same address are lost.
	DeafTime time.Duration
	// Deliveries delays data to receivers other than its sender. Its events and ACKs
	// are not delayed; nor are retransmissions, which count from the delayed first copy.
	Deliveries Delay
	// FastACKMissed is the time after the first copy within which an ACK is missed, so
	// that the message is retransmitted.
	FastACKMissed time.Duration
}

// DefaultPolicy returns the times of §3 and §4 in the given sense modes, without
// delays.
func DefaultPolicy(modes timing.Modes) Policy {
	p := Policy{Retransmission: qos.ServerPolicy, DedupMemory: qos.DedupMemory, DedupSweep: qos.DedupSweep}
	for _, t := range wire.Transports {
		p.Expiry[t] = modes[t].Expiry(t)
	}
	return p
}

// ObservedPolicy returns DefaultPolicy with the delays of the observed server (§7).
func ObservedPolicy(modes timing.Modes) Policy {
	p := DefaultPolicy(modes)
	p.RegistrationDelay = time.Millisecond
	p.DeregistrationDelay = 5 * time.Millisecond
	p.DeafTime = 2 * time.Millisecond
	return p
}
