package server

import (
	"imcheck/protocol/wire"
)

// LoginMessage returns a login request.
func LoginMessage(user, token string, firstLoginTime int64) wire.Message {
	return wire.NewLogin(wire.LoginInfo{UserID: wire.Some(user), Token: wire.Some(token), FirstLoginTime: firstLoginTime})
}

// Login logs the peer's user in and returns the server's response. It does not settle.
// wants are further effects of the login to wait for.
func (p *Peer) Login(firstLoginTime int64, wants ...Want) wire.LoginResponse {
	response := p.GetsLoginResponse(wire.CodeOK)
	p.SendUntil(p.LoginMessage(firstLoginTime), append([]Want{response}, wants...)...)
	body, _ := wire.ParseLoginResponse(response.Message().DataContent.Value()) // it was parsed to match
	p.firstLoginTime = body.FirstLoginTime
	return body
}

// KeepAlive makes a keep-alive round trip, which shows that the session is logged in.
func (p *Peer) KeepAlive() Activity {
	if p.unsettled {
		return p.settleLogin()
	}
	return p.SendUntil(wire.NewKeepAlive(p.User), p.Gets(wire.NewKeepAliveResponse(p.User)))
}

// unansweredBeforeLogin is the number of unanswered keep-alives after which a new
// session logs in again, as a client does that gives up.
const unansweredBeforeLogin = 4

// settleLogin makes the first keep-alive round trip after a login, which is repeated
// on streams too: it may overtake the registration of the user, and is then answered
// to the session that was registered before, or to nobody (§7).
//
// Where there was such a session its end may take the registration of the new one
// with it: then another login helps. That may come after the first answer, so a
// second round trip is made when the effects of the takeover have come.
func (p *Peer) settleLogin() Activity {
	takesOver := p.first() != p
	defer func() { p.unsettled = false }() // a login that is repeated sets it again
	answered := p.settleOnce(takesOver)
	if takesOver && p.first().conn.Transport().Connected() {
		p.scene.WaitForEffects()
		answered = p.settleOnce(takesOver)
	}
	return answered
}

// settleOnce makes a keep-alive round trip, with another login where keep-alives of a
// session that takes over go unanswered.
func (p *Peer) settleOnce(takesOver bool) Activity {
	sent := 0
	defer func() {
		if sent > 1 {
			p.Probe() // the answers to all the others have come then
		}
	}()
	return p.scene.until(true, func() {
		if sent++; takesOver && sent%unansweredBeforeLogin == 0 {
			p.Send(p.LoginMessage(p.firstLoginTime))
			p.allow(1, p.isLoginResponse(wire.CodeOK))
		}
		p.Send(wire.NewKeepAlive(p.User))
	}, p.Gets(wire.NewKeepAliveResponse(p.User)))
}
