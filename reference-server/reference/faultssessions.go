package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// noType is a message type that means nothing: such a message counts as
// activity and is otherwise ignored (§3 Unknown type).
const noType wire.Type = 99

// typeFaults take messages for others than they are (§3 Unknown type).
func typeFaults() []Fault {
	return []Fault{
		{"unknown-type-bad", "a message of an unknown type ends the session", onType(unknown, func(in *server.Inbound) { *in = ending(*in) })},
		{"unknown-type-answered", "a message of an unknown type is taken for a keep-alive", onType(unknown, func(in *server.Inbound) { in.Message.Type = wire.TypeKeepAlive })},
		{"server-type-bad", "a message of a type that only a server sends ends the session", onType(serverOnlyType, func(in *server.Inbound) { *in = ending(*in) })},
		{"logout-ignored", "a logout is ignored", onType(is(wire.TypeLogout), func(in *server.Inbound) { in.Message.Type = noType })},
		{"early-logout-refused", "a logout before the login gets error 301", tamper(earlyLogoutRefused)},
		{"ack-ignored", "a client's ACK is ignored", onType(is(wire.TypeReceived), func(in *server.Inbound) { in.Message.Type = noType })},
	}
}

// earlyLogoutRefused reads a stranger's logout as data, and has error 301 quote the
// logout.
func earlyLogoutRefused() server.Hooks {
	var logout wire.Message // the one under way; the zero value when none is
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			logout = wire.Message{}
			if in.Message.Type == wire.TypeLogout && !from.LoggedIn() {
				logout = in.Message
				in.Message.Type = wire.TypeData
			}
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeErrorResponse) && logout.Type == wire.TypeLogout {
				e.Message = wire.NewErrorResponse(wire.CodeServerNotLoggedIn, logout)
			}
			return unchanged(e)
		},
	}
}

// ending makes of what came in something that ends its session, on UDP too.
func ending(in server.Inbound) server.Inbound {
	return server.Inbound{Message: wire.NewLogout(""), Body: in.Body}
}

func onType(which func(wire.Type) bool, change func(in *server.Inbound)) func(*behaviour) {
	return onInbound(func(_ *server.Session, in server.Inbound) server.Inbound {
		if !in.Bad && !in.Ignored && which(in.Message.Type) {
			change(&in)
		}
		return in
	})
}

func is(kind wire.Type) func(wire.Type) bool {
	return func(t wire.Type) bool { return t == kind }
}

func serverOnlyType(t wire.Type) bool {
	return wire.TypeLoginResponse <= t && t <= wire.TypeKickout
}

func unknown(t wire.Type) bool {
	return !serverOnlyType(t) && (t < wire.TypeLogin || t > wire.TypeEcho)
}

// activityFaults disagree with §3 on what keeps a session alive.
func activityFaults() []Fault {
	received := func(which func(wire.Type) bool) func(*behaviour) {
		return miscount(func(t wire.Type, sent bool) bool { return !sent && which(t) })
	}
	return []Fault{
		{"login-not-counted", "a login does not count as activity", received(is(wire.TypeLogin))},
		{"keep-alive-not-counted", "a keep-alive does not count as activity", received(is(wire.TypeKeepAlive))},
		{"echo-not-counted", "an echo does not count as activity", received(is(wire.TypeEcho))},
		{"data-not-counted", "data does not count as activity", received(is(wire.TypeData))},
		{"ack-not-counted", "an ACK does not count as activity", received(is(wire.TypeReceived))},
		{"unknown-type-not-counted", "a message of an unknown type does not count as activity", received(unknown)},
		{"sent-counted", "what the server sends counts as activity", miscount(func(_ wire.Type, sent bool) bool { return sent })},
	}
}

// takeoverFaults decide otherwise than §3 One session per user.
func takeoverFaults() []Fault {
	return []Fault{
		{"takeover-equal-kicks", "a login with the same first login time kicks the old session", settleBy(func(claimed, stored int64) int64 {
			if claimed == stored {
				return 0
			}
			return claimed
		})},
		{"takeover-earlier-wins", "a login with an earlier first login time kicks the old session and takes over", settleBy(func(claimed, stored int64) int64 {
			if claimed < stored {
				return 0
			}
			return claimed
		})},
		{"takeover-later-silent", "a login with a later first login time takes over and kicks nobody", settleBy(func(claimed, stored int64) int64 { return min(claimed, stored) })},
		{"takeover-not-across-transports", "a session on another transport is not kicked", interceptAfresh(sparedAcross)},
		{"takeover-reported-as-logout", "a session that a new one replaced is reported as a logout", intercept(replacedReported)},
		{"login-verified-again", "a login on a session that is logged in is verified again", verifyAgain},
		{"nameless-login-accepted", "a login without a user id is accepted, with an empty one", onInbound(withEmptyUser)},
	}
}

// settleBy has the server decide between two sessions by another first login
// time than the one that the client claims; the response still has that one.
func settleBy(change func(claimed, stored int64) int64) func(*behaviour) {
	return tamper(func() server.Hooks {
		stored := map[string]int64{} // by user
		var claimed int64            // in the login under way; 0 when that is left as it is
		return server.Hooks{
			Inbound: func(_ *server.Session, in server.Inbound) server.Inbound {
				claimed = 0
				changeLogin(&in, func(info *wire.LoginInfo) {
					before, known := stored[info.UserID.Value()]
					if info.FirstLoginTime <= 0 || !known {
						return
					}
					claimed = info.FirstLoginTime
					info.FirstLoginTime = change(claimed, before)
				})
				return in
			},
			Interpose: func(e server.Effect) []server.Effect {
				if sends(e, wire.TypeLoginResponse) {
					changeLoginResponse(&e.Message, func(body *wire.LoginResponse) {
						if claimed != 0 {
							body.FirstLoginTime = claimed
						}
						stored[e.Message.To.Value()] = body.FirstLoginTime
					})
				}
				return unchanged(e)
			},
		}
	})
}

// changeLogin changes the content of a login that can be read.
func changeLogin(in *server.Inbound, change func(info *wire.LoginInfo)) {
	if in.Bad || in.Ignored || in.Message.Type != wire.TypeLogin {
		return
	}
	if info, err := wire.ParseLoginInfo(in.Message.DataContent.Value()); err == nil {
		change(&info)
		in.Message.DataContent = wire.Some(string(info.Append(nil)))
	}
}

func withEmptyUser(_ *server.Session, in server.Inbound) server.Inbound {
	changeLogin(&in, func(info *wire.LoginInfo) { info.UserID = wire.Some(info.UserID.Value()) })
	return in
}

// sparedAcross knows a takeover by the session on which its user has logged in
// last.
func sparedAcross() func(server.Effect) []server.Effect {
	newest := map[wire.Text]*server.Session{}
	var spared *server.Session
	return func(e server.Effect) []server.Effect {
		switch {
		case sends(e, wire.TypeLoginResponse):
			newest[e.Message.To] = e.Session
		case sends(e, wire.TypeKickout) && isTakeover(e.Message):
			if by := newest[e.Message.To]; by != nil && by.Transport != e.Session.Transport {
				spared = e.Session
				return nil
			}
		case e.Kind == server.Close && e.Session == spared && e.Session.Transport.Connected():
			spared = nil
			return nil
		}
		return unchanged(e)
	}
}

// isTakeover reports whether a kick-out is on account of another login.
func isTakeover(kick wire.Message) bool {
	body, err := wire.ParseKickout(kick.DataContent.Value())
	return err == nil && body.Code == wire.KickDuplicateLogin
}

func replacedReported(e server.Effect) []server.Effect {
	if !sends(e, wire.TypeKickout) || !isTakeover(e.Message) {
		return unchanged(e)
	}
	logout := server.Event{Kind: server.EventLogout, User: e.Session.User(), Code: server.NoKick}
	return []server.Effect{e, {Kind: server.Report, Event: logout}}
}

// verifyAgain asks the application about every login.
func verifyAgain(c *behaviour) {
	application := c.Application
	tamper(func() server.Hooks {
		verdict := wire.CodeOK // of the login under way
		return server.Hooks{
			Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
				verdict = wire.CodeOK
				changeLogin(&in, func(info *wire.LoginInfo) {
					if from.LoggedIn() {
						verdict = application.Verify(info.UserID.Value(), info.Token.Value(), info.Extra.Value())
					}
				})
				return in
			},
			Interpose: func(e server.Effect) []server.Effect {
				if verdict != wire.CodeOK && sends(e, wire.TypeLoginResponse) {
					e.Message = wire.NewLoginResponse(e.Session.User(), verdict, 0)
				}
				return unchanged(e)
			},
		}
	})(c)
}
