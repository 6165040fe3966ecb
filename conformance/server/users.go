package server

import (
	"context"
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/accounts"
	"imcheck/harness/target"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// users lends the users of a target that knows them, and hides their secrets.
type users struct {
	source  accounts.Source // nil when the target lets in any user
	pool    *accounts.Pool
	known   map[string]bool // IDs of the pool
	secrets accounts.Redactor
}

// newUsers returns those that the items of a run have at once, and one for the run itself.
func newUsers(t *target.Target, items []suite.Item, parallel int) *users {
	u := &users{source: t.Users}
	if u.source == nil {
		return u
	}
	together, largest := suite.UsersNeeded(items, parallel)
	u.pool = accounts.NewPool(u.source, max(together, largest)+usersOfRun)
	u.known = make(map[string]bool, u.pool.Size())
	for n := range u.pool.Size() {
		u.known[u.source.ID(n)] = true
	}
	u.secrets.Add(u.source.Keys()...)
	return u
}

// usersOfRun is the number of users that a run has besides those of its cases: one whose
// login shows where past events end.
const usersOfRun = 1

// UsersNeeded returns how many users a run of some items has at once, and how many it needs
// at least.
func UsersNeeded(items []suite.Item, parallel int) (together, least int) {
	together, largest := suite.UsersNeeded(items, parallel)
	return together + usersOfRun, max(largest, usersOfRun)
}

// account returns an account as it logs in on a transport, and hides its secrets from then
// on.
func (u *users) account(n int, t wire.Transport) accounts.Account {
	a := u.source.Account(n, t)
	u.secrets.Add(a.Token, a.Extra)
	return a
}

// loan is the users of one attempt.
type loan struct {
	*accounts.Loan
	since time.Time
	after time.Duration // time in which the sessions of the users end; set when the scene is closed
}

// Return gives the users back.
func (l *loan) Return() { l.Loan.Return(l.after) }

// Lends reports whether the target knows its users.
func (w *world) Lends() bool { return w.users != nil && w.users.source != nil }

// Lend waits until so many users are free.
func (w *world) Lend(ctx context.Context, count int) (suite.Loan, error) {
	l, err := w.users.pool.Lend(ctx, count)
	if err != nil {
		return nil, fmt.Errorf("a case borrows users: %w", err)
	}
	return &loan{Loan: l, since: time.Now()}, nil
}

// lingering bounds the time for which something of the case's users may come after their
// connections are closed: a session on UDP outlives its socket, as a logout may be lost, and
// what was not acknowledged comes again (§4).
func (s *Scene) lingering() (after time.Duration) {
	for _, p := range s.peers {
		if p.lossy() && p.User != "" {
			after = max(after, s.Target.Modes[wire.UDP].Expiry(wire.UDP))
		}
		s.passesOn = s.passesOn || p.byHand
	}
	if policy := qos.ServerPolicy; s.passesOn {
		after = max(after, policy.MinAge+time.Duration(policy.Retries+1)*policy.Sweep)
	}
	return after + s.settleTime()
}

// notePassedOn notes that the server has a message to pass on, which it may send again.
func (s *Scene) notePassedOn(m wire.Message) {
	s.passesOn = s.passesOn || m.QoS && m.To.Value() != wire.ServerID
}

// loan returns the users of the scene's attempt; nil where the target lets in any.
func (s *Scene) loan() *loan {
	l, _ := s.Attempt.Loan.(*loan)
	return l
}

// User returns a user ID that nobody else has, or of a target that knows its users the next
// one that the attempt has borrowed. A made-up one carries the case's ID, so that a server's
// log can be matched; prefix comes first.
func (s *Scene) User(prefix string) string {
	l := s.loan()
	if s.Named++; l == nil {
		return s.Unique(prefix)
	}
	if s.Named > l.Len() {
		suite.Broken(fmt.Errorf("the case logs in more than the %d users that it says", l.Len()))
	}
	n := l.Number(s.Named - 1)
	id := s.world.users.source.ID(n)
	s.numbers[id], s.labels[id] = n, fmt.Sprintf("%s-%d", prefix, s.Named)
	return id
}

// Absent returns a user ID that nobody has, and that nobody logs in with. prefix may mean
// something to the application of the server.
func (s *Scene) Absent(prefix string) string { return s.Unique(prefix) }

// LoginMessage returns a login request of a user of the case on a transport, with a token
// that the target accepts.
func (s *Scene) LoginMessage(user string, t wire.Transport, firstLoginTime int64) wire.Message {
	if n, borrowed := s.numbers[user]; borrowed {
		return s.world.users.account(n, t).Login(firstLoginTime)
	}
	return LoginMessage(user, s.Target.Token(), firstLoginTime)
}

// LoginMessage returns a login request of the peer's user.
func (p *Peer) LoginMessage(firstLoginTime int64) wire.Message {
	return p.scene.LoginMessage(p.User, p.conn.Transport(), firstLoginTime)
}

// Token returns the token of a user of the case.
func (s *Scene) Token(user string) string {
	if n, borrowed := s.numbers[user]; borrowed {
		return s.world.users.account(n, s.Transport).Token
	}
	return s.Target.Token()
}

// isRecent reports whether an event has come since the attempt has its users: what came
// before may be of somebody else who had them.
func (s *Scene) isRecent(e target.Event) bool {
	l := s.loan()
	return l == nil || !e.ReadAt.Before(l.since)
}
