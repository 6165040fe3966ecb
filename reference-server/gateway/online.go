package gateway

import (
	"net/netip"
	"slices"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Online lists the users that are logged in, in order.
func (g *Gateway) Online() []string {
	users, made := g.onlineUsers()
	if made { // without the lock: nobody waits for it
		slices.Sort(users)
	}
	return users
}

// onlineUsers lists the users that are logged in; made says that the list is new, and not in
// order.
func (g *Gateway) onlineUsers() (users []string, made bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.onlineFor <= 0 {
		return g.rules.OnlineUsers(), true
	}
	if now := time.Now(); g.onlineAt.IsZero() || now.Sub(g.onlineAt) >= g.onlineFor {
		g.online, g.onlineAt = g.rules.Online(), now
	}
	return slices.Clone(g.online), false
}

// SessionInfo describes the session of a user who is online.
type SessionInfo struct {
	User      string
	Transport wire.Transport
	Since     time.Time      // time of the registration
	Remote    netip.AddrPort // the client's address
	Number    uint64         // place in the order of registrations, from 1
}

// Sessions describes up to limit sessions in the order in which their users came online,
// from the first one whose Number is larger than after. A page that is shorter than limit is
// the last. The server waits for as long as it takes to copy that page, however many are online.
func (g *Gateway) Sessions(after uint64, limit int) []SessionInfo {
	page := make([]SessionInfo, 0, limit)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.rules.Sessions(after, limit) {
		page = append(page, describe(r))
	}
	return page
}

// Session describes the session of a user; false for one who is not online.
func (g *Gateway) Session(user string) (SessionInfo, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, online := g.rules.Registered(user)
	if !online {
		return SessionInfo{}, false
	}
	return describe(r), true
}

// OnlineCounts returns the number of users who are online, by transport.
func (g *Gateway) OnlineCounts() [len(wire.Transports)]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rules.OnlineCounts()
}

func describe(r server.Registered) SessionInfo {
	return SessionInfo{r.User, r.Session.Transport, r.Since, r.Session.Link.(transport.Link).RemoteAddr(), r.Number}
}
