package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// routingFaults send to the wrong session, or for the wrong one (§3 and §4).
func routingFaults() []Fault {
	return []Fault{
		{"heartbeat-answer-to-asker", "a keep-alive is answered on the session that sent it, registered or not", toAsker(wire.TypeKeepAliveResponse)},
		{"heartbeat-answer-to-from", "the keep-alive response is addressed to the from of the keep-alive", tamper(addressedToFrom)},
		{"c2c-to-sender", "C → C messages with a fingerprint go to the session that sent them", tamper(routedBack)},
		{"c2c-not-across-transports", "C → C messages with a fingerprint do not reach another transport", tamper(notAcross)},
		{"c2c-deduplicated", "a further copy of a C → C message is acknowledged and not passed on", tamper(deduplicated)},
		{"c2c-ack-by-from", "the ACK of a C → C message goes to the user that its from names", interceptAfresh(acknowledgedByFrom)},
		{"c2s-ack-to-login", "the ACK of a C → S message is addressed to the user of the login", intercept(acknowledgedToLogin)},
		{"retransmission-to-first", "the second copy of a message goes to the session that got the first", interceptAfresh(againToFirst)},
		{"ack-of-others-ignored", "an ACK counts only when it comes from the receiver of the message", tamper(othersIgnored)},
	}
}

// toAsker sends messages of one type on the session that was heard last.
func toAsker(kind wire.Type) func(*behaviour) {
	return tamper(func() server.Hooks {
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
	})
}

func addressedToFrom() server.Hooks {
	var from wire.Text // of the message that was read last
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

// betweenClients is a C → C message that can be told from others.
func betweenClients(m wire.Message) bool {
	return m.Type == wire.TypeData && m.Fingerprint.Present() && !m.From.Is(wire.ServerID) && !m.To.Is(wire.ServerID)
}

// onPassedOn is for faults that know who sent a C → C message: change gets it
// as it is passed on, with the session that its first copy came from.
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

func routedBack() server.Hooks {
	return onPassedOn(func(e server.Effect, origin *server.Session) []server.Effect {
		e.Session = origin
		return unchanged(e)
	})
}

func notAcross() server.Hooks {
	return onPassedOn(func(e server.Effect, origin *server.Session) []server.Effect {
		if e.Session.Transport != origin.Transport {
			return nil
		}
		return unchanged(e)
	})
}

// deduplicated drops as many copies as came in after the first one, now or when
// their delivery is due.
func deduplicated() server.Hooks {
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

// acknowledgedByFrom knows users by their login responses.
func acknowledgedByFrom() func(server.Effect) []server.Effect {
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

func againToFirst() func(server.Effect) []server.Effect {
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

// othersIgnored knows receivers by what was sent to them.
func othersIgnored() server.Hooks {
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
