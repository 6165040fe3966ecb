package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// deliveryFaults tamper with data and its ACKs (§4).
func deliveryFaults() []Fault {
	return []Fault{
		{Name: "c2s-ack-missing", Does: "C → S messages are not acknowledged", Effects: onSend(wire.TypeReceived, serverOnly(dropped))},
		{Name: "c2s-ack-late", Does: "a C → S message is acknowledged only after the next message to its sender", Hooks: remembering(acknowledgedLate)},
		{Name: "ack-with-bridge", Does: "the server's ACK has the bridge of its message", Hooks: bridgeCopied},
		{Name: "c2s-ack-once", Does: "only the first copy of a C → S message is acknowledged", Hooks: onSendRemembering(wire.TypeReceived, afterFirst(ofACK, serverOnly(dropped)))},
		{Name: "c2s-nameless-first", Does: "a C → S message with QoS and without a fingerprint closes the session before the application is asked", Inbound: namelessFirst},
		{Name: "c2s-nameless-tolerated", Does: "a C → S message with QoS and without a fingerprint is ignored", Inbound: namelessTolerated},
		{Name: "c2s-deduplicated-always", Does: "the application sees each fingerprint once, also without QoS", Hooks: remembering(seenOnce)},
		{Name: "c2s-ack-wrong-fingerprint", Does: "an ACK of a C → S message names another fingerprint", Effects: onSend(wire.TypeReceived, serverOnly(altered(otherContent)))},
		{Name: "c2s-ack-unasked", Does: "C → S messages are acknowledged without QoS too", Hooks: ackUnasked(server.EventC2S)},
		{Name: "c2c-ack-missing", Does: "C → C messages are not acknowledged", Effects: onSend(wire.TypeReceived, clientsOnly(dropped))},
		{Name: "c2c-ack-once", Does: "only the first copy of a C → C message is acknowledged", Hooks: onSendRemembering(wire.TypeReceived, afterFirst(ofACK, clientsOnly(dropped)))},
		{Name: "c2c-ack-unasked", Does: "C → C messages are acknowledged without QoS too", Hooks: ackUnasked(server.EventC2C)},
		{Name: "c2c-ack-from-server", Does: "the ACK of a C → C message comes from the server", Effects: onSend(wire.TypeReceived, altered(fromServer))},
		{Name: "c2c-ack-relayed", Does: "the receiver's ACK is passed to the sender", Hooks: relayACKs},
		{Name: "c2c-dropped", Does: "C → C messages do not arrive", Effects: onSend(wire.TypeData, clientsOnly(dropped))},
		{Name: "c2c-doubled", Does: "C → C messages arrive twice", Effects: onSend(wire.TypeData, clientsOnly(doubled))},
		{Name: "c2c-altered", Does: "C → C messages arrive changed", Effects: onSend(wire.TypeData, clientsOnly(altered(otherContent)))},
		{Name: "c2c-user-type-altered", Does: "C → C messages arrive with another user type", Effects: onSend(wire.TypeData, clientsOnly(altered(otherUserType)))},
		{Name: "s2c-dropped", Does: "S → C messages do not arrive", Effects: onSend(wire.TypeData, serverOnly(dropped))},
		{Name: "s2c-doubled", Does: "S → C messages arrive twice", Effects: onSend(wire.TypeData, serverOnly(doubled))},
		{Name: "s2c-altered", Does: "S → C messages arrive changed", Effects: onSend(wire.TypeData, serverOnly(altered(otherContent)))},
		{Name: "s2c-user-type-altered", Does: "S → C messages arrive with another user type", Effects: onSend(wire.TypeData, serverOnly(altered(otherUserType)))},
		{Name: "s2c-fingerprint-altered", Does: "S → C messages arrive with another fingerprint", Effects: onSend(wire.TypeData, serverOnly(altered(otherFingerprint)))},
		{Name: "retransmission-altered", Does: "the second copy of a message is changed", Hooks: onSendRemembering(wire.TypeData, afterFirst(ofMessage, altered(otherContent)))},
	}
}

// stampFaults break the rule of §4 sm. The first two change nothing unless the server
// stamps.
func stampFaults() []Fault {
	return []Fault{
		{Name: "stamp-missing", Does: "a server that stamps leaves its keep-alive responses without a stamp", Hooks: stampMissing},
		{Name: "stamp-stale", Does: "a retransmission has the stamp of the first copy", Hooks: stampStale},
		{Name: "stamped-unasked", Does: "messages are stamped although the server does not declare it", Policy: func(c *server.Config) { c.Stamp = true }},
	}
}

func stampMissing(c server.Config) server.Hooks {
	return server.Hooks{Interpose: func(e server.Effect) []server.Effect {
		if c.Stamp && sends(e, wire.TypeKeepAliveResponse) {
			e.Message.ServerTime = wire.New(e.Message.Type, "", "").ServerTime
		}
		return unchanged(e)
	}}
}

func stampStale(c server.Config) server.Hooks {
	first := map[wire.Text]int64{} // stamp by fingerprint
	return server.Hooks{Interpose: func(e server.Effect) []server.Effect {
		if fp := e.Message.Fingerprint; c.Stamp && sends(e, wire.TypeData) {
			if stamp, again := first[fp]; again && fp.Present() {
				e.Message.ServerTime = stamp
			}
			first[fp] = e.Message.ServerTime
		}
		return unchanged(e)
	}}
}

// bridgeCopied remembers the bridge flag of messages by their fingerprint.
func bridgeCopied(server.Config) server.Hooks {
	bridge := map[wire.Text]bool{}
	return server.Hooks{
		Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
			if in.Message.Bridge {
				bridge[in.Message.Fingerprint] = true
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeReceived) {
				e.Message.Bridge = bridge[e.Message.DataContent]
			}
			return unchanged(e)
		},
	}
}

// acknowledgedLate holds back one ACK for each session.
func acknowledgedLate() effectChange {
	held := map[*server.Session]server.Effect{}
	return func(e server.Effect) []server.Effect {
		if e.Kind != server.Send {
			return unchanged(e)
		}
		late, waiting := held[e.Session]
		delete(held, e.Session)
		if sends(e, wire.TypeReceived) && e.Message.From.Is(wire.ServerID) {
			held[e.Session] = e
			e = late
		} else if waiting {
			return []server.Effect{e, late}
		}
		if e.Kind == 0 { // the first ACK of its session: nothing goes out yet
			return nil
		}
		return unchanged(e)
	}
}

// ackUnasked acknowledges messages that are reported to the application, on the session
// that sent something last.
func ackUnasked(kind server.EventKind) func(server.Config) server.Hooks {
	return func(server.Config) server.Hooks {
		var sender *server.Session
		return server.Hooks{
			Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
				sender = from
				return in
			},
			Interpose: func(e server.Effect) []server.Effect {
				if e.Kind != server.Report || e.Event.Kind != kind || e.Event.Message.QoS {
					return unchanged(e)
				}
				ack := wire.NewReceived(*e.Event.Message)
				ack.Bridge = false
				return []server.Effect{{Kind: server.Send, Session: sender, Message: ack}, e}
			},
		}
	}
}

func namelessFirst(_ *server.Session, in server.Inbound) server.Inbound {
	if m := in.Message; m.Type == wire.TypeData && m.To.Is(wire.ServerID) && m.QoS && !m.Fingerprint.Present() {
		return ending(in)
	}
	return in
}

func namelessTolerated(_ *server.Session, in server.Inbound) server.Inbound {
	m := in.Message
	if m.Type == wire.TypeData && m.To.Is(wire.ServerID) && m.QoS && !m.Fingerprint.Present() {
		in.Message.Type = noType
	}
	return in
}

func seenOnce() effectChange {
	seen := map[wire.Text]bool{}
	return func(e server.Effect) []server.Effect {
		if fp := e.Event.Fingerprint; e.Kind == server.Report && e.Event.Kind == server.EventC2S && fp.Present() {
			if seen[fp] {
				return nil
			}
			seen[fp] = true
		}
		return unchanged(e)
	}
}

// relayACKs remembers who sent a message to another client, and acknowledges it once more
// when the ACK of the receiver arrives.
func relayACKs(server.Config) server.Hooks {
	acks := map[wire.Text]server.Effect{}
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			if m := in.Message; betweenClients(m) && m.QoS {
				ack := wire.NewReceived(m)
				ack.Bridge = false
				acks[m.Fingerprint] = server.Effect{Kind: server.Send, Session: from, Message: ack}
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if e.Kind == server.Report && e.Event.Kind == server.EventReceived {
				if ack, ok := acks[e.Event.Fingerprint]; ok {
					return []server.Effect{e, ack}
				}
			}
			return unchanged(e)
		},
	}
}
