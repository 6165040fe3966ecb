package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// closeFaults leave connections open that §3 closes.
func closeFaults() []Fault {
	return []Fault{
		{Name: "close-missing", Does: "the server never closes a connection", Effects: func(e server.Effect) []server.Effect {
			if e.Kind == server.Close {
				return nil
			}
			return unchanged(e)
		}},
		{Name: "refused-login-stays-open", Does: "a connection whose login was refused is not closed", Hooks: openAfter(wire.TypeLoginResponse)},
		{Name: "not-logged-in-stays-open", Does: "a connection that got error 301 is not closed", Hooks: openAfter(wire.TypeErrorResponse)},
		{Name: "kicked-stays-open", Does: "a kicked connection is not closed", Hooks: openAfter(wire.TypeKickout)},
	}
}

// openAfter leaves sessions open whose last message was of the given type.
func openAfter(last wire.Type) hooksFor {
	return remembering(func() effectChange {
		var previous server.Effect
		return func(e server.Effect) []server.Effect {
			sent := previous.Kind == server.Send && previous.Session == e.Session && previous.Message.Type == last
			previous = e
			if e.Kind == server.Close && sent {
				return nil
			}
			return unchanged(e)
		}
	})
}
