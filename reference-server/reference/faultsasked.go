package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// askedFaults ask the application, or tell it, what it must not hear of, on account
// of what came in. Nothing of it shows on the wire (§3 to §5).
func askedFaults() []Fault {
	return []Fault{
		{"login-verified-unheeded", "a login on a session that is logged in is verified again, and the verdict ignored", telling(func(from *server.Session, m wire.Message) []server.Event {
			if user, readable := loginUser(m); from.LoggedIn() && readable && user.Present() {
				return verified(user)
			}
			return nil
		})},
		{"nobody-verified", "the application is asked to verify a login that names nobody", telling(func(_ *server.Session, m wire.Message) []server.Event {
			if user, readable := loginUser(m); m.Type == wire.TypeLogin && readable && !user.Present() {
				return verified(user)
			}
			return nil
		})},
		{"unreadable-login-verified", "the application is asked to verify a login whose content is not JSON", telling(func(_ *server.Session, m wire.Message) []server.Event {
			if user, readable := loginUser(m); !readable {
				return verified(user)
			}
			return nil
		})},
		{"refused-data-reported", "data that gets error 301 is reported", tellingOf(func(from *server.Session, m wire.Message) bool {
			return !from.LoggedIn() && m.Type == wire.TypeData
		})},
		{"refused-ack-reported", "an ACK that gets error 301 is reported", telling(func(from *server.Session, m wire.Message) []server.Event {
			if !from.LoggedIn() && m.Type == wire.TypeReceived {
				return []server.Event{{Kind: server.EventReceived, User: m.From.Value(), Fingerprint: m.DataContent}}
			}
			return nil
		})},
		{"vetoed-reported", "a message that the application vetoed is reported", tellingOf(func(from *server.Session, m wire.Message) bool {
			return from.LoggedIn() && m.Type == wire.TypeData && vetoed(m)
		})},
		{"vetoed-offered", "the application is asked to store what it vetoed", telling(func(from *server.Session, m wire.Message) []server.Event {
			if from.LoggedIn() && m.Type == wire.TypeData && !m.To.Is(wire.ServerID) && vetoed(m) {
				return []server.Event{messageReport(server.EventOffline, m).Event}
			}
			return nil
		})},
		{"c2s-nameless-reported", "a C → S message with QoS and without a fingerprint is reported before it closes the session", tellingOf(func(from *server.Session, m wire.Message) bool {
			return from.LoggedIn() && m.Type == wire.TypeData && m.To.Is(wire.ServerID) && m.QoS && !m.Fingerprint.Present()
		})},
		{"unknown-type-reported", "a message of an unknown type is reported as data", tellingOf(func(_ *server.Session, m wire.Message) bool { return unknown(m.Type) })},
		{"c2s-copies-reported", "the application sees every copy of a C → S message", tamper(copiesReported)},
	}
}

// loginUser is the user that a login names, if it names one; readable is false when
// its content is not JSON. Other messages name nobody.
func loginUser(m wire.Message) (user wire.Text, readable bool) {
	if m.Type != wire.TypeLogin || !m.DataContent.Present() {
		return wire.Text{}, true
	}
	info, err := wire.ParseLoginInfo(m.DataContent.Value())
	return info.UserID, err == nil
}

func verified(user wire.Text) []server.Event {
	return []server.Event{{Kind: server.EventVerify, User: user.Value(), Code: wire.CodeOK}}
}

// telling reports events on account of messages that come in. They go out with the
// next effect: some of those messages have none of their own.
func telling(events func(from *server.Session, m wire.Message) []server.Event) func(*behaviour) {
	return tamper(func() server.Hooks {
		var pending []server.Effect
		return server.Hooks{
			Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
				if !in.Bad && !in.Ignored {
					for _, e := range events(from, in.Message) {
						pending = append(pending, server.Effect{Kind: server.Report, Event: e})
					}
				}
				return in
			},
			Interpose: func(e server.Effect) []server.Effect {
				out := append(pending, e)
				pending = nil
				return out
			},
		}
	})
}

// tellingOf reports messages that come in as what they would be as data.
func tellingOf(which func(from *server.Session, m wire.Message) bool) func(*behaviour) {
	return telling(func(from *server.Session, m wire.Message) []server.Event {
		switch {
		case !which(from, m):
			return nil
		case m.To.Is(wire.ServerID):
			return []server.Event{messageReport(server.EventC2S, m).Event}
		}
		return []server.Event{messageReport(server.EventC2C, m).Event}
	})
}

// copiesReported reports the copies that the dedup holds back.
func copiesReported() server.Hooks {
	var behaviour behaviour
	seen := map[wire.Text]bool{}
	tellingOf(func(from *server.Session, m wire.Message) bool {
		if !from.LoggedIn() || m.Type != wire.TypeData || !m.To.Is(wire.ServerID) || !m.QoS || !m.Fingerprint.Present() || vetoed(m) {
			return false
		}
		again := seen[m.Fingerprint]
		seen[m.Fingerprint] = true
		return again
	})(&behaviour)
	return behaviour.Hooks
}
