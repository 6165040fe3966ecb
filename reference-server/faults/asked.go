package faults

import (
	"strings"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// askedFaults ask the application about messages that do not concern it, or report
// them to it. Nothing of this shows on the wire (§3 to §5).
func askedFaults() []Fault {
	return []Fault{
		{Name: "login-verified-unheeded", Does: "a login on a session that is logged in is verified again, and the verdict ignored", Hooks: reporting(func(from *server.Session, m wire.Message) []server.Event {
			if user, readable := loginUser(m); from.LoggedIn() && readable && user.Present() {
				return verified(user)
			}
			return nil
		})},
		{Name: "nobody-verified", Does: "the application is asked to verify a login that names nobody", Hooks: reporting(func(_ *server.Session, m wire.Message) []server.Event {
			if user, readable := loginUser(m); m.Type == wire.TypeLogin && readable && !user.Present() {
				return verified(user)
			}
			return nil
		})},
		{Name: "unreadable-login-verified", Does: "the application is asked to verify a login whose content is not JSON", Hooks: reporting(func(_ *server.Session, m wire.Message) []server.Event {
			if user, readable := loginUser(m); !readable {
				return verified(user)
			}
			return nil
		})},
		{Name: "refused-data-reported", Does: "data that gets error 301 is reported", Hooks: reportingAsData(func(from *server.Session, m wire.Message) bool {
			return !from.LoggedIn() && m.Type == wire.TypeData
		})},
		{Name: "refused-ack-reported", Does: "an ACK that gets error 301 is reported", Hooks: reporting(func(from *server.Session, m wire.Message) []server.Event {
			if !from.LoggedIn() && m.Type == wire.TypeReceived {
				return []server.Event{{Kind: server.EventReceived, User: m.From.Value(), Fingerprint: m.DataContent}}
			}
			return nil
		})},
		{Name: "vetoed-reported", Does: "a message that the application vetoed is reported", Hooks: reportingAsData(func(from *server.Session, m wire.Message) bool {
			return from.LoggedIn() && m.Type == wire.TypeData && vetoed(m)
		})},
		{Name: "vetoed-offered", Does: "the application is asked to store what it vetoed", Hooks: reporting(func(from *server.Session, m wire.Message) []server.Event {
			if from.LoggedIn() && m.Type == wire.TypeData && !m.To.Is(wire.ServerID) && vetoed(m) {
				return []server.Event{messageReport(server.EventOffline, m).Event}
			}
			return nil
		})},
		{Name: "c2s-nameless-reported", Does: "a C → S message with QoS and without a fingerprint is reported before it closes the session", Hooks: reportingAsData(func(from *server.Session, m wire.Message) bool {
			return from.LoggedIn() && m.Type == wire.TypeData && m.To.Is(wire.ServerID) && m.QoS && !m.Fingerprint.Present()
		})},
		{Name: "unknown-type-reported", Does: "a message of an unknown type is reported as data", Hooks: reportingAsData(func(_ *server.Session, m wire.Message) bool { return unknown(m.Type) })},
		{Name: "c2s-copies-reported", Does: "the application sees every copy of a C → S message", Hooks: copiesReported},
	}
}

// loginUser returns the user that a login names, if it names one; readable is false when
// its content is not JSON. Other messages name nobody.
func loginUser(m wire.Message) (user wire.Text, readable bool) {
	if m.Type != wire.TypeLogin || !m.DataContent.Present() {
		return wire.Text{}, true
	}
	info, err := wire.ParseLoginInfo(m.DataContent.Value())
	return info.UserID, err == nil
}

// vetoed reports whether the application of the reference server vetoes a message.
func vetoed(m wire.Message) bool {
	return strings.HasPrefix(m.DataContent.Value(), controlapi.VetoPrefix)
}

func verified(user wire.Text) []server.Event {
	return []server.Event{{Kind: server.EventVerify, User: user.Value(), Code: wire.CodeOK}}
}

// reporting reports events because of messages that arrive. They go out with the next
// effect: some of those messages have no effect of their own.
func reporting(events func(from *server.Session, m wire.Message) []server.Event) hooksFor {
	return func(server.Config) server.Hooks {
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
	}
}

// reportingAsData reports messages that arrive as if they were data that is passed on.
func reportingAsData(which func(from *server.Session, m wire.Message) bool) hooksFor {
	return reporting(func(from *server.Session, m wire.Message) []server.Event {
		switch {
		case !which(from, m):
			return nil
		case m.To.Is(wire.ServerID):
			return []server.Event{messageReport(server.EventC2S, m).Event}
		}
		return []server.Event{messageReport(server.EventC2C, m).Event}
	})
}

// copiesReported reports the copies that the dedup suppresses.
func copiesReported(c server.Config) server.Hooks {
	seen := map[wire.Text]bool{}
	return reportingAsData(func(from *server.Session, m wire.Message) bool {
		if !from.LoggedIn() || m.Type != wire.TypeData || !m.To.Is(wire.ServerID) || !m.QoS || !m.Fingerprint.Present() || vetoed(m) {
			return false
		}
		again := seen[m.Fingerprint]
		seen[m.Fingerprint] = true
		return again
	})(c)
}
