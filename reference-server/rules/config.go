package rules

import (
	"time"

	"imcheck/harness/qos"
	"imcheck/harness/timing"
	"imcheck/harness/wire"
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
	// Interpose replaces an effect by others, by none, or by itself. It is the
	// hook for faults; nil for a healthy server.
	Interpose func(Effect) []Effect
}

// Policy is every duration that the rules depend on.
type Policy struct {
	Expiry         [len(wire.Transports)]time.Duration // by transport (§3)
	Retransmission qos.Policy                          // towards a receiver (§4)
	DedupMemory    time.Duration                       // of C → S fingerprints (§4)
	DedupSweep     time.Duration
}

// DefaultPolicy is the observed server's in the given sense modes.
func DefaultPolicy(modes timing.Modes) Policy {
	p := Policy{Retransmission: qos.ServerPolicy, DedupMemory: qos.DedupMemory, DedupSweep: qos.DedupSweep}
	for _, t := range wire.Transports {
		p.Expiry[t] = modes[t].Expiry(t)
	}
	return p
}

// Limits bound what strangers can make the server hold.
type Limits struct {
	// Unlogged is how many TCP and WebSocket connections may be open without a
	// login; a further one is dropped as it comes in. A stranger on UDP holds
	// nothing: a session begins with its login.
	Unlogged int
	// SessionsPerSource is how many UDP sessions one IP address may hold; the
	// login of a further one is passed over.
	SessionsPerSource int
}

// DefaultLimits suit a test server on one machine.
var DefaultLimits = Limits{Unlogged: 12_000, SessionsPerSource: 60_000}
