package faults

import (
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// sessionFaults tamper with the responses that a session gets (§3).
func sessionFaults() []Fault {
	return []Fault{
		{Name: "login-response-missing", Does: "logins are not answered", Effects: onSend(wire.TypeLoginResponse, dropped)},
		{Name: "login-response-misaddressed", Does: "the login response is addressed to nobody", Effects: onSend(wire.TypeLoginResponse, altered(toNobody))},
		{Name: "first-login-time-altered", Does: "the login response has another first login time", Effects: onSend(wire.TypeLoginResponse, altered(anHourEarlier))},
		{Name: "first-login-time-constant", Does: "every login response has the same first login time", Effects: onSend(wire.TypeLoginResponse, altered(alwaysOne))},
		{Name: "heartbeat-answer-missing", Does: "keep-alives are not answered", Effects: onSend(wire.TypeKeepAliveResponse, dropped)},
		{Name: "heartbeat-answer-misaddressed", Does: "the keep-alive response is addressed to nobody", Effects: onSend(wire.TypeKeepAliveResponse, altered(toNobody))},
		{Name: "not-logged-in-silent", Does: "a session that is not logged in gets no error 301", Effects: onSend(wire.TypeErrorResponse, dropped)},
		{Name: "not-logged-in-other-code", Does: "a session that is not logged in gets error 1 instead of 301", Effects: onSend(wire.TypeErrorResponse, altered(otherErrorCode))},
		{Name: "not-logged-in-without-message", Does: "error 301 does not carry the offending message", Effects: onSend(wire.TypeErrorResponse, altered(withoutOffending))},
		{Name: "not-logged-in-as-it-came", Does: "error 301 carries the offending message as it came", Hooks: quotedAsItCame},
		{Name: "stranger-served", Does: "a keep-alive is answered without a login", Effects: onSend(wire.TypeErrorResponse, servedAnyway)},
		{Name: "not-logged-in-misaddressed", Does: "error 301 is addressed to the server", Effects: onSend(wire.TypeErrorResponse, altered(toServer))},
		{Name: "kick-silent", Does: "a kicked session gets no kick-out", Effects: onSend(wire.TypeKickout, dropped)},
		{Name: "kick-code-altered", Does: "a kick-out has another code", Effects: onSend(wire.TypeKickout, altered(otherKickCode))},
		{Name: "kick-reason-lost", Does: "a kick-out never has a reason", Effects: onSend(wire.TypeKickout, altered(withoutReason))},
		{Name: "echo-altered", Does: "an echo comes back changed", Effects: onSend(wire.TypeEchoResponse, altered(otherContent))},
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

// quotedAsItCame remembers the body that was read last.
func quotedAsItCame(server.Config) server.Hooks {
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

// servedAnyway answers a keep-alive instead of refusing it.
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
