// Package gateway puts the server's rules on the network: it turns what
// happens on links into calls of the rules, and the rules' effects into sends
// and closes. It owns the lock, the timer and the clock that the rules lack.
package gateway

import (
	"net/netip"
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Gateway serves any number of listeners with the rules of one server. It is a
// transport.Handler.
type Gateway struct {
	observe func(at time.Time, e server.Event)

	mu      sync.Mutex
	rules   *server.Server
	limits  server.Limits
	scratch []byte // an encoded message

	// Operation.
	counts   Counts
	watcher  Watcher // nil for none
	closedBy error   // reason of the call of Closed in progress
	draining bool    // see Drain

	// Sessions.
	streams   map[transport.Link]*server.Session
	packets   packetSessions
	perSource map[netip.Addr]int  // number of packets by source
	budget    amplificationBudget // for answers on UDP before a login

	// Rates of one source.
	connections, logins rateLimit

	// Bridge.
	publish func(publication uint64, body []byte) bool // nil for none
	refused []uint64                                   // publications that could not be handed over

	// Timer of what is due next.
	timer    *time.Timer
	timerDue time.Time
	stopped  bool

	// Ways to be late (docs/protocol.md §7).
	lostAfterEnd time.Duration // datagrams are lost for so long after one that ended its session
	ended        endedAddresses
	schedule     *schedule // puts effects off; nil when nothing is put off

	// The list of users.
	onlineFor time.Duration // time for which the same list is given out
	online    []string
	onlineAt  time.Time // time at which it was made; zero for never
}

// New starts the rules. observe is called with every event, in order. It is called with
// a lock held and must return at once.
func New(config server.Config, observe func(at time.Time, e server.Event)) *Gateway {
	return NewTimed(config, Timing{}, observe)
}

// NewTimed is New with effects that are put off. Random delays depend on the seed of
// config alone.
func NewTimed(config server.Config, timing Timing, observe func(at time.Time, e server.Event)) *Gateway {
	now := time.Now()
	g := &Gateway{
		lostAfterEnd: config.Policy.DeafTime, onlineFor: timing.OnlineFor,
		observe:   observe,
		counts:    newCounts(),
		limits:    config.Limits,
		streams:   map[transport.Link]*server.Session{},
		packets:   newPacketSessions(),
		perSource: map[netip.Addr]int{},
		budget:    newAmplificationBudget(config.Limits.StrangersExcess, now),

		connections: newRateLimit(config.Limits.ConnectionsPerSecond),
		logins:      newRateLimit(config.Limits.LoginsPerSecond),
	}
	config.Limited = g.limitedSession
	g.rules = server.NewServer(config, now)
	if timing.delays() {
		g.schedule = newSchedule(timing, config.Limits.Delayed, config.Seed, now)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timerDue = g.rules.Next()
	g.timer = time.AfterFunc(g.timerDue.Sub(now), g.tick)
	return g
}

// Stop stops the timer. Links that are still open get nothing more that is due later.
func (g *Gateway) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = true
	g.timer.Stop()
}

// Open takes a new TCP or WebSocket connection; false refuses it.
func (g *Gateway) Open(l transport.Link) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.draining {
		return false
	}
	if !g.connections.allows(now, sourceOf(l)) {
		g.limited(now, server.LimitConnections, sourceOf(l))
		return false
	}
	session := g.rules.Open(now, l.Transport(), sourceOf(l), l)
	if session == nil {
		return false
	}
	g.streams[l] = session
	g.counts.Connections[l.Transport()]++
	g.noteSession(now, session, SessionEvent{Kind: Connected})
	g.rearm(now)
	return true
}

// Closed forgets a TCP or WebSocket connection that is gone.
func (g *Gateway) Closed(l transport.Link, reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	session := g.streams[l]
	if session == nil {
		return
	}
	delete(g.streams, l)
	g.counts.Connections[l.Transport()]--
	now := time.Now()
	g.noteUnread(now, l, reason)
	g.closedBy = reason
	g.carryOut(now, g.rules.Closed(now, session))
	g.closedBy = nil
}

// networkBits is the prefix length of the IPv6 network that a single machine may have.
const networkBits = 64

// sourceOf returns what counts as one source: the IP address of a link, or on IPv6 its
// network.
func sourceOf(l transport.Link) netip.Addr {
	address := l.RemoteAddr().Addr().Unmap()
	if !address.Is6() || address.IsLinkLocalUnicast() { // all machines of a link are in one network
		return address
	}
	return netip.PrefixFrom(address, networkBits).Masked().Addr()
}

// carryOut turns effects into sends, closes and observations, and sets the timer. Links queue
// what they are given, so that nothing here waits for a peer.
func (g *Gateway) carryOut(now time.Time, effects []server.Effect) {
	g.carryOutAll(now, effects)
	g.rearm(now)
}

// carryOutAll is carryOut without the timer.
func (g *Gateway) carryOutAll(now time.Time, effects []server.Effect) {
	for i := range effects {
		e := &effects[i]
		if g.schedule == nil || !g.schedule.putOff(now, *e) {
			g.carryOutOne(now, e)
		}
	}
	g.carryOutDue(now)
	if len(g.refused) > 0 { // only now, as the rules reuse effects
		refused := g.refused
		g.refused = nil
		for _, publication := range refused {
			g.carryOutAll(now, g.rules.Refused(now, publication))
		}
	}
}

func (g *Gateway) carryOutOne(now time.Time, e *server.Effect) {
	switch e.Kind {
	case server.Send:
		g.scratch = e.Message.Append(g.scratch[:0])
		e.Session.Link.(transport.Link).Send(g.scratch)
		g.countSent(e, len(g.scratch))
	case server.Close:
		link := e.Session.Link.(transport.Link)
		if !link.Transport().Connected() {
			g.release(link, e.Session)
		}
		g.noteEnd(now, e)
		closeLink(link, e.Cause)
	case server.Report:
		g.noteReport(now, e)
		g.observe(now, e.Event)
	case server.Publish:
		if g.publish == nil || !g.publish(e.Publication, e.Message.Append(nil)) {
			g.refused = append(g.refused, e.Publication)
		}
	}
}

// closeLink closes a link; one that knows a way to say so says that the server goes away.
func closeLink(l transport.Link, cause server.Cause) {
	if cause == server.CauseGoingAway {
		l.GoAway()
		return
	}
	l.Close()
}

// carryOutDue carries out what was put off until now, and what exceeds the bound of what
// may be put off.
func (g *Gateway) carryOutDue(now time.Time) {
	if g.schedule == nil {
		return
	}
	for e, ok := g.schedule.due.Pop(now); ok; e, ok = g.schedule.due.Pop(now) {
		if laneOf(e).kind == acks && e.Session.Ended() {
			continue // the other thread finds no session any more
		}
		g.carryOutOne(now, &e)
	}
}

// next returns when something is due next, by the rules or because it was put off.
func (g *Gateway) next() time.Time {
	next := g.rules.Next()
	if g.schedule != nil {
		if at := g.schedule.due.Next(); !at.IsZero() && at.Before(next) {
			return at
		}
	}
	return next
}

// rearm brings the timer forward when something is due before it fires. When what was
// due has moved back it fires for nothing, which is cheaper than moving it for every
// message.
func (g *Gateway) rearm(now time.Time) {
	if next := g.next(); next.Before(g.timerDue) {
		g.timerDue = next
		g.timer.Reset(next.Sub(now))
	}
}

func (g *Gateway) tick() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return
	}
	now := time.Now()
	g.carryOutDue(now)
	g.carryOut(now, g.rules.Tick(now))
	g.timerDue = g.next()
	g.timer.Reset(g.timerDue.Sub(now))
}

// Push sends a message of the application; false reports that its user is not online.
func (g *Gateway) Push(m wire.Message) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	effects, online := g.rules.Push(now, m)
	g.carryOut(now, effects)
	return online
}

// Kick ends a user's session as an administrator does; false reports that the user is
// not online.
func (g *Gateway) Kick(user string, kick wire.Kickout) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	effects, online := g.rules.Kick(now, user, kick)
	g.carryOut(now, effects)
	return online
}
