package server

import (
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// endCause is why a session ended.
type endCause string

const (
	byClose    endCause = "close"
	byLogout   endCause = "logout"
	byExpiry   endCause = "expiry"
	byBad      endCause = "bad-message"
	byNameless endCause = "nameless"
	byKick     endCause = "kick"
)

// logoutFaults report the ends of some sessions wrongly, and show nothing of it on
// the wire (§5).
func logoutFaults() (faults []Fault) {
	for _, end := range []struct {
		cause endCause
		of    string
	}{
		{byLogout, "a session that logged out"},
		{byClose, "a session whose client closed the connection"},
		{byExpiry, "a session that expired"},
		{byBad, "a session that a bad message ended"},
		{byNameless, "a session that a C → S message without a fingerprint ended"},
		{byKick, "a session that an administrator kicked"},
	} {
		faults = append(faults,
			Fault{"logout-missing-after-" + string(end.cause), "the application does not hear of the end of " + end.of, tamper(logoutAfter(end.cause, 0))},
			Fault{"logout-twice-after-" + string(end.cause), "the application hears twice of the end of " + end.of, tamper(logoutAfter(end.cause, 2))})
	}
	return append(faults,
		Fault{"logout-told-at-login", "a logout is reported as soon as its user has logged in", intercept(logoutAtLogin)},
		Fault{"stranger-end-reported", "the end of a session that has not logged in is reported as a logout", intercept(func(e rules.Effect) []rules.Effect {
			if e.Kind == rules.Close && e.Session.User() == "" {
				return []rules.Effect{e, logoutReport("")}
			}
			return unchanged(e)
		})},
		Fault{"refused-login-logout-reported", "a login that was refused is reported as a logout", intercept(func(e rules.Effect) []rules.Effect {
			if reports(e, rules.EventVerify) && e.Event.Code != wire.CodeOK {
				return []rules.Effect{e, logoutReport(e.Event.User)}
			}
			return unchanged(e)
		})},
		Fault{"taken-over-logout-reported", "the end of a session whose user an equal login has taken over is reported as a logout", interceptAfresh(takenOverReported)},
		Fault{"losing-login-reported", "a login that lost against an older session is reported as one", interceptAfresh(onLosingLogin(func(user string) rules.Effect {
			return rules.Effect{Kind: rules.Report, Event: rules.Event{Kind: rules.EventLogin, User: user}}
		}))},
		Fault{"losing-login-logout-reported", "a login that lost against an older session is reported as a logout", interceptAfresh(onLosingLogin(logoutReport))},
	)
}

func logoutReport(user string) rules.Effect {
	return rules.Effect{Kind: rules.Report, Event: rules.Event{Kind: rules.EventLogout, User: user, Code: rules.NoKick}}
}

// logoutAfter makes so many reports of the end of sessions that one cause ended.
func logoutAfter(cause endCause, times int) func() rules.Hooks {
	return func() rules.Hooks {
		var from *rules.Session // of what was read last
		var in rules.Inbound
		kicked, causes := map[*rules.Session]bool{}, map[string]endCause{}
		return rules.Hooks{
			Inbound: func(session *rules.Session, read rules.Inbound) rules.Inbound {
				from, in = session, read
				return read
			},
			Interpose: func(e rules.Effect) (out []rules.Effect) {
				switch {
				case sends(e, wire.TypeKickout) && !isTakeover(e.Message):
					kicked[e.Session] = true
				case e.Kind == rules.Close && e.Session.User() != "":
					causes[e.Session.User()] = causeOf(e, kicked[e.Session], from == e.Session, in)
					delete(kicked, e.Session)
				case reports(e, rules.EventLogout) && causes[e.Event.User] == cause:
					for range times {
						out = append(out, e)
					}
					return out
				}
				return unchanged(e)
			},
		}
	}
}

// causeOf tells why a session is closed by what was read last, when that came from
// this session.
func causeOf(closing rules.Effect, kicked, own bool, in rules.Inbound) endCause {
	switch m := in.Message; {
	case closing.Expired:
		return byExpiry
	case kicked:
		return byKick
	case own && in.Bad:
		return byBad
	case own && m.Type == wire.TypeLogout:
		return byLogout
	case own && m.Type == wire.TypeData && m.QoS && !m.Fingerprint.Present():
		return byNameless
	}
	return byClose
}

func logoutAtLogin(e rules.Effect) []rules.Effect {
	switch {
	case reports(e, rules.EventLogin):
		return []rules.Effect{e, logoutReport(e.Event.User)}
	case reports(e, rules.EventLogout):
		return nil
	}
	return unchanged(e)
}

// takenOverReported knows users by their login responses. Sessions that were kicked
// are not its business.
func takenOverReported() func(rules.Effect) []rules.Effect {
	newest, kicked := map[string]*rules.Session{}, map[*rules.Session]bool{}
	return func(e rules.Effect) []rules.Effect {
		switch {
		case sends(e, wire.TypeLoginResponse):
			newest[e.Message.To.Value()] = e.Session
		case sends(e, wire.TypeKickout):
			kicked[e.Session] = true
		case e.Kind == rules.Close:
			by := newest[e.Session.User()]
			reported := by != nil && by != e.Session && !by.Ended() && !kicked[e.Session]
			delete(kicked, e.Session)
			if reported {
				return []rules.Effect{e, logoutReport(e.Session.User())}
			}
		}
		return unchanged(e)
	}
}

// onLosingLogin reports something of a login that is kicked on account of an older
// session: it is the one that was answered last.
func onLosingLogin(report func(user string) rules.Effect) func() func(rules.Effect) []rules.Effect {
	return func() func(rules.Effect) []rules.Effect {
		newest := map[wire.Text]*rules.Session{}
		return func(e rules.Effect) []rules.Effect {
			switch {
			case sends(e, wire.TypeLoginResponse):
				newest[e.Message.To] = e.Session
			case sends(e, wire.TypeKickout) && isTakeover(e.Message) && newest[e.Message.To] == e.Session:
				return []rules.Effect{e, report(e.Message.To.Value())}
			}
			return unchanged(e)
		}
	}
}
