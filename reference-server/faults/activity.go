package faults

import "imcheck/protocol/wire"

// activityFaults keep sessions alive by other messages than §3 Expiry says.
func activityFaults() []Fault {
	received := func(which func(wire.Type) bool) func(t wire.Type, sent bool) bool {
		return func(t wire.Type, sent bool) bool { return !sent && which(t) }
	}
	return []Fault{
		{Name: "login-not-counted", Does: "a login does not count as activity", Activity: received(is(wire.TypeLogin))},
		{Name: "keep-alive-not-counted", Does: "a keep-alive does not count as activity", Activity: received(is(wire.TypeKeepAlive))},
		{Name: "echo-not-counted", Does: "an echo does not count as activity", Activity: received(is(wire.TypeEcho))},
		{Name: "data-not-counted", Does: "data does not count as activity", Activity: received(is(wire.TypeData))},
		{Name: "ack-not-counted", Does: "an ACK does not count as activity", Activity: received(is(wire.TypeReceived))},
		{Name: "unknown-type-not-counted", Does: "a message of an unknown type does not count as activity", Activity: received(unknown)},
		{Name: "sent-counted", Does: "what the server sends counts as activity", Activity: func(_ wire.Type, sent bool) bool { return sent }},
	}
}
