package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/websocket"
)

// choiceVariants take what a SHOULD advises against; some are what the observed
// server does.
func choiceVariants() []Variant {
	forged := func(how server.ForgedFrom) func(*behaviour) {
		return func(b *behaviour) { b.Quirks.ForgedFrom = how }
	}
	fragments := func(how websocket.Fragments) func(*behaviour) {
		return func(b *behaviour) { b.listening.Fragments = how }
	}
	const (
		datagramsProve = "whether a datagram may end the session of its address"
		fragmentsOpen  = "whether fragments make a message"
		otherPaths     = "whether another path, or a query, is answered"
	)
	return []Variant{
		{Name: "from-unchecked", Freedom: notChecked, Does: "takes data whatever its from says", FallsShort: true, apply: forged(server.ForgedTaken)},
		{Name: "forged-from-silent", Freedom: notChecked, Does: "drops data in another's name without an error", FallsShort: true, apply: forged(server.ForgedIgnored)},
		{Name: "forged-from-closed", Freedom: notChecked, Does: "ends a session that sends data in another's name", FallsShort: true, apply: forged(server.ForgedEnds)},
		{Name: "kicked-datagram-stays", Freedom: "whether a kick ends a UDP session", Does: "leaves a kicked UDP session logged in", FallsShort: true,
			apply: func(b *behaviour) { b.Quirks.KickedStays = true }},
		{Name: "bad-datagram-ends", Freedom: datagramsProve, Does: "ends a UDP session on a bad or an empty datagram", FallsShort: true,
			apply: func(b *behaviour) { b.Quirks.BadDatagramEnds = true }},
		{Name: "fragments-refused", Freedom: fragmentsOpen, Does: "closes a connection on a fragmented message", FallsShort: true, apply: fragments(websocket.Refused)},
		{Name: "fragments-as-messages", Freedom: fragmentsOpen, Does: "takes the first fragment for a message and closes on any other", FallsShort: true, apply: fragments(websocket.AsMessages)},
		{Name: "other-paths-mute", Freedom: otherPaths, Does: "does not answer a request for another path or with a query", FallsShort: true,
			apply: func(b *behaviour) { b.listening.MuteOtherPaths = true }},
		{Name: "query-refused", Freedom: otherPaths, Does: "answers a request for the path with a query with 404", FallsShort: true,
			apply: func(b *behaviour) { b.listening.QueryRefused = true }},
	}
}

// unobservedVariants do something else where nothing was observed.
func unobservedVariants() []Variant {
	nameless := func(how server.NamelessC2C) func(*behaviour) {
		return func(b *behaviour) { b.Quirks.NamelessC2C = how }
	}
	return []Variant{
		{Name: "nameless-c2c-dropped", Freedom: notObserved, Does: "drops a QoS message between clients that has no fingerprint", apply: nameless(server.NamelessIgnored)},
		{Name: "nameless-c2c-closed", Freedom: notObserved, Does: "ends a session that sends one", apply: nameless(server.NamelessEnds)},
		{Name: "logout-before-login-stays", Freedom: "a logout before the login may close a stream", Does: "leaves the stream open",
			apply: func(b *behaviour) { b.Quirks.EarlyLogoutIgnored = true }},
	}
}
