package server

import (
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// closeFaults leave connections open that §3 closes.
func closeFaults() []Fault {
	return []Fault{
		{"close-missing", "the server never closes a connection", intercept(func(e rules.Effect) []rules.Effect {
			if e.Kind == rules.Close {
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
	return interceptAfresh(func() func(rules.Effect) []rules.Effect {
		var previous rules.Effect
		return func(e rules.Effect) []rules.Effect {
			told := previous.Kind == rules.Send && previous.Session == e.Session && previous.Message.Type == last
			previous = e
			if e.Kind == rules.Close && told {
				return nil
			}
			return unchanged(e)
		}
	})
}

// reportFaults misinform the application (§5).
func reportFaults() (faults []Fault) {
	for _, kind := range []rules.EventKind{
		rules.EventVerify, rules.EventLogin, rules.EventLogout, rules.EventC2S, rules.EventC2C,
		rules.EventOffline, rules.EventLost, rules.EventReceived,
	} {
		faults = append(faults, Fault{string(kind) + "-not-reported", "the application does not hear of: " + string(kind), onReport(kind, 0)})
	}
	for _, kind := range []rules.EventKind{
		rules.EventVerify, rules.EventLogin, rules.EventLogout, rules.EventC2S, rules.EventC2C, rules.EventOffline, rules.EventLost, rules.EventReceived,
	} {
		faults = append(faults, Fault{string(kind) + "-reported-twice", "the application hears twice of: " + string(kind), onReport(kind, 2)})
	}
	faults = append(faults, Fault{"refused-login-reported", "a login that was refused is reported as one", intercept(func(e rules.Effect) []rules.Effect {
		if e.Kind == rules.Report && e.Event.Kind == rules.EventVerify && e.Event.Code != wire.CodeOK {
			return []rules.Effect{e, {Kind: rules.Report, Event: rules.Event{Kind: rules.EventLogin, User: e.Event.User}}}
		}
		return unchanged(e)
	})})
	return append(faults, Fault{"logout-code-lost", "a logout is reported without the kick code", intercept(func(e rules.Effect) []rules.Effect {
		if e.Kind == rules.Report && e.Event.Kind == rules.EventLogout {
			e.Event.Code = rules.NoKick
		}
		return unchanged(e)
	})})
}

// onReport makes so many events of each of one kind.
func onReport(kind rules.EventKind, times int) func(*behaviour) {
	return intercept(func(e rules.Effect) (out []rules.Effect) {
		if e.Kind != rules.Report || e.Event.Kind != kind {
			return unchanged(e)
		}
		for range times {
			out = append(out, e)
		}
		return out
	})
}
