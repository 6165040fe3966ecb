package scenario

import (
	"sync/atomic"
	"time"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

const (
	// overdueAfter is the time after its idle timeout from which an old connection that is open
	// shows that the server keeps the session: it counts from what it heard last, which may be
	// a moment after we sent it, and a busy one is late.
	overdueAfter = 5 * time.Second
	// crossing is the time after a return in which the old connection may still be sent what was
	// under way.
	crossing = 500 * time.Millisecond
)

// silent has the clients of one worker leave without a word, and watches the connections that
// they have left.
type silent struct {
	worker Worker
	all    []*zombie
	latest map[plan.Slot]*zombie
	kicks  atomic.Int64 // kicks of streams that are due, as their clients are back as new
}

func newSilent(w Worker) *silent { return &silent{worker: w, latest: map[plan.Slot]*zombie{}} }

// zombie is a connection that its client has abandoned. Times are none until it comes to that.
type zombie struct {
	silent *silent
	on     wire.Transport
	asNew  bool // its client came back without its first login time

	left        time.Duration
	tried, back time.Duration // beginning and end of its client's login
	kicked      time.Duration
	ended       time.Duration // by the server
	misdirected bool          // it was sent what belongs to the new session
	expectsKick bool
	atEnd       time.Duration // time of the end of the run
}

// abandon has a client leave and come back.
func (s *silent) abandon(t stormTarget, now time.Duration) {
	client := s.worker.Client(t.slot)
	z := &zombie{silent: s, on: client.Transport, asNew: t.asNew, left: now, tried: none, back: none, kicked: none, ended: none}
	s.all = append(s.all, z)
	s.latest[t.slot] = z
	if ends := s.worker.Run().Ends; ends != nil {
		ends.Expect(client.User)
	}
	s.worker.Abandon(t.slot, now, t.asNew, z)
}

// back notes that a client that had left is logged in again.
func (s *silent) back(l Login) {
	z := s.latest[l.Slot]
	if z == nil || z.back != none {
		return
	}
	z.tried, z.back = l.DialBegan, l.Now
	if z.asNew && z.on.Connected() && z.kicked == none && z.ended == none {
		z.expectsKick = true
		s.kicks.Add(1)
	}
}

// busy reports whether a kick is due. Any goroutine may ask.
func (s *silent) busy() bool { return s != nil && s.kicks.Load() > 0 }

// end closes the books.
func (s *silent) end(now time.Duration) {
	if s == nil {
		return
	}
	for _, z := range s.all {
		z.atEnd = now
	}
}

// Arrived implements Remains.
func (z *zombie) Arrived(now time.Duration, m wire.Message) {
	switch {
	case m.Type == wire.TypeKickout:
		if z.kicked == none {
			z.kicked = now
		}
		z.resolve()
	case z.back != none && now > z.back+crossing:
		z.misdirected = true
	}
}

// Ended implements Remains.
func (z *zombie) Ended(now time.Duration) {
	z.ended = now
	z.resolve()
}

// resolve notes that no kick is waited for any more.
func (z *zombie) resolve() {
	if z.expectsKick {
		z.expectsKick = false
		z.silent.kicks.Add(-1)
	}
}

// was reports whether the server still had the session when its client came back; seen is false
// when nothing shows that. A stream that is open shows it, as the server closes those of sessions
// that have ended (§3); a kick does on any transport.
func (z *zombie) was() (was, seen bool) {
	switch {
	case z.kicked != none:
		return true, true
	case z.on.Connected():
		return z.ended == none || z.ended >= z.tried, true
	}
	return false, false
}

// reportSilent adds up what became of connections.
func reportSilent(run *Run, all []*zombie) *reports.Silent {
	r := &reports.Silent{KeptMaxMs: -1, NewMaxMs: -1, ZombieMaxMs: -1}
	for _, z := range all {
		z.enterReturn(r)
		z.enterEnd(r, run.Target.Modes[z.on].Expiry(z.on))
	}
	if run.Ends != nil {
		r.ServerKicks, r.ServerEnds, r.ServerFollowed = run.Ends.Counts()
	}
	return r
}

// enterReturn counts how the return of a client went.
func (z *zombie) enterReturn(r *reports.Silent) {
	if z.back == none {
		return
	}
	count, slowest := &r.ReturnedKept, &r.KeptMaxMs
	if z.asNew {
		count, slowest = &r.ReturnedNew, &r.NewMaxMs
	}
	*count++
	*slowest = max(*slowest, milliseconds(z.back-z.left))
	was, seen := z.was()
	switch {
	case !seen:
		r.Unseen++
		return
	case !was:
		return
	}
	r.Zombies++
	switch {
	case z.asNew && z.kicked != none:
		r.SelfKicks++
	case z.asNew:
		r.NotKicked++
	case z.kicked != none:
		r.KickedEqual++
	default:
		r.TakenOver++
	}
	if z.misdirected {
		r.Misdirected++
	}
}

// enterEnd counts what became of an old connection.
func (z *zombie) enterEnd(r *reports.Silent, expiry time.Duration) {
	switch {
	case !z.on.Connected():
	case z.ended != none:
		r.Ended++
		r.ZombieMaxMs = max(r.ZombieMaxMs, milliseconds(z.ended-z.left))
	case z.atEnd-z.left > expiry+overdueAfter:
		r.Overdue++
	default:
		r.Undecided++
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
