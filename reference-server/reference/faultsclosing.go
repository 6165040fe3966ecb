package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// closeFaults leave connections open that §3 closes.
func closeFaults() []Fault {
	return []Fault{
		{"close-missing", "the server never closes a connection", intercept(func(e server.Effect) []server.Effect {
			if e.Kind == server.Close {
				return nil
			}
			return unchanged(e)
		})},
		{"refused-login-stays-open", "a connection whose login was refused is not closed", openAfter(wire.TypeLoginResponse)},
		{"not-logged-in-stays-open", "a connection that got error 301 is not closed", openAfter(wire.TypeErrorResponse)},
		{"kicked-stays-open", "a kicked connection is not closed", openAfter(wire.TypeKickout)},
	}
}

// openAfter leaves a session open whose last message was of the given type.
func openAfter(last wire.Type) func(*behaviour) {
	return interceptAfresh(func() func(server.Effect) []server.Effect {
		var previous server.Effect
		return func(e server.Effect) []server.Effect {
			told := previous.Kind == server.Send && previous.Session == e.Session && previous.Message.Type == last
			previous = e
			if e.Kind == server.Close && told {
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
		faults = append(faults, Fault{string(kind) + "-not-reported", "the application does not hear of: " + string(kind), onReport(kind, 0)})
	}
	for _, kind := range []server.EventKind{
		server.EventVerify, server.EventLogin, server.EventLogout, server.EventC2S, server.EventC2C, server.EventOffline, server.EventLost, server.EventReceived,
	} {
		faults = append(faults, Fault{string(kind) + "-reported-twice", "the application hears twice of: " + string(kind), onReport(kind, 2)})
	}
	faults = append(faults, Fault{"refused-login-reported", "a login that was refused is reported as one", intercept(func(e server.Effect) []server.Effect {
		if e.Kind == server.Report && e.Event.Kind == server.EventVerify && e.Event.Code != wire.CodeOK {
			return []server.Effect{e, {Kind: server.Report, Event: server.Event{Kind: server.EventLogin, User: e.Event.User}}}
		}
		return unchanged(e)
	})})
	return append(faults, Fault{"logout-code-lost", "a logout is reported without the kick code", intercept(func(e server.Effect) []server.Effect {
		if e.Kind == server.Report && e.Event.Kind == server.EventLogout {
			e.Event.Code = server.NoKick
		}
		return unchanged(e)
	})})
}

// onReport makes so many events of each of one kind.
func onReport(kind server.EventKind, times int) func(*behaviour) {
	return intercept(func(e server.Effect) (out []server.Effect) {
		if e.Kind != server.Report || e.Event.Kind != kind {
			return unchanged(e)
		}
		for range times {
			out = append(out, e)
		}
		return out
	})
}
