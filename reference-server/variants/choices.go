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

// rareVariants behave in another way where no client goes, so that no rule is needed.
func rareVariants() []Variant {
	nameless := func(how server.NamelessC2C) func(*server.Config) {
		return func(c *server.Config) { c.Quirks.NamelessC2C = how }
	}
	receiverless := func(how server.Receiverless) func(*server.Config) {
		return func(c *server.Config) { c.Quirks.Receiverless = how }
	}
	former := func(what server.FormerUser) func(*server.Config) {
		return func(c *server.Config) { c.Quirks.FormerUser = what }
	}
	const (
		namelessOpen     = "what is done with QoS data between users that has no fingerprint"
		receiverlessOpen = "what is done with data that names no receiver"
		formerOpen       = "what becomes of a user when another one logs in on their session"
	)
	return []Variant{
		{Name: "nameless-c2c-untold", Freedom: namelessOpen, Does: "delivers such a message, and does not report it", Policy: nameless(server.NamelessUntold)},
		{Name: "nameless-c2c-dropped", Freedom: namelessOpen, Does: "drops a QoS message between clients that has no fingerprint", Policy: nameless(server.NamelessIgnored)},
		{Name: "nameless-c2c-closed", Freedom: namelessOpen, Does: "ends a session that sends one", Policy: nameless(server.NamelessEnds)},
		{Name: "receiverless-dropped", Freedom: receiverlessOpen, Does: "drops it", Policy: receiverless(server.ReceiverlessIgnored)},
		{Name: "receiverless-offline", Freedom: receiverlessOpen, Does: "treats it as data to a user who is not online", Policy: receiverless(server.ReceiverlessOffline)},
		{Name: "former-user-forgotten", Freedom: formerOpen, Does: "lists them no more, and reports no logout", Policy: former(server.FormerForgotten)},
		{Name: "former-user-stays", Freedom: formerOpen, Does: "goes on listing them, and sends what is for them to the session, until they log in elsewhere", Policy: former(server.FormerStays)},
		{Name: "logout-before-login-stays", Freedom: "a logout before the login may close a stream", Does: "leaves the stream open",
			Policy: func(c *server.Config) { c.Quirks.EarlyLogoutIgnored = true }},
	}
}
