package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// takeoverFaults let another session win than §3 One session per user says.
func takeoverFaults() []Fault {
	return []Fault{
		{Name: "takeover-equal-kicks", Does: "a login with the same first login time kicks the old session", Hooks: settleBy(func(claimed, stored int64) int64 {
			if claimed == stored {
				return 0
			}
			return claimed
		})},
		{Name: "takeover-earlier-wins", Does: "a login with an earlier first login time kicks the old session and takes over", Hooks: settleBy(func(claimed, stored int64) int64 {
			if claimed < stored {
				return 0
			}
			return claimed
		})},
		{Name: "takeover-later-silent", Does: "a login with a later first login time takes over and kicks nobody", Hooks: settleBy(func(claimed, stored int64) int64 { return min(claimed, stored) })},
		{Name: "takeover-not-across-transports", Does: "a session on another transport is not kicked", Hooks: remembering(sparedAcross)},
		{Name: "takeover-reported-as-logout", Does: "a session that a new one replaced is reported as a logout", Effects: replacedReported},
		{Name: "login-verified-again", Does: "a login on a session that is logged in is verified again", Hooks: verifyAgain},
		{Name: "login-again-keeps-user", Does: "a login as another user on a session that is logged in is answered, and the session stays that of the first", Hooks: keepsUser},
		{Name: "loser-logged-in", Does: "a UDP session whose login lost stays logged in", Policy: func(c *server.Config) { c.Quirks.LoserStays = true }},
		{Name: "nameless-login-accepted", Does: "a login without a user id is accepted, with an empty one", Inbound: withEmptyUser},
	}
}

// settleBy has the server decide between two sessions by another first login time than
// the one that the client claims, which the response still has.
func settleBy(change func(claimed, stored int64) int64) hooksFor {
	return func(server.Config) server.Hooks {
		stored := map[string]int64{} // by user
		var claimed int64            // in the login that is being handled; 0 when that is left as it is
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
	}
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

// keepsUser has each login on a session that is logged in name the user that it has, and
// answers in the name of the one who asked.
func keepsUser(server.Config) server.Hooks {
	var asked wire.Text // user of the login that is being handled
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			asked = wire.Text{}
			changeLogin(&in, func(info *wire.LoginInfo) {
				if asked = info.UserID; from.LoggedIn() {
					info.UserID = wire.Some(from.User())
				}
			})
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeLoginResponse) && asked.Present() && !e.Message.To.Is(wire.NobodyID) {
				e.Message.To = asked
			}
			return unchanged(e)
		},
	}
}

func withEmptyUser(_ *server.Session, in server.Inbound) server.Inbound {
	changeLogin(&in, func(info *wire.LoginInfo) { info.UserID = wire.Some(info.UserID.Value()) })
	return in
}

// sparedAcross recognizes a takeover by the session on which the user has logged in last.
func sparedAcross() effectChange {
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

// isTakeover reports whether a kick-out is due to another login.
func isTakeover(kick wire.Message) bool {
	body, err := wire.ParseKickout(kick.DataContent.Value())
	return err == nil && body.Code == wire.KickDuplicateLogin
}

func replacedReported(e server.Effect) []server.Effect {
	if !sends(e, wire.TypeKickout) || !isTakeover(e.Message) {
		return unchanged(e)
	}
	logout := server.Event{Kind: server.EventLogout, User: e.Message.To.Value(), Code: server.NoKick}
	return []server.Effect{e, {Kind: server.Report, Event: logout}}
}

// verifyAgain asks the application about every login.
func verifyAgain(c server.Config) server.Hooks {
	verdict := wire.CodeOK // on the login that is being handled
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			verdict = wire.CodeOK
			changeLogin(&in, func(info *wire.LoginInfo) {
				if from.LoggedIn() {
					verdict = c.Application.Verify(info.UserID.Value(), info.Token.Value(), info.Extra.Value())
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
}
