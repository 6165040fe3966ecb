package variants

import (
	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/websocket"
)

// choiceVariants do what a SHOULD advises against. Some of it the observed server does.
func choiceVariants() []Variant {
	forged := func(how server.ForgedFrom) func(*server.Config) {
		return func(c *server.Config) { c.Quirks.ForgedFrom = how }
	}
	fragments := func(how websocket.Fragments) func(*transport.Quirks) {
		return func(q *transport.Quirks) { q.Fragments = how }
	}
	const (
		datagramsProve = "whether a datagram may end the session of its address"
		fragmentsOpen  = "whether fragments make a message"
		otherPaths     = "whether another path, or a query, is answered"
	)
	return []Variant{
		{Name: "from-unchecked", Freedom: notChecked, Does: "accepts data whatever its from says", FallsShort: true, Policy: forged(server.ForgedTaken)},
		{Name: "forged-from-silent", Freedom: notChecked, Does: "drops data in another's name without an error", FallsShort: true, Policy: forged(server.ForgedIgnored)},
		{Name: "forged-from-closed", Freedom: notChecked, Does: "ends a session that sends data in another's name", FallsShort: true, Policy: forged(server.ForgedEnds)},
		{Name: "kicked-datagram-stays", Freedom: "whether a kick ends a UDP session", Does: "leaves a kicked UDP session logged in", FallsShort: true,
			Policy: func(c *server.Config) { c.Quirks.KickedStays = true }},
		{Name: "bad-datagram-ends", Freedom: datagramsProve, Does: "ends a UDP session on a bad or an empty datagram", FallsShort: true,
			Policy: func(c *server.Config) { c.Quirks.BadDatagramEnds = true }},
		{Name: "fragments-refused", Freedom: fragmentsOpen, Does: "closes a connection on a fragmented message", FallsShort: true, Listener: fragments(websocket.Refused)},
		{Name: "fragments-as-messages", Freedom: fragmentsOpen, Does: "reads the first fragment as a message and closes on any other", FallsShort: true, Listener: fragments(websocket.AsMessages)},
		{Name: "other-paths-mute", Freedom: otherPaths, Does: "does not answer a request for another path or with a query", FallsShort: true,
			Listener: func(q *transport.Quirks) { q.MuteOtherPaths = true }},
		{Name: "query-refused", Freedom: otherPaths, Does: "answers a request for the path with a query with 404", FallsShort: true,
			Listener: func(q *transport.Quirks) { q.QueryRefused = true }},
	}
}

// unobservedVariants behave in another way where nothing was observed.
func unobservedVariants() []Variant {
	nameless := func(how server.NamelessC2C) func(*server.Config) {
		return func(c *server.Config) { c.Quirks.NamelessC2C = how }
	}
	return []Variant{
		{Name: "nameless-c2c-dropped", Freedom: notObserved, Does: "drops a QoS message between clients that has no fingerprint", Policy: nameless(server.NamelessIgnored)},
		{Name: "nameless-c2c-closed", Freedom: notObserved, Does: "ends a session that sends one", Policy: nameless(server.NamelessEnds)},
		{Name: "logout-before-login-stays", Freedom: "a logout before the login may close a stream", Does: "leaves the stream open",
			Policy: func(c *server.Config) { c.Quirks.EarlyLogoutIgnored = true }},
	}
}
