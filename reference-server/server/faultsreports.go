package server

import (
	"time"

	"imcheck/harness/qos"
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
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
	otherUser := func(e *rules.Event) { e.User += "!" }
	otherFP := func(e *rules.Event) { e.Fingerprint = wire.Some(e.Fingerprint.Value() + "!") }
	return []Fault{
		{"verify-of-another-user", "the application hears that it verified another user", onEvent(rules.EventVerify, otherUser)},
		{"verify-verdict-lost", "the application hears of verdict 0 whatever it was", onEvent(rules.EventVerify, func(e *rules.Event) { e.Code = wire.CodeOK })},
		{"login-of-another-user", "a login is reported of another user", onEvent(rules.EventLogin, otherUser)},
		{"logout-of-another-user", "a logout is reported of another user", onEvent(rules.EventLogout, otherUser)},
		{"logout-code-zero", "a logout without a kick is reported with code 0", onEvent(rules.EventLogout, func(e *rules.Event) {
			if e.Code == rules.NoKick {
				e.Code = 0
			}
		})},
		{"offline-code-inverted", "the application hears that it stored what it did not store, and the other way round", onEvent(rules.EventOffline, func(e *rules.Event) {
			e.Code = rules.Stored + rules.NotStored - e.Code
		})},
		{"lost-of-another-message", "a loss is reported of another fingerprint", onEvent(rules.EventLost, otherFP)},
		{"received-of-another-message", "an ACK is reported with another fingerprint", onEvent(rules.EventReceived, otherFP)},
	}
}

// messageEventFaults show the application another message than the one that came.
func messageEventFaults() (faults []Fault) {
	for _, f := range []struct {
		kind   rules.EventKind
		field  string
		change func(m *wire.Message)
	}{
		{rules.EventC2S, "content", otherContent},
		{rules.EventC2S, "sender", fromServer},
		{rules.EventC2S, "user-type", otherUserType},
		{rules.EventC2C, "content", otherContent},
		{rules.EventC2C, "sender", fromServer},
		{rules.EventC2C, "receiver", toNobody},
		{rules.EventC2C, "user-type", otherUserType},
		{rules.EventOffline, "content", otherContent},
		{rules.EventOffline, "receiver", toNobody},
		{rules.EventLost, "content", otherContent},
	} {
		faults = append(faults, Fault{
			string(f.kind) + "-with-other-" + f.field, "the application is shown a message with another " + f.field + ": " + string(f.kind),
			onEvent(f.kind, func(e *rules.Event) {
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
	ofUser := func(e rules.Event) string { return e.User }
	ofFingerprint := func(e rules.Event) string { return e.Fingerprint.Value() }
	for _, f := range []struct {
		kind rules.EventKind
		what string
		key  func(rules.Event) string
	}{
		{rules.EventVerify, "user", ofUser},
		{rules.EventLogin, "user", ofUser},
		{rules.EventC2C, "fingerprint", ofFingerprint},
		{rules.EventOffline, "fingerprint", ofFingerprint},
		{rules.EventReceived, "fingerprint", ofFingerprint},
	} {
		faults = append(faults, Fault{
			string(f.kind) + "-once-a-" + f.what, "the application hears only once for each " + f.what + " of: " + string(f.kind),
			interceptAfresh(func() func(rules.Effect) []rules.Effect {
				known := map[string]bool{}
				return func(e rules.Effect) []rules.Effect {
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
		{"offline-asked-although-online", "the application is asked to store what is delivered", besides(rules.EventC2C, rules.EventOffline)},
		{"c2c-told-although-offline", "a message to a user who is not online is reported as written", besides(rules.EventOffline, rules.EventC2C)},
		{"lost-although-acknowledged", "a message that is acknowledged is reported as lost too", besides(rules.EventReceived, rules.EventLost)},
		{"received-of-all", "an ACK is reported with another fingerprint too", intercept(func(e rules.Effect) []rules.Effect {
			if !reports(e, rules.EventReceived) {
				return unchanged(e)
			}
			other := e
			other.Event.Fingerprint = wire.Some(e.Event.Fingerprint.Value() + "!")
			return []rules.Effect{e, other}
		})},
		{"received-told-at-delivery", "a message is reported as received when it is sent to its receiver, and not at its first ACK", interceptAfresh(receivedEarly)},
		{"c2c-told-of-second-copy", "the server's second copy is reported as a message between users", tamper(onSecondCopy(func(e rules.Effect) []rules.Effect {
			return []rules.Effect{e, messageReport(rules.EventC2C, e.Message)}
		}))},
		{"lost-told-at-second-copy", "a message is reported as lost when its second copy is sent", tamper(lostEarly)},
		{"lost-told-late", "a message is reported as lost 4 s after its time", interceptAfresh(lostLate)},
	}
}

func reports(e rules.Effect, kind rules.EventKind) bool {
	return e.Kind == rules.Report && e.Event.Kind == kind
}

// onEvent changes the events of one kind.
func onEvent(kind rules.EventKind, change func(e *rules.Event)) func(*behaviour) {
	return intercept(func(e rules.Effect) []rules.Effect {
		if reports(e, kind) {
			change(&e.Event)
		}
		return unchanged(e)
	})
}

// besides reports an event of another kind after each of one kind.
func besides(kind, another rules.EventKind) func(*behaviour) {
	return intercept(func(e rules.Effect) []rules.Effect {
		if !reports(e, kind) {
			return unchanged(e)
		}
		other := e
		other.Event.Kind, other.Event.Code = another, rules.NotStored
		return []rules.Effect{e, other}
	})
}

func messageReport(kind rules.EventKind, m wire.Message) rules.Effect {
	return rules.Effect{Kind: rules.Report, Event: rules.Event{Kind: kind, User: m.To.Value(), Fingerprint: m.Fingerprint, Message: &m}}
}

// onSecondCopy is for faults that know the server's retransmissions: there are more
// copies than came in.
func onSecondCopy(change func(rules.Effect) []rules.Effect) func() rules.Hooks {
	return func() rules.Hooks {
		due := map[wire.Text]int{}
		return rules.Hooks{
			Inbound: func(_ *rules.Session, in rules.Inbound) rules.Inbound {
				if betweenClients(in.Message) {
					due[in.Message.Fingerprint]++
				}
				return in
			},
			Interpose: func(e rules.Effect) []rules.Effect {
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
func receivedEarly() func(rules.Effect) []rules.Effect {
	told, acknowledged := map[wire.Text]bool{}, map[wire.Text]bool{}
	return func(e rules.Effect) []rules.Effect {
		fp := e.Message.Fingerprint
		switch {
		case sends(e, wire.TypeData) && e.Message.QoS && !told[fp]:
			told[fp] = true
			return []rules.Effect{e, messageReport(rules.EventReceived, e.Message)}
		case reports(e, rules.EventReceived) && told[e.Event.Fingerprint] && !acknowledged[e.Event.Fingerprint]:
			acknowledged[e.Event.Fingerprint] = true
			return nil
		}
		return unchanged(e)
	}
}

// lostEarly leaves out the report that comes in time.
func lostEarly() rules.Hooks {
	told := map[wire.Text]bool{}
	hooks := onSecondCopy(func(e rules.Effect) []rules.Effect {
		told[e.Message.Fingerprint] = true
		return []rules.Effect{e, messageReport(rules.EventLost, e.Message)}
	})()
	copied := hooks.Interpose
	hooks.Interpose = func(e rules.Effect) []rules.Effect {
		if reports(e, rules.EventLost) && told[e.Event.Fingerprint] {
			return nil
		}
		return copied(e)
	}
	return hooks
}

// lostLate holds reports back until something happens after their time.
func lostLate() func(rules.Effect) []rules.Effect {
	const late = qos.SweepEvery - time.Second
	var held []rules.Effect
	return func(e rules.Effect) (out []rules.Effect) {
		for len(held) > 0 && e.Since.Sub(held[0].Since) >= late {
			due := held[0]
			due.Since = e.Since
			out, held = append(out, due), held[1:]
		}
		if reports(e, rules.EventLost) {
			held = append(held, e)
			return out
		}
		return append(out, e)
	}
}
