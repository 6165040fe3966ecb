package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/websocket"
)

// quirkFaults are what the observed server does where more is asked for; all of
// them together are Config.AsObserved.
func quirkFaults() []Fault {
	return []Fault{
		{"from-unchecked", "data is taken whatever its from says", func(b *behaviour) { b.Quirks.ForgedFrom = server.ForgedTaken }},
		{"kicked-stays", "a kicked UDP session stays logged in", func(b *behaviour) { b.Quirks.KickedStays = true }},
		{"bad-datagram-ends", "a bad datagram ends the session", func(b *behaviour) { b.Quirks.BadDatagramEnds = true }},
		{"fragments-refused", "a fragmented WebSocket message closes the connection", func(b *behaviour) { b.listening.Fragments = websocket.Refused }},
		{"other-paths-mute", "a request for another path, or with a query, gets no answer", func(b *behaviour) { b.listening.MuteOtherPaths = true }},
	}
}
