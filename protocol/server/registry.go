package server

import (
	"slices"
	"sort"
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Registered is a user who is online.
type Registered struct {
	User    string
	Session *Session
	Since   time.Time // time of the registration
	Number  uint64    // place in the order of registrations, from 1; never used again
}

// registry has the users who are online: by ID, and in the order in which they were
// registered, so that a page of them takes as long as it is, however many they are.
type registry struct {
	users  map[string]registryUser
	order  []registryEntry // by number
	last   uint64          // the latest number
	gone   int             // entries of order that have ended
	online [len(wire.Transports)]int
}

type registryUser struct {
	session *Session
	number  uint64
}

type registryEntry struct {
	number  uint64
	since   timing.Instant
	user    string
	session *Session // nil once the registration has ended
}

// session returns the session of a user, nil for one who is not online.
func (r *registry) session(user string) *Session { return r.users[user].session }

// add registers a session for a user, in place of another one.
func (r *registry) add(now timing.Instant, user string, session *Session) {
	if r.session(user) == session {
		return
	}
	r.remove(user)
	r.last++
	if r.users == nil {
		r.users = map[string]registryUser{}
	}
	r.users[user] = registryUser{session, r.last}
	r.order = append(r.order, registryEntry{r.last, now, user, session})
	r.online[session.Transport]++
}

func (r *registry) remove(user string) {
	registered, ok := r.users[user]
	if !ok {
		return
	}
	delete(r.users, user)
	r.online[registered.session.Transport]--
	r.order[r.after(registered.number-1)] = registryEntry{number: registered.number}
	if r.gone++; r.gone > minGone && r.gone > len(r.order)/2 {
		r.order = slices.DeleteFunc(r.order, func(e registryEntry) bool { return e.session == nil })
		r.gone = 0
	}
}

// minGone is the number of ended registrations that are kept whatever their share.
const minGone = 1024

// after returns the index of the first entry with a larger number.
func (r *registry) after(number uint64) int {
	return sort.Search(len(r.order), func(i int) bool { return r.order[i].number > number })
}

// Sessions returns up to limit users who are online, in the order of their registrations,
// from the first one whose Number is larger than after. A page that is shorter than limit
// is the last.
func (s *Server) Sessions(after uint64, limit int) (page []Registered) {
	rest := s.registry.order[s.registry.after(after):]
	page = make([]Registered, 0, min(limit, len(rest)))
	for _, e := range rest {
		if len(page) >= limit {
			break
		}
		if e.session != nil {
			page = append(page, s.registered(e))
		}
	}
	return page
}

// Registered returns one user who is online; false for one who is not.
func (s *Server) Registered(user string) (Registered, bool) {
	u, ok := s.registry.users[user]
	if !ok {
		return Registered{}, false
	}
	return s.registered(s.registry.order[s.registry.after(u.number-1)]), true
}

func (s *Server) registered(e registryEntry) Registered {
	return Registered{e.user, e.session, s.clock.Time(e.since), e.number}
}

// OnlineCounts returns the number of users who are online, by transport.
func (s *Server) OnlineCounts() [len(wire.Transports)]int { return s.registry.online }

// OnlineUsers returns the users who are online, in the order of their registrations.
func (s *Server) OnlineUsers() []string {
	users := make([]string, 0, len(s.registry.users))
	for _, e := range s.registry.order {
		if e.session != nil {
			users = append(users, e.user)
		}
	}
	return users
}
