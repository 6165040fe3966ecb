package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// noType is a message type that means nothing: such a message counts as
// activity and is otherwise ignored (§3 Unknown type).
const noType wire.Type = 99

// typeFaults mistake messages for those of another type (§3 Unknown type).
func typeFaults() []Fault {
	return []Fault{
		{Name: "unknown-type-bad", Does: "a message of an unknown type ends the session", Inbound: onType(unknown, func(in *server.Inbound) { *in = ending(*in) })},
		{Name: "unknown-type-answered", Does: "a message of an unknown type is read as a keep-alive", Inbound: onType(unknown, func(in *server.Inbound) { in.Message.Type = wire.TypeKeepAlive })},
		{Name: "server-type-bad", Does: "a message of a type that only a server sends ends the session", Inbound: onType(serverOnlyType, func(in *server.Inbound) { *in = ending(*in) })},
		{Name: "logout-ignored", Does: "a logout is ignored", Inbound: onType(is(wire.TypeLogout), func(in *server.Inbound) { in.Message.Type = noType })},
		{Name: "early-logout-refused", Does: "a logout before the login gets error 301", Hooks: earlyLogoutRefused},
		{Name: "ack-ignored", Does: "a client's ACK is ignored", Inbound: onType(is(wire.TypeReceived), func(in *server.Inbound) { in.Message.Type = noType })},
	}
}

// earlyLogoutRefused reads a logout before the login as data, and has error 301 quote the
// logout.
func earlyLogoutRefused(server.Config) server.Hooks {
	var logout wire.Message // logout being handled; the zero value for none
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			logout = wire.Message{}
			if in.Message.Type == wire.TypeLogout && !from.LoggedIn() {
				logout = in.Message
				in.Message.Type = wire.TypeData
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeErrorResponse) && logout.Type == wire.TypeLogout {
				e.Message = wire.NewErrorResponse(wire.CodeServerNotLoggedIn, logout)
			}
			return unchanged(e)
		},
	}
}

// ending replaces a message by one that ends its session, on UDP too.
func ending(in server.Inbound) server.Inbound {
	return server.Inbound{Message: wire.NewLogout(""), Body: in.Body}
}

func onType(which func(wire.Type) bool, change func(in *server.Inbound)) inboundChange {
	return func(_ *server.Session, in server.Inbound) server.Inbound {
		if !in.Bad && !in.Ignored && which(in.Message.Type) {
			change(&in)
		}
		return in
	}
}

func is(kind wire.Type) func(wire.Type) bool {
	return func(t wire.Type) bool { return t == kind }
}

func serverOnlyType(t wire.Type) bool {
	return wire.TypeLoginResponse <= t && t <= wire.TypeKickout
}

func unknown(t wire.Type) bool {
	return !serverOnlyType(t) && (t < wire.TypeLogin || t > wire.TypeEcho)
}
