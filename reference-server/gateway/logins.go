package gateway

import (
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// refusesLogin reports whether a message of a session without a login is a login that comes
// too often or finds too many sessions there. On UDP it is ignored, a stream ends.
func (g *Gateway) refusesLogin(now time.Time, session *server.Session, in server.Inbound) bool {
	if in.Bad || in.Message.Type != wire.TypeLogin {
		return false
	}
	l := session.Link.(transport.Link)
	source := sourceOf(l)
	switch {
	case !g.logins.allows(now, source):
		g.limited(now, server.LimitLogins, source)
		if l.Transport().Connected() {
			g.carryOut(now, g.rules.Abort(now, session, server.CauseRate))
		}
		return true
	case l.Transport().Connected():
		return false
	case g.perSource[source] >= g.limits.SessionsPerSource || g.packets.len() >= g.limits.PacketSessions:
		g.limited(now, server.LimitPacketSessions, source)
		return true
	}
	return false
}
