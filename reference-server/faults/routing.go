package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// routingFaults send to the wrong session, or on behalf of the wrong one (§3 and §4).
func routingFaults() []Fault {
	return []Fault{
		{Name: "heartbeat-answer-to-asker", Does: "a keep-alive is answered on the session that sent it, registered or not", Hooks: toAsker(wire.TypeKeepAliveResponse)},
		{Name: "heartbeat-answer-to-from", Does: "the keep-alive response is addressed to the from of the keep-alive", Hooks: addressedToFrom},
		{Name: "c2c-to-sender", Does: "C → C messages with a fingerprint go to the session that sent them", Hooks: routedBack},
		{Name: "c2c-not-across-transports", Does: "C → C messages with a fingerprint do not reach another transport", Hooks: notAcross},
		{Name: "c2c-deduplicated", Does: "a further copy of a C → C message is acknowledged and not passed on", Hooks: deduplicated},
		{Name: "c2c-ack-by-from", Does: "the ACK of a C → C message goes to the user that its from names", Hooks: remembering(acknowledgedByFrom)},
		{Name: "c2s-ack-to-login", Does: "the ACK of a C → S message is addressed to the user of the login", Effects: acknowledgedToLogin},
		{Name: "retransmission-to-first", Does: "the second copy of a message goes to the session that got the first", Hooks: remembering(againToFirst)},
		{Name: "ack-of-others-ignored", Does: "an ACK counts only when it comes from the receiver of the message", Hooks: othersIgnored},
	}
}

// toAsker sends messages of one type on the session that sent something last.
func toAsker(kind wire.Type) hooksFor {
	return func(server.Config) server.Hooks {
		var asker *server.Session
		return server.Hooks{
			Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
				asker = from
				return in
			},
			Interpose: func(e server.Effect) []server.Effect {
				if sends(e, kind) {
					e.Session = asker
				}
				return unchanged(e)
			},
		}
	}
}

func addressedToFrom(server.Config) server.Hooks {
	var from wire.Text // in the message that was read last
	return server.Hooks{
		Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
			from = in.Message.From
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeKeepAliveResponse) {
				e.Message.To = from
			}
			return unchanged(e)
		},
	}
}

// betweenClients reports whether a message is a C → C message with a fingerprint, by which
// it can be recognized.
func betweenClients(m wire.Message) bool {
	return m.Type == wire.TypeData && m.Fingerprint.Present() && !m.From.Is(wire.ServerID) && !m.To.Is(wire.ServerID)
}

// onPassedOn changes C → C messages that are passed on; change is given the session that
// their first copy came from.
func onPassedOn(change func(e server.Effect, origin *server.Session) []server.Effect) server.Hooks {
	origins := map[wire.Text]*server.Session{}
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			if m := in.Message; betweenClients(m) && origins[m.Fingerprint] == nil {
				origins[m.Fingerprint] = from
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if origin := origins[e.Message.Fingerprint]; origin != nil && sends(e, wire.TypeData) {
				return change(e, origin)
			}
			return unchanged(e)
		},
	}
}

func routedBack(server.Config) server.Hooks {
	return onPassedOn(func(e server.Effect, origin *server.Session) []server.Effect {
		e.Session = origin
		return unchanged(e)
	})
}

func notAcross(server.Config) server.Hooks {
	return onPassedOn(func(e server.Effect, origin *server.Session) []server.Effect {
		if e.Session.Transport != origin.Transport {
			return nil
		}
		return unchanged(e)
	})
}

// deduplicated drops as many copies as arrived after the first one, at once or when their
// delivery is due.
func deduplicated(server.Config) server.Hooks {
	seen, surplus := map[wire.Text]bool{}, map[wire.Text]int{}
	return server.Hooks{
		Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
			if m := in.Message; betweenClients(m) && m.QoS {
				if seen[m.Fingerprint] {
					surplus[m.Fingerprint]++
				}
				seen[m.Fingerprint] = true
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if fp := e.Message.Fingerprint; sends(e, wire.TypeData) && surplus[fp] > 0 {
				surplus[fp]--
				return nil
			}
			return unchanged(e)
		},
	}
}

// acknowledgedByFrom learns the sessions of users from login responses.
func acknowledgedByFrom() effectChange {
	sessions := map[wire.Text]*server.Session{}
	return func(e server.Effect) []server.Effect {
		switch {
		case sends(e, wire.TypeLoginResponse):
			sessions[e.Message.To] = e.Session
		case sends(e, wire.TypeReceived) && !e.Message.From.Is(wire.ServerID) && sessions[e.Message.To] != nil:
			e.Session = sessions[e.Message.To]
		}
		return unchanged(e)
	}
}

func acknowledgedToLogin(e server.Effect) []server.Effect {
	if sends(e, wire.TypeReceived) && e.Message.From.Is(wire.ServerID) {
		e.Message.To = wire.Some(e.Session.User())
	}
	return unchanged(e)
}

func againToFirst() effectChange {
	first := map[wire.Text]*server.Session{}
	return func(e server.Effect) []server.Effect {
		if fp := e.Message.Fingerprint; sends(e, wire.TypeData) && fp.Present() {
			if first[fp] == nil {
				first[fp] = e.Session
			}
			e.Session = first[fp]
		}
		return unchanged(e)
	}
}

// othersIgnored learns the receiver of a message when it is sent.
func othersIgnored(server.Config) server.Hooks {
	receivers := map[wire.Text]string{}
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			receiver, known := receivers[in.Message.DataContent]
			if in.Message.Type == wire.TypeReceived && known && receiver != from.User() {
				in.Message.Type = noType
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeData) {
				receivers[e.Message.Fingerprint] = e.Session.User()
			}
			return unchanged(e)
		},
	}
}
