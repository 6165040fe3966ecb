package server

import (
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Application is the code behind the server (§5). Its methods must return at
// once and must not call back.
type Application interface {
	// Verify judges a login; 0 lets the user in.
	Verify(user, token, extra string) wire.Code
	// AllowC2S and AllowC2C may veto a message: it is then neither delivered
	// nor acknowledged.
	AllowC2S(m wire.Message) bool
	AllowC2C(m wire.Message) bool
	// StoreOffline is offered a message whose receiver is not online, and
	// reports whether it took it.
	StoreOffline(m wire.Message) bool
}

// Config is how a server behaves. Application has to be set; Policy and Limits
// come from DefaultPolicy and DefaultLimits.
type Config struct {
	Application Application
	Policy      Policy
	Limits      Limits
	Stamp       bool // put the server's clock into every message that is sent (§4)
	Quirks      Quirks
	Hooks       Hooks
	Seed        uint64 // of what is drawn at random
}

// Quirks are where safety asks for more than the observed server gives. The
// zero value gives it; Observed does as that server does.
type Quirks struct {
	// ReplacedReported has the end of a stream's session that a new one replaces
	// reported as a logout with code 1, as the observed server does when it closes the
	// old session before it has registered the new one (§7).
	ReplacedReported bool
	// TakeoverLost has the end of a stream's session that a new one replaces take the
	// registration of the new one with it, until that one logs in again (§7).
	TakeoverLost bool
	// ForgedFrom is what becomes of data whose from is not the user of the login
	// (§4, C → C).
	ForgedFrom ForgedFrom
	// NamelessC2C is what becomes of a QoS message between clients that has no
	// fingerprint, of which nothing was observed.
	NamelessC2C NamelessC2C
	// EarlyLogoutIgnored leaves a stream open whose client logs out before its login.
	// Else it is closed as after any logout (§3).
	EarlyLogoutIgnored bool
	// KickedStays leaves a kicked UDP session logged in until it expires (§3, one
	// session a user, and §5). Else it is over, as on the other transports.
	KickedStays bool
	// BadDatagramEnds ends a UDP session with a bad message or an empty datagram
	// (§3), which anyone can send in its name. Else such a datagram is ignored.
	BadDatagramEnds bool
}

// Observed has every quirk of the observed server.
var Observed = Quirks{ForgedFrom: ForgedTaken, KickedStays: true, BadDatagramEnds: true}

// ForgedFrom is what a server does with data in another's name.
type ForgedFrom uint8

// Ways to treat data in another's name.
const (
	ForgedRefused ForgedFrom = iota // refused with error 4
	ForgedIgnored                   // refused without a word
	ForgedEnds                      // it ends the session
	ForgedTaken                     // passed on: from is not checked
)

// NamelessC2C is what a server does with a QoS message between clients that has no
// fingerprint.
type NamelessC2C uint8

// Ways to treat a message that no ACK could name.
const (
	NamelessPassedOn NamelessC2C = iota // delivered and not acknowledged
	NamelessIgnored                     // dropped
	NamelessEnds                        // it ends the session, as on the way to the server
)

// Hooks are where a server is given faults; a healthy one has none. They are
// called one at a time.
type Hooks struct {
	// Inbound replaces what came in on a session by what the rules get to see.
	Inbound func(from *Session, in Inbound) Inbound
	// Counts replaces the rule that every message received counts as activity
	// of its session and none that is sent does (§3 Expiry).
	Counts func(t wire.Type, sent bool) bool
	// Interpose replaces an effect by others, by none, or by itself.
	Interpose func(Effect) []Effect
}

// Policy is every duration that the rules depend on.
type Policy struct {
	Expiry         [len(wire.Transports)]time.Duration // by transport (§3)
	Retransmission qos.Policy                          // towards a receiver (§4)
	DedupMemory    time.Duration                       // of C → S fingerprints (§4)
	DedupSweep     time.Duration
	Phase          Phase // of retransmissions in their window

	// Delays between what the wire shows and its effect (§7). With 0 there is none.

	// RegistrationDelay passes between a login response and its effects: the
	// takeover of an older session, the login event, being online. What the
	// session sends meanwhile is handled after it, in order.
	RegistrationDelay time.Duration
	// KeepAlivesOvertake has a keep-alive that comes before the registration
	// answered at once: to the session that is registered for the user by then, or
	// to nobody (§7). Else it is held like everything that the session sends.
	KeepAlivesOvertake bool
	// DeregistrationDelay passes between the end of a session and the logout of
	// its user, who is listed as online until then. What is sent to the user
	// meanwhile counts as written and is lost.
	DeregistrationDelay time.Duration
	// DeafTime follows a datagram that ended its session: further ones from the
	// same address are lost in it.
	DeafTime time.Duration
	// Deliveries delays data on its way to its receiver, unless that is its sender. Their events and ACKs do not
	// wait; retransmissions do not either and count from the delayed first copy.
	Deliveries Delay
	// FastACKMissed is how soon after the first copy an ACK comes too early to be
	// found: the message is sent again at its time.
	FastACKMissed time.Duration
}

// DefaultPolicy has the times of §3 and §4 in the given sense modes, and no delays.
func DefaultPolicy(modes timing.Modes) Policy {
	p := Policy{Retransmission: qos.ServerPolicy, DedupMemory: qos.DedupMemory, DedupSweep: qos.DedupSweep}
	for _, t := range wire.Transports {
		p.Expiry[t] = modes[t].Expiry(t)
	}
	return p
}

// ObservedPolicy is DefaultPolicy with the delays of the observed server (§7).
func ObservedPolicy(modes timing.Modes) Policy {
	p := DefaultPolicy(modes)
	p.RegistrationDelay = time.Millisecond
	p.DeregistrationDelay = 5 * time.Millisecond
	p.DeafTime = 2 * time.Millisecond
	return p
}
