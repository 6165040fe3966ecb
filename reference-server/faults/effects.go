package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

type (
	inboundChange = func(from *server.Session, in server.Inbound) server.Inbound
	effectChange  = func(server.Effect) []server.Effect
	messageChange = func(wire.Message) []wire.Message
	// hooksFor makes hooks for a server with a configuration. What they remember is
	// that server's own.
	hooksFor = func(server.Config) server.Hooks
)

// remembering is for a change of effects that remembers something: each server gets a
// fresh one.
func remembering(fresh func() effectChange) hooksFor {
	return func(server.Config) server.Hooks { return server.Hooks{Interpose: fresh()} }
}

// onSend changes the messages of one type; change returns what is sent instead.
func onSend(kind wire.Type, change messageChange) effectChange {
	return func(e server.Effect) (out []server.Effect) {
		if !sends(e, kind) {
			return unchanged(e)
		}
		for _, m := range change(e.Message) {
			e.Message = m
			out = append(out, e)
		}
		return out
	}
}

// onSendRemembering is onSend for a change that remembers something.
func onSendRemembering(kind wire.Type, fresh func() messageChange) hooksFor {
	return remembering(func() effectChange { return onSend(kind, fresh()) })
}

// sends reports whether an effect sends a message of one type.
func sends(e server.Effect, kind wire.Type) bool {
	return e.Kind == server.Send && e.Message.Type == kind
}

// reports reports whether an effect is an event of one kind for the application.
func reports(e server.Effect, kind server.EventKind) bool {
	return e.Kind == server.Report && e.Event.Kind == kind
}

func unchanged(e server.Effect) []server.Effect { return []server.Effect{e} }

func dropped(wire.Message) []wire.Message   { return nil }
func doubled(m wire.Message) []wire.Message { return []wire.Message{m, m} }

func altered(change func(m *wire.Message)) messageChange {
	return func(m wire.Message) []wire.Message {
		change(&m)
		return []wire.Message{m}
	}
}

func otherContent(m *wire.Message)  { m.DataContent = wire.Some(m.DataContent.Value() + "!") }
func otherUserType(m *wire.Message) { m.UserType++ }
func toNobody(m *wire.Message)      { m.To = wire.Some(wire.NobodyID) }
func toServer(m *wire.Message)      { m.To = wire.Some(wire.ServerID) }
func fromServer(m *wire.Message)    { m.From = wire.Some(wire.ServerID) }

func otherFingerprint(m *wire.Message) {
	if m.Fingerprint.Present() {
		m.Fingerprint = wire.Some(m.Fingerprint.Value() + "!")
	}
}

// clientsOnly leaves messages of the server itself as they are.
func clientsOnly(change messageChange) messageChange {
	return func(m wire.Message) []wire.Message {
		if m.From.Is(wire.ServerID) {
			return []wire.Message{m}
		}
		return change(m)
	}
}

// serverOnly leaves messages that are passed on for clients as they are.
func serverOnly(change messageChange) messageChange {
	return func(m wire.Message) []wire.Message {
		if !m.From.Is(wire.ServerID) {
			return []wire.Message{m}
		}
		return change(m)
	}
}

// afterFirst leaves the first message with a fingerprint, and those without any, as they
// are; fingerprint returns the one that a message is about.
func afterFirst(fingerprint func(wire.Message) wire.Text, change messageChange) func() messageChange {
	return func() messageChange {
		seen := map[wire.Text]bool{}
		return func(m wire.Message) []wire.Message {
			if fp := fingerprint(m); !fp.Present() || !seen[fp] {
				seen[fp] = true
				return []wire.Message{m}
			}
			return change(m)
		}
	}
}

func ofMessage(m wire.Message) wire.Text { return m.Fingerprint }
func ofACK(m wire.Message) wire.Text     { return m.DataContent }
