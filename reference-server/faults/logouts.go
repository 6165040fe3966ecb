package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// endCause identifies why a session ended.
type endCause string

const (
	byClose    endCause = "close"
	byLogout   endCause = "logout"
	byExpiry   endCause = "expiry"
	byBad      endCause = "bad-message"
	byNameless endCause = "nameless"
	byKick     endCause = "kick"
)

// logoutFaults misreport how some sessions end, and show nothing of it on the wire (§5).
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
			Fault{Name: "logout-missing-after-" + string(end.cause), Does: "the application does not hear of the end of " + end.of, Hooks: logoutAfter(end.cause, 0)},
			Fault{Name: "logout-twice-after-" + string(end.cause), Does: "the application hears twice of the end of " + end.of, Hooks: logoutAfter(end.cause, 2)})
	}
	return append(faults,
		Fault{Name: "logout-told-at-login", Does: "a logout is reported as soon as its user has logged in", Effects: logoutAtLogin},
		Fault{Name: "stranger-end-reported", Does: "the end of a session that has not logged in is reported as a logout", Effects: func(e server.Effect) []server.Effect {
			if e.Kind == server.Close && e.Session.User() == "" {
				return []server.Effect{e, logoutReport("")}
			}
			return unchanged(e)
		}},
		Fault{Name: "refused-login-logout-reported", Does: "a login that was refused is reported as a logout", Effects: func(e server.Effect) []server.Effect {
			if reports(e, server.EventVerify) && e.Event.Code != wire.CodeOK {
				return []server.Effect{e, logoutReport(e.Event.User)}
			}
			return unchanged(e)
		}},
		Fault{Name: "taken-over-logout-reported", Does: "the end of a session whose user an equal login has taken over is reported as a logout", Hooks: remembering(takenOverReported)},
		Fault{Name: "losing-login-reported", Does: "a login that lost against an older session is reported as one", Hooks: remembering(onLosingLogin(func(user string) server.Effect {
			return server.Effect{Kind: server.Report, Event: server.Event{Kind: server.EventLogin, User: user}}
		}))},
		Fault{Name: "losing-login-logout-reported", Does: "a login that lost against an older session is reported as a logout", Hooks: remembering(onLosingLogin(logoutReport))},
	)
}

func logoutReport(user string) server.Effect {
	return server.Effect{Kind: server.Report, Event: server.Event{Kind: server.EventLogout, User: user, Code: server.NoKick}}
}

// logoutAfter reports the end of sessions that one cause ended a number of times.
func logoutAfter(cause endCause, times int) func(server.Config) server.Hooks {
	return func(server.Config) server.Hooks {
		var from *server.Session // that sent what was read last
		var in server.Inbound
		kicked, causes := map[*server.Session]bool{}, map[string]endCause{}
		return server.Hooks{
			Inbound: func(session *server.Session, read server.Inbound) server.Inbound {
				from, in = session, read
				return read
			},
			Interpose: func(e server.Effect) (out []server.Effect) {
				switch {
				case sends(e, wire.TypeKickout) && !isTakeover(e.Message):
					kicked[e.Session] = true
				case e.Kind == server.Close && e.Session.User() != "":
					causes[e.Session.User()] = causeOf(e, kicked[e.Session], from == e.Session, in)
					delete(kicked, e.Session)
				case reports(e, server.EventLogout) && causes[e.Event.User] == cause:
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

// causeOf infers why a session is closed from the message that was read last, when that
// is its own.
func causeOf(closing server.Effect, kicked, own bool, in server.Inbound) endCause {
	switch m := in.Message; {
	case closing.Expired():
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

func logoutAtLogin(e server.Effect) []server.Effect {
	switch {
	case reports(e, server.EventLogin):
		return []server.Effect{e, logoutReport(e.Event.User)}
	case reports(e, server.EventLogout):
		return nil
	}
	return unchanged(e)
}

// takenOverReported learns the sessions of users from login responses. It ignores those
// that were kicked.
func takenOverReported() effectChange {
	newest, kicked := map[string]*server.Session{}, map[*server.Session]bool{}
	return func(e server.Effect) []server.Effect {
		switch {
		case sends(e, wire.TypeLoginResponse):
			newest[e.Message.To.Value()] = e.Session
		case sends(e, wire.TypeKickout):
			kicked[e.Session] = true
		case e.Kind == server.Close:
			by := newest[e.Session.User()]
			reported := by != nil && by != e.Session && !by.Ended() && !kicked[e.Session]
			delete(kicked, e.Session)
			if reported {
				return []server.Effect{e, logoutReport(e.Session.User())}
			}
		}
		return unchanged(e)
	}
}

// onLosingLogin reports something about a login that is kicked because of an older session:
// that login is the one that was answered last.
func onLosingLogin(report func(user string) server.Effect) func() effectChange {
	return func() effectChange {
		newest := map[wire.Text]*server.Session{}
		return func(e server.Effect) []server.Effect {
			switch {
			case sends(e, wire.TypeLoginResponse):
				newest[e.Message.To] = e.Session
			case sends(e, wire.TypeKickout) && isTakeover(e.Message) && newest[e.Message.To] == e.Session:
				return []server.Effect{e, report(e.Message.To.Value())}
			}
			return unchanged(e)
		}
	}
}
