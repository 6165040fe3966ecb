package faults

import (
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/qos"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// reportFaults misinform the application (§5).
func reportFaults() (faults []Fault) {
	for _, kind := range controlapi.AllEvents() {
		faults = append(faults, Fault{Name: string(kind) + "-not-reported", Does: "the application does not hear of: " + string(kind), Effects: onReport(kind, 0)})
	}
	for _, kind := range controlapi.AllEvents() {
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

// eventFaults misinform the application about what happened, and show nothing of it on
// the wire (§5).
func eventFaults() (faults []Fault) {
	faults = append(faults, alteredEventFaults()...)
	faults = append(faults, messageEventFaults()...)
	faults = append(faults, onceEventFaults()...)
	return append(faults, besidesEventFaults()...)
}

// alteredEventFaults report the right events with wrong contents.
func alteredEventFaults() []Fault {
	otherUser := func(e *server.Event) { e.User += "!" }
	otherFP := func(e *server.Event) { e.Fingerprint = wire.Some(e.Fingerprint.Value() + "!") }
	return []Fault{
		{Name: "verify-of-another-user", Does: "a verification is reported of another user", Effects: onEvent(server.EventVerify, otherUser)},
		{Name: "verify-verdict-lost", Does: "verdict 0 is reported whatever it was", Effects: onEvent(server.EventVerify, func(e *server.Event) { e.Code = wire.CodeOK })},
		{Name: "login-of-another-user", Does: "a login is reported of another user", Effects: onEvent(server.EventLogin, otherUser)},
		{Name: "logout-of-another-user", Does: "a logout is reported of another user", Effects: onEvent(server.EventLogout, otherUser)},
		{Name: "logout-code-zero", Does: "a logout without a kick is reported with code 0", Effects: onEvent(server.EventLogout, func(e *server.Event) {
			if e.Code == server.NoKick {
				e.Code = 0
			}
		})},
		{Name: "offline-code-inverted", Does: "a message that is not stored is reported as stored, and the other way round", Effects: onEvent(server.EventOffline, func(e *server.Event) {
			e.Code = server.Stored + server.NotStored - e.Code
		})},
		{Name: "lost-of-another-message", Does: "a loss is reported of another fingerprint", Effects: onEvent(server.EventLost, otherFP)},
		{Name: "received-of-another-message", Does: "an ACK is reported with another fingerprint", Effects: onEvent(server.EventReceived, otherFP)},
	}
}

// messageEventFaults report another message than the one that arrived.
func messageEventFaults() (faults []Fault) {
	for _, f := range []struct {
		kind   server.EventKind
		field  string
		change func(m *wire.Message)
	}{
		{server.EventC2S, "content", otherContent},
		{server.EventC2S, "sender", fromServer},
		{server.EventC2S, "user-type", otherUserType},
		{server.EventC2C, "content", otherContent},
		{server.EventC2C, "sender", fromServer},
		{server.EventC2C, "receiver", toNobody},
		{server.EventC2C, "user-type", otherUserType},
		{server.EventOffline, "content", otherContent},
		{server.EventOffline, "receiver", toNobody},
		{server.EventLost, "content", otherContent},
	} {
		faults = append(faults, Fault{
			Name: string(f.kind) + "-with-other-" + f.field,
			Does: "the application is shown a message with another " + f.field + ": " + string(f.kind),
			Effects: onEvent(f.kind, func(e *server.Event) {
				shown := *e.Message
				f.change(&shown)
				e.Message = &shown
			}),
		})
	}
	return faults
}

// onceEventFaults report only once what has to be reported each time.
func onceEventFaults() (faults []Fault) {
	ofUser := func(e server.Event) string { return e.User }
	ofFingerprint := func(e server.Event) string { return e.Fingerprint.Value() }
	for _, f := range []struct {
		kind server.EventKind
		what string
		key  func(server.Event) string
	}{
		{server.EventVerify, "user", ofUser},
		{server.EventLogin, "user", ofUser},
		{server.EventC2C, "fingerprint", ofFingerprint},
		{server.EventOffline, "fingerprint", ofFingerprint},
		{server.EventReceived, "fingerprint", ofFingerprint},
	} {
		faults = append(faults, Fault{
			Name:  string(f.kind) + "-once-a-" + f.what,
			Does:  "the application is told only once for each " + f.what + " of: " + string(f.kind),
			Hooks: remembering(onlyOnce(f.kind, f.key)),
		})
	}
	return faults
}

// onlyOnce drops the events of one kind whose key was seen before.
func onlyOnce(kind server.EventKind, key func(server.Event) string) func() effectChange {
	return func() effectChange {
		seen := map[string]bool{}
		return func(e server.Effect) []server.Effect {
			if reports(e, kind) {
				if seen[key(e.Event)] {
					return nil
				}
				seen[key(e.Event)] = true
			}
			return unchanged(e)
		}
	}
}

// besidesEventFaults report events that did not happen, or at the wrong time.
func besidesEventFaults() []Fault {
	return []Fault{
		{Name: "offline-asked-although-online", Does: "the application is asked to store what is delivered", Effects: besides(server.EventC2C, server.EventOffline)},
		{Name: "c2c-told-although-offline", Does: "a message to a user who is not online is reported as written", Effects: besides(server.EventOffline, server.EventC2C)},
		{Name: "lost-although-acknowledged", Does: "a message that is acknowledged is reported as lost too", Effects: besides(server.EventReceived, server.EventLost)},
		{Name: "received-of-all", Does: "an ACK is reported with another fingerprint too", Effects: func(e server.Effect) []server.Effect {
			if !reports(e, server.EventReceived) {
				return unchanged(e)
			}
			other := e
			other.Event.Fingerprint = wire.Some(e.Event.Fingerprint.Value() + "!")
			return []server.Effect{e, other}
		}},
		{Name: "received-told-at-delivery", Does: "a message is reported as received when it is sent to its receiver, and not at its first ACK", Hooks: remembering(receivedEarly)},
		{Name: "c2c-told-of-second-copy", Does: "the server's second copy is reported as a message between users", Hooks: onSecondCopy(func(e server.Effect) []server.Effect {
			return []server.Effect{e, messageReport(server.EventC2C, e.Message)}
		})},
		{Name: "lost-told-at-second-copy", Does: "a message is reported as lost when its second copy is sent", Hooks: lostEarly},
		{Name: "lost-told-late", Does: "a message is reported as lost 4 s after its time", Hooks: remembering(lostLate)},
	}
}

// onEvent changes the events of one kind.
func onEvent(kind server.EventKind, change func(e *server.Event)) effectChange {
	return func(e server.Effect) []server.Effect {
		if reports(e, kind) {
			change(&e.Event)
		}
		return unchanged(e)
	}
}

// besides reports an event of another kind after each of one kind.
func besides(kind, another server.EventKind) effectChange {
	return func(e server.Effect) []server.Effect {
		if !reports(e, kind) {
			return unchanged(e)
		}
		other := e
		other.Event.Kind, other.Event.Code = another, server.NotStored
		return []server.Effect{e, other}
	}
}

func messageReport(kind server.EventKind, m wire.Message) server.Effect {
	return server.Effect{Kind: server.Report, Event: server.Event{Kind: kind, User: m.To.Value(), Fingerprint: m.Fingerprint, Message: &m}}
}

// onSecondCopy changes the retransmissions of the server. It recognizes them because more
// copies go out than came in.
func onSecondCopy(change func(server.Effect) []server.Effect) func(server.Config) server.Hooks {
	return func(server.Config) server.Hooks {
		due := map[wire.Text]int{}
		return server.Hooks{
			Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
				if betweenClients(in.Message) {
					due[in.Message.Fingerprint]++
				}
				return in
			},
			Interpose: func(e server.Effect) []server.Effect {
				if !sends(e, wire.TypeData) || !betweenClients(e.Message) {
					return unchanged(e)
				}
				if due[e.Message.Fingerprint]--; due[e.Message.Fingerprint] >= 0 {
					return unchanged(e)
				}
				return change(e)
			},
		}
	}
}

// receivedEarly reports each fingerprint when it is sent, and leaves out its first ACK.
func receivedEarly() effectChange {
	reported, acknowledged := map[wire.Text]bool{}, map[wire.Text]bool{}
	return func(e server.Effect) []server.Effect {
		fp := e.Message.Fingerprint
		switch {
		case sends(e, wire.TypeData) && e.Message.QoS && !reported[fp]:
			reported[fp] = true
			return []server.Effect{e, messageReport(server.EventReceived, e.Message)}
		case reports(e, server.EventReceived) && reported[e.Event.Fingerprint] && !acknowledged[e.Event.Fingerprint]:
			acknowledged[e.Event.Fingerprint] = true
			return nil
		}
		return unchanged(e)
	}
}

// lostEarly reports a loss at the second copy, and leaves out the report at its time.
func lostEarly(c server.Config) server.Hooks {
	reported := map[wire.Text]bool{}
	hooks := onSecondCopy(func(e server.Effect) []server.Effect {
		reported[e.Message.Fingerprint] = true
		return []server.Effect{e, messageReport(server.EventLost, e.Message)}
	})(c)
	copied := hooks.Interpose
	hooks.Interpose = func(e server.Effect) []server.Effect {
		if reports(e, server.EventLost) && reported[e.Event.Fingerprint] {
			return nil
		}
		return copied(e)
	}
	return hooks
}

// lostLate holds back reports of losses until the first effect after their time.
func lostLate() effectChange {
	const late = qos.SweepEvery - time.Second
	var held []server.Effect
	return func(e server.Effect) (out []server.Effect) {
		for len(held) > 0 && e.Since.Sub(held[0].Since) >= late {
			due := held[0]
			due.Since = e.Since
			out, held = append(out, due), held[1:]
		}
		if reports(e, server.EventLost) {
			held = append(held, e)
			return out
		}
		return append(out, e)
	}
}
