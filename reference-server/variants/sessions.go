package variants

import (
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// missedACKs is the time within which an ACK comes too early to be found. A client on the
// same machine is that fast.
const missedACKs = 100 * time.Millisecond

// expiryLate is within the tolerance of any tester.
const expiryLate = 90 * time.Millisecond

// sessionVariants begin and end sessions at another time than the wire shows.
func sessionVariants() []Variant {
	return []Variant{
		{Name: "registration-late", Freedom: effectsLate, Does: "registers a user 400 ms after the login response, and handles what the session sends after that",
			Policy: func(c *server.Config) { c.Policy.RegistrationDelay = max(c.Policy.RegistrationDelay, late) }},
		{Name: "keep-alive-overtakes", Freedom: effectsLate, Does: "registers a user 400 ms after the login response, and answers a keep-alive before that to the session of the user that is registered by then, or to nobody",
			Policy: func(c *server.Config) {
				c.Policy.RegistrationDelay, c.Policy.KeepAlivesOvertake = max(c.Policy.RegistrationDelay, late), true
			}},
		{Name: "registered-before-response", Freedom: effectsLate, Does: "registers a user 500 ms before the login response",
			Timing: func(t *gateway.Timing) { delay(&t.LoginResponses, constant(halfLate)) }},
		{Name: "replaced-reported", Freedom: effectsLate, Does: "reports the end of a stream's session that a new one replaces, with code 1 and before the login of the new one",
			Policy: func(c *server.Config) { c.Quirks.ReplacedReported = true }},
		{Name: "takeover-lost", Freedom: effectsLate, Does: "loses the registration of a session that replaces a stream's one, until it logs in again, and reports the end of the old one with code 1",
			Policy: func(c *server.Config) { c.Quirks.TakeoverLost = true }},
		{Name: "end-late", Freedom: effectsLate, Does: "lists a user, and sends to them, for 400 ms after the end of the session",
			Policy: func(c *server.Config) { c.Policy.DeregistrationDelay = max(c.Policy.DeregistrationDelay, late) }},
		{Name: "online-list-stale", Freedom: effectsLate, Does: "gives out the same list of users for 400 ms",
			Timing: func(t *gateway.Timing) { t.OnlineFor = max(t.OnlineFor, late) }},
	}
}

// retransmissionVariants send the second copy at other times of its window.
func retransmissionVariants() []Variant {
	at := func(phase server.Phase) func(*server.Config) {
		return func(c *server.Config) { c.Policy.Phase = max(c.Policy.Phase, phase) }
	}
	return []Variant{
		{Name: "retransmission-earliest", Freedom: anywhereInTime, Does: "sends the second copy 2 s after the first", Policy: at(server.Earliest)},
		{Name: "retransmission-latest", Freedom: anywhereInTime, Does: "sends the second copy 7 s after the first", Policy: at(server.Latest)},
		{Name: "retransmission-uneven", Freedom: anywhereInTime, Does: "sends each second copy at a random time", Policy: at(server.Uneven)},
		{Name: "acks-missed", Freedom: "an ACK may be missed", Does: "does not find an ACK within 100 ms of the message, and sends it once more", FallsShort: true,
			Policy: func(c *server.Config) { c.Policy.FastACKMissed = max(c.Policy.FastACKMissed, missedACKs) }},
	}
}

// expiryVariants close silent sessions late.
func expiryVariants() []Variant {
	return []Variant{{Name: "expiry-late", Freedom: "times have no ceiling but the tester's tolerance", Does: "lets sessions expire 90 ms late",
		Policy: func(c *server.Config) {
			for _, t := range wire.Transports {
				c.Policy.Expiry[t] += expiryLate
			}
		}}}
}
