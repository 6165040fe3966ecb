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

// reportFaults misinform the application (§5).
func reportFaults() (faults []Fault) {
	for _, kind := range []server.EventKind{
		server.EventVerify, server.EventLogin, server.EventLogout, server.EventC2S, server.EventC2C,
		server.EventOffline, server.EventLost, server.EventReceived,
	} {
		faults = append(faults, Fault{Name: string(kind) + "-not-reported", Does: "the application does not hear of: " + string(kind), Effects: onReport(kind, 0)})
	}
	for _, kind := range []server.EventKind{
		server.EventVerify, server.EventLogin, server.EventLogout, server.EventC2S, server.EventC2C, server.EventOffline, server.EventLost, server.EventReceived,
	} {
		faults = append(faults, Fault{Name: string(kind) + "-reported-twice", Does: "the application hears twice of: " + string(kind), Effects: onReport(kind, 2)})
	}
	faults = append(faults, Fault{Name: "refused-login-reported", Does: "a login that was refused is reported as one", Effects: func(e server.Effect) []server.Effect {
		if e.Kind == server.Report && e.Event.Kind == server.EventVerify && e.Event.Code != wire.CodeOK {
			return []server.Effect{e, {Kind: server.Report, Event: server.Event{Kind: server.EventLogin, User: e.Event.User}}}
		}
		return unchanged(e)
	}})
	return append(faults, Fault{Name: "logout-code-lost", Does: "a logout is reported without the kick code", Effects: func(e server.Effect) []server.Effect {
		if e.Kind == server.Report && e.Event.Kind == server.EventLogout {
			e.Event.Code = server.NoKick
		}
		return unchanged(e)
	}})
}

// onReport reports each event of one kind a number of times.
func onReport(kind server.EventKind, times int) effectChange {
	return func(e server.Effect) (out []server.Effect) {
		if e.Kind != server.Report || e.Event.Kind != kind {
			return unchanged(e)
		}
		for range times {
			out = append(out, e)
		}
		return out
	}
}
