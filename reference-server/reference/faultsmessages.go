package reference

import (
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Changes to a message.
func dropped(wire.Message) []wire.Message   { return nil }
func doubled(m wire.Message) []wire.Message { return []wire.Message{m, m} }

func altered(change func(m *wire.Message)) func(wire.Message) []wire.Message {
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

// clientsOnly leaves what the server itself says as it is.
func clientsOnly(change func(m wire.Message) []wire.Message) func(wire.Message) []wire.Message {
	return func(m wire.Message) []wire.Message {
		if m.From.Is(wire.ServerID) {
			return []wire.Message{m}
		}
		return change(m)
	}
}

// serverOnly leaves what is passed on for clients as it is.
func serverOnly(change func(m wire.Message) []wire.Message) func(wire.Message) []wire.Message {
	return func(m wire.Message) []wire.Message {
		if !m.From.Is(wire.ServerID) {
			return []wire.Message{m}
		}
		return change(m)
	}
}

// afterFirst leaves the first message with a fingerprint, and those without any,
// as they are; fingerprint tells which one a message is about.
func afterFirst(fingerprint func(wire.Message) wire.Text, change func(m wire.Message) []wire.Message) func() func(wire.Message) []wire.Message {
	return func() func(wire.Message) []wire.Message {
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

// sessionFaults tamper with what a session is told (§3).
func sessionFaults() []Fault {
	return []Fault{
		{"login-response-missing", "logins are not answered", onSend(wire.TypeLoginResponse, dropped)},
		{"login-response-misaddressed", "the login response is addressed to nobody", onSend(wire.TypeLoginResponse, altered(toNobody))},
		{"first-login-time-altered", "the login response has another first login time", onSend(wire.TypeLoginResponse, altered(anHourEarlier))},
		{"first-login-time-constant", "every login response has the same first login time", onSend(wire.TypeLoginResponse, altered(alwaysOne))},
		{"heartbeat-answer-missing", "keep-alives are not answered", onSend(wire.TypeKeepAliveResponse, dropped)},
		{"heartbeat-answer-misaddressed", "the keep-alive response is addressed to nobody", onSend(wire.TypeKeepAliveResponse, altered(toNobody))},
		{"not-logged-in-silent", "a session that is not logged in gets no error 301", onSend(wire.TypeErrorResponse, dropped)},
		{"not-logged-in-other-code", "a session that is not logged in gets error 1 instead of 301", onSend(wire.TypeErrorResponse, altered(otherErrorCode))},
		{"not-logged-in-without-message", "error 301 does not carry the offending message", onSend(wire.TypeErrorResponse, altered(withoutOffending))},
		{"not-logged-in-as-it-came", "error 301 carries the offending message as it came", tamper(quotedAsItCame)},
		{"stranger-served", "a keep-alive is answered without a login", onSend(wire.TypeErrorResponse, servedAnyway)},
		{"not-logged-in-misaddressed", "error 301 is addressed to the server", onSend(wire.TypeErrorResponse, altered(toServer))},
		{"kick-silent", "a kicked session is not told", onSend(wire.TypeKickout, dropped)},
		{"kick-code-altered", "a kick-out has another code", onSend(wire.TypeKickout, altered(otherKickCode))},
		{"kick-reason-lost", "a kick-out never has a reason", onSend(wire.TypeKickout, altered(withoutReason))},
		{"echo-altered", "an echo comes back changed", onSend(wire.TypeEchoResponse, altered(otherContent))},
	}
}

// deliveryFaults tamper with data and its ACKs (§4).
func deliveryFaults() []Fault {
	return []Fault{
		{"c2s-ack-missing", "C → S messages are not acknowledged", onSend(wire.TypeReceived, serverOnly(dropped))},
		{"c2s-ack-late", "a C → S message is acknowledged only after the next thing that its sender is told", interceptAfresh(acknowledgedLate)},
		{"ack-with-bridge", "the server's ACK has the bridge of its message", tamper(bridgeCopied)},
		{"c2s-ack-once", "only the first copy of a C → S message is acknowledged", onSendAfresh(wire.TypeReceived, afterFirst(ofACK, serverOnly(dropped)))},
		{"c2s-nameless-tolerated", "a C → S message with QoS and without a fingerprint is ignored", onInbound(namelessTolerated)},
		{"c2s-deduplicated-always", "the application sees each fingerprint once, also without QoS", interceptAfresh(seenOnce)},
		{"c2s-ack-wrong-fingerprint", "an ACK of a C → S message names another fingerprint", onSend(wire.TypeReceived, serverOnly(altered(otherContent)))},
		{"c2s-ack-unasked", "C → S messages are acknowledged without QoS too", tamper(ackUnasked(server.EventC2S))},
		{"c2c-ack-missing", "C → C messages are not acknowledged", onSend(wire.TypeReceived, clientsOnly(dropped))},
		{"c2c-ack-once", "only the first copy of a C → C message is acknowledged", onSendAfresh(wire.TypeReceived, afterFirst(ofACK, clientsOnly(dropped)))},
		{"c2c-ack-unasked", "C → C messages are acknowledged without QoS too", tamper(ackUnasked(server.EventC2C))},
		{"c2c-ack-from-server", "the ACK of a C → C message comes from the server", onSend(wire.TypeReceived, altered(fromServer))},
		{"c2c-ack-relayed", "the receiver's ACK is passed to the sender", tamper(relayACKs)},
		{"c2c-dropped", "C → C messages do not arrive", onSend(wire.TypeData, clientsOnly(dropped))},
		{"c2c-doubled", "C → C messages arrive twice", onSend(wire.TypeData, clientsOnly(doubled))},
		{"c2c-altered", "C → C messages arrive changed", onSend(wire.TypeData, clientsOnly(altered(otherContent)))},
		{"c2c-user-type-altered", "C → C messages arrive with another user type", onSend(wire.TypeData, clientsOnly(altered(otherUserType)))},
		{"s2c-dropped", "S → C messages do not arrive", onSend(wire.TypeData, serverOnly(dropped))},
		{"s2c-doubled", "S → C messages arrive twice", onSend(wire.TypeData, serverOnly(doubled))},
		{"s2c-altered", "S → C messages arrive changed", onSend(wire.TypeData, serverOnly(altered(otherContent)))},
		{"s2c-user-type-altered", "S → C messages arrive with another user type", onSend(wire.TypeData, serverOnly(altered(otherUserType)))},
		{"s2c-fingerprint-altered", "S → C messages arrive with another fingerprint", onSend(wire.TypeData, serverOnly(altered(otherFingerprint)))},
		{"retransmission-altered", "the second copy of a message is changed", onSendAfresh(wire.TypeData, afterFirst(ofMessage, altered(otherContent)))},
	}
}

// stampFaults break the rule of §4 sm. The first two change nothing unless the
// server stamps.
func stampFaults() []Fault {
	whenStamping := func(apply func(*behaviour)) func(*behaviour) {
		return func(c *behaviour) {
			if c.Stamp {
				apply(c)
			}
		}
	}
	return []Fault{
		{"stamp-missing", "a server that stamps leaves its keep-alive responses without a stamp", whenStamping(onSend(wire.TypeKeepAliveResponse, altered(unstamped)))},
		{"stamp-stale", "a retransmission has the stamp of the first copy", whenStamping(onSendAfresh(wire.TypeData, firstStamp))},
		{"stamped-unasked", "messages are stamped although the server does not declare it", func(c *behaviour) { c.Stamp = true }},
	}
}

// bridgeCopied knows the bridge of a message by its fingerprint.
func bridgeCopied() server.Hooks {
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

// acknowledgedLate holds ACKs back, one a session.
func acknowledgedLate() func(server.Effect) []server.Effect {
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
		if e.Kind == 0 { // the first ACK of its session: nothing goes out
			return nil
		}
		return unchanged(e)
	}
}

func unstamped(m *wire.Message) { m.ServerTime = wire.New(m.Type, "", "").ServerTime }

func firstStamp() func(wire.Message) []wire.Message {
	stamps := map[wire.Text]int64{}
	return func(m wire.Message) []wire.Message {
		if first, again := stamps[m.Fingerprint]; again && m.Fingerprint.Present() {
			m.ServerTime = first
		}
		stamps[m.Fingerprint] = m.ServerTime
		return []wire.Message{m}
	}
}

// ackUnasked acknowledges what the application is told of, on the session that
// was heard last.
func ackUnasked(kind server.EventKind) func() server.Hooks {
	return func() server.Hooks {
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

func namelessTolerated(_ *server.Session, in server.Inbound) server.Inbound {
	m := in.Message
	if m.Type == wire.TypeData && m.To.Is(wire.ServerID) && m.QoS && !m.Fingerprint.Present() {
		in.Message.Type = noType
	}
	return in
}

func seenOnce() func(server.Effect) []server.Effect {
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

// relayACKs remembers who sent a message to another client, and tells them once
// more when the receiver's ACK comes in.
func relayACKs() server.Hooks {
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

func changeLoginResponse(m *wire.Message, change func(*wire.LoginResponse)) {
	body, err := wire.ParseLoginResponse(m.DataContent.Value())
	if err == nil && body.Code == wire.CodeOK {
		change(&body)
		m.DataContent = wire.Some(string(body.Append(nil)))
	}
}

func anHourEarlier(m *wire.Message) {
	changeLoginResponse(m, func(body *wire.LoginResponse) { body.FirstLoginTime -= int64(time.Hour / time.Millisecond) })
}

func alwaysOne(m *wire.Message) {
	changeLoginResponse(m, func(body *wire.LoginResponse) { body.FirstLoginTime = 1 })
}

func changeError(m *wire.Message, change func(*wire.ErrorResponse)) {
	if body, err := wire.ParseErrorResponse(m.DataContent.Value()); err == nil {
		change(&body)
		m.DataContent = wire.Some(string(body.Append(nil)))
	}
}

func otherErrorCode(m *wire.Message) {
	changeError(m, func(body *wire.ErrorResponse) { body.Code = wire.CodeNotLoggedIn })
}

func withoutOffending(m *wire.Message) {
	changeError(m, func(body *wire.ErrorResponse) { body.Message = wire.Some("") })
}

// quotedAsItCame needs to know what was read last.
func quotedAsItCame() server.Hooks {
	var body string
	return server.Hooks{
		Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
			body = string(in.Body)
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeErrorResponse) {
				changeError(&e.Message, func(quoted *wire.ErrorResponse) { quoted.Message = wire.Some(body) })
			}
			return unchanged(e)
		},
	}
}

// servedAnyway answers a refused keep-alive instead.
func servedAnyway(m wire.Message) []wire.Message {
	refusal, err := wire.ParseErrorResponse(m.DataContent.Value())
	if err != nil {
		return []wire.Message{m}
	}
	if beat, err := wire.Decode([]byte(refusal.Message.Value())); err == nil && beat.Type == wire.TypeKeepAlive {
		return []wire.Message{wire.NewKeepAliveResponse(beat.From.Value())}
	}
	return []wire.Message{m}
}

func changeKickout(m *wire.Message, change func(*wire.Kickout)) {
	if body, err := wire.ParseKickout(m.DataContent.Value()); err == nil {
		change(&body)
		m.DataContent = wire.Some(string(body.Append(nil)))
	}
}

func otherKickCode(m *wire.Message) { changeKickout(m, func(body *wire.Kickout) { body.Code++ }) }

func withoutReason(m *wire.Message) {
	changeKickout(m, func(body *wire.Kickout) { body.Reason = wire.Text{} })
}
