package reference

import (
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// eventFaults misinform the application of what happened, and show nothing of it on
// the wire (§5).
func eventFaults() (faults []Fault) {
	faults = append(faults, alteredEventFaults()...)
	faults = append(faults, messageEventFaults()...)
	faults = append(faults, onceEventFaults()...)
	return append(faults, besidesEventFaults()...)
}

// alteredEventFaults tell the application of the right thing, with something else in
// it.
func alteredEventFaults() []Fault {
	otherUser := func(e *server.Event) { e.User += "!" }
	otherFP := func(e *server.Event) { e.Fingerprint = wire.Some(e.Fingerprint.Value() + "!") }
	return []Fault{
		{"verify-of-another-user", "the application hears that it verified another user", onEvent(server.EventVerify, otherUser)},
		{"verify-verdict-lost", "the application hears of verdict 0 whatever it was", onEvent(server.EventVerify, func(e *server.Event) { e.Code = wire.CodeOK })},
		{"login-of-another-user", "a login is reported of another user", onEvent(server.EventLogin, otherUser)},
		{"logout-of-another-user", "a logout is reported of another user", onEvent(server.EventLogout, otherUser)},
		{"logout-code-zero", "a logout without a kick is reported with code 0", onEvent(server.EventLogout, func(e *server.Event) {
			if e.Code == server.NoKick {
				e.Code = 0
			}
		})},
		{"offline-code-inverted", "the application hears that it stored what it did not store, and the other way round", onEvent(server.EventOffline, func(e *server.Event) {
			e.Code = server.Stored + server.NotStored - e.Code
		})},
		{"lost-of-another-message", "a loss is reported of another fingerprint", onEvent(server.EventLost, otherFP)},
		{"received-of-another-message", "an ACK is reported with another fingerprint", onEvent(server.EventReceived, otherFP)},
	}
}

// messageEventFaults show the application another message than the one that came.
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
			string(f.kind) + "-with-other-" + f.field, "the application is shown a message with another " + f.field + ": " + string(f.kind),
			onEvent(f.kind, func(e *server.Event) {
				shown := *e.Message
				f.change(&shown)
				e.Message = &shown
			}),
		})
	}
	return faults
}

// onceEventFaults take for known what the application has to hear of each time.
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
			string(f.kind) + "-once-a-" + f.what, "the application hears only once for each " + f.what + " of: " + string(f.kind),
			interceptAfresh(func() func(server.Effect) []server.Effect {
				known := map[string]bool{}
				return func(e server.Effect) []server.Effect {
					if reports(e, f.kind) {
						if known[f.key(e.Event)] {
							return nil
						}
						known[f.key(e.Event)] = true
					}
					return unchanged(e)
				}
			}),
		})
	}
	return faults
}

// besidesEventFaults tell the application of something that did not happen when
// something else did, or at another time than when it did.
func besidesEventFaults() []Fault {
	return []Fault{
		{"offline-asked-although-online", "the application is asked to store what is delivered", besides(server.EventC2C, server.EventOffline)},
		{"c2c-told-although-offline", "a message to a user who is not online is reported as written", besides(server.EventOffline, server.EventC2C)},
		{"lost-although-acknowledged", "a message that is acknowledged is reported as lost too", besides(server.EventReceived, server.EventLost)},
		{"received-of-all", "an ACK is reported with another fingerprint too", intercept(func(e server.Effect) []server.Effect {
			if !reports(e, server.EventReceived) {
				return unchanged(e)
			}
			other := e
			other.Event.Fingerprint = wire.Some(e.Event.Fingerprint.Value() + "!")
			return []server.Effect{e, other}
		})},
		{"received-told-at-delivery", "a message is reported as received when it is sent to its receiver, and not at its first ACK", interceptAfresh(receivedEarly)},
		{"c2c-told-of-second-copy", "the server's second copy is reported as a message between users", tamper(onSecondCopy(func(e server.Effect) []server.Effect {
			return []server.Effect{e, messageReport(server.EventC2C, e.Message)}
		}))},
		{"lost-told-at-second-copy", "a message is reported as lost when its second copy is sent", tamper(lostEarly)},
		{"lost-told-late", "a message is reported as lost 4 s after its time", interceptAfresh(lostLate)},
	}
}

func reports(e server.Effect, kind server.EventKind) bool {
	return e.Kind == server.Report && e.Event.Kind == kind
}

// onEvent changes the events of one kind.
func onEvent(kind server.EventKind, change func(e *server.Event)) func(*behaviour) {
	return intercept(func(e server.Effect) []server.Effect {
		if reports(e, kind) {
			change(&e.Event)
		}
		return unchanged(e)
	})
}

// besides reports an event of another kind after each of one kind.
func besides(kind, another server.EventKind) func(*behaviour) {
	return intercept(func(e server.Effect) []server.Effect {
		if !reports(e, kind) {
			return unchanged(e)
		}
		other := e
		other.Event.Kind, other.Event.Code = another, server.NotStored
		return []server.Effect{e, other}
	})
}

func messageReport(kind server.EventKind, m wire.Message) server.Effect {
	return server.Effect{Kind: server.Report, Event: server.Event{Kind: kind, User: m.To.Value(), Fingerprint: m.Fingerprint, Message: &m}}
}

// onSecondCopy is for faults that know the server's retransmissions: there are more
// copies than came in.
func onSecondCopy(change func(server.Effect) []server.Effect) func() server.Hooks {
	return func() server.Hooks {
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

// receivedEarly reports each fingerprint once without an ACK.
func receivedEarly() func(server.Effect) []server.Effect {
	told, acknowledged := map[wire.Text]bool{}, map[wire.Text]bool{}
	return func(e server.Effect) []server.Effect {
		fp := e.Message.Fingerprint
		switch {
		case sends(e, wire.TypeData) && e.Message.QoS && !told[fp]:
			told[fp] = true
			return []server.Effect{e, messageReport(server.EventReceived, e.Message)}
		case reports(e, server.EventReceived) && told[e.Event.Fingerprint] && !acknowledged[e.Event.Fingerprint]:
			acknowledged[e.Event.Fingerprint] = true
			return nil
		}
		return unchanged(e)
	}
}

// lostEarly leaves out the report that comes in time.
func lostEarly() server.Hooks {
	told := map[wire.Text]bool{}
	hooks := onSecondCopy(func(e server.Effect) []server.Effect {
		told[e.Message.Fingerprint] = true
		return []server.Effect{e, messageReport(server.EventLost, e.Message)}
	})()
	copied := hooks.Interpose
	hooks.Interpose = func(e server.Effect) []server.Effect {
		if reports(e, server.EventLost) && told[e.Event.Fingerprint] {
			return nil
		}
		return copied(e)
	}
	return hooks
}

// lostLate holds reports back until something happens after their time.
func lostLate() func(server.Effect) []server.Effect {
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
