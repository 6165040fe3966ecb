package faults

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Planted lists faults that no case was written for: the whole catalogue passes against
// each of them. They show that exploring finds what nobody thought of.
func Planted() []Fault {
	return []Fault{
		{Name: "debtor-unacknowledged", Does: "while a user owes an ACK to another, their messages to a third are not acknowledged", Hooks: remembering(debtorUnacknowledged)},
		{Name: "second-return-not-registered", Does: "a user who returns for the second time with the first login time of before stays registered where they were", Hooks: secondReturnIgnored},
		{Name: "expired-acknowledged", Does: "a message to a user whose session has expired is acknowledged, and stored by nobody", Hooks: expiredAcknowledged},
	}
}

// debtorUnacknowledged remembers, by fingerprint, who wrote to whom what has not been
// acknowledged yet.
func debtorUnacknowledged() effectChange {
	waiting := map[wire.Text]wire.Message{}
	owes := func(user, other wire.Text) bool { // user owes an ACK to somebody else than other
		for _, m := range waiting {
			if m.To == user && m.From != user && m.From != other {
				return true
			}
		}
		return false
	}
	return func(e server.Effect) []server.Effect {
		switch m := e.Message; {
		case sends(e, wire.TypeData) && m.QoS && !m.From.Is(wire.ServerID):
			waiting[m.Fingerprint] = m
		case reports(e, server.EventReceived), reports(e, server.EventLost):
			delete(waiting, e.Event.Fingerprint)
		case sends(e, wire.TypeReceived):
			// It goes from the receiver of its message to the sender.
			if passedOn := waiting[m.DataContent]; passedOn.To.Present() && passedOn.To != passedOn.From && owes(passedOn.From, passedOn.To) {
				return nil
			}
		}
		return unchanged(e)
	}
}

// secondReturnIgnored counts, for each user, the sessions that logged in with the first
// login time that the user was given.
func secondReturnIgnored(server.Config) server.Hooks {
	given := map[string]int64{}            // first login times by user
	registered := map[string][]returning{} // sessions of users, since the first login
	var login returning                    // the login that was read last
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			login = returning{}
			changeLogin(&in, func(info *wire.LoginInfo) {
				if user := info.UserID.Value(); !from.LoggedIn() && info.FirstLoginTime > 0 && info.FirstLoginTime == given[user] {
					login = returning{from, user}
				}
			})
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			if sends(e, wire.TypeLoginResponse) {
				changeLoginResponse(&e.Message, func(body *wire.LoginResponse) {
					user := e.Message.To.Value()
					if given[user] = body.FirstLoginTime; login != (returning{e.Session, user}) {
						registered[user] = nil
					}
					registered[user] = append(registered[user], returning{e.Session, user})
				})
				return unchanged(e)
			}
			// The first session, the first return, the second.
			if of := registered[e.Message.To.Value()]; len(of) == 3 && of[2].session == e.Session && (sends(e, wire.TypeKeepAliveResponse) || sends(e, wire.TypeData)) {
				if e.Session = of[1].session; e.Session.Ended() {
					return nil
				}
			}
			return unchanged(e)
		},
	}
}

// returning is a session of a user.
type returning struct {
	session *server.Session
	user    string
}

// expiredAcknowledged remembers the users whose last session has expired.
func expiredAcknowledged(server.Config) server.Hooks {
	expired := map[string]bool{}
	var sender *server.Session // of what was read last
	return server.Hooks{
		Inbound: func(from *server.Session, in server.Inbound) server.Inbound {
			sender = from
			return in
		},
		Interpose: func(e server.Effect) []server.Effect {
			switch {
			case e.Kind == server.Close && e.Session.User() != "":
				expired[e.Session.User()] = e.Expired()
			case reports(e, server.EventLogin):
				delete(expired, e.Event.User)
			case reports(e, server.EventOffline) && e.Event.Code == server.NotStored && expired[e.Event.User]:
				if m := *e.Event.Message; m.QoS && m.Fingerprint.Present() {
					ack := wire.NewReceived(m)
					ack.Bridge = false
					return []server.Effect{{Kind: server.Send, Session: sender, Message: ack}, e}
				}
			}
			return unchanged(e)
		},
	}
}
