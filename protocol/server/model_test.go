package server_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Random histories against a model that looks at every session each time, and
// at what must be true of any history.

const (
	histories = 100
	actions   = 400
)

// naiveSession is the model of a session.
type naiveSession struct {
	*server.Session
	user           string
	firstLoginTime int64
	last           time.Duration // activity, after the start
	held           bool          // it expires: strangers on UDP do not
	over           bool
}

// naiveServer knows every session that there ever was.
type naiveServer struct {
	sessions []*naiveSession
	users    map[string]*naiveSession
}

func (n *naiveServer) end(s *naiveSession) {
	s.over = true
	if n.users[s.user] == s {
		delete(n.users, s.user)
	}
}

func (s *naiveSession) expiry() time.Duration { return s.last + timing.Mode3S.Expiry(s.Transport) }

// expire ends what is overdue.
func (n *naiveServer) expire(now time.Duration) {
	for _, s := range n.sessions {
		if s.held && !s.over && s.expiry() <= now {
			n.end(s)
		}
	}
}

// login is §3 One session per user.
func (n *naiveServer) login(s *naiveSession, user string, claimed, clock int64) {
	s.held = true
	old := n.users[user]
	if old != nil && old != s && claimed > 0 && claimed < old.firstLoginTime {
		if s.Transport.Connected() || s.user == "" {
			n.end(s)
		}
		return
	}
	if n.users[s.user] == s {
		delete(n.users, s.user)
	}
	s.user = user
	if s.firstLoginTime = claimed; claimed <= 0 {
		s.firstLoginTime = clock
	}
	if n.users[user] = s; old != nil && old != s && (claimed <= 0 || claimed > old.firstLoginTime) {
		old.over = old.Transport.Connected()
	}
}

// qosOutcomes counts the outcomes of one QoS message.
type qosOutcomes struct{ copies, lost, acknowledged int }

// history is one random run.
type history struct {
	*rand.Rand
	*bench
	model    naiveServer
	messages map[string]*qosOutcomes
	logouts  int
}

func TestAgainstModel(t *testing.T) {
	for seed := range uint64(histories) {
		h := &history{
			Rand: rand.New(rand.NewPCG(seed, 3)), bench: newBench(t, func(c *server.Config) { c.Quirks.FormerUser = server.FormerForgotten }),
			model: naiveServer{users: map[string]*naiveSession{}}, messages: map[string]*qosOutcomes{},
		}
		for action := range actions {
			h.act(action)
			if err := h.check(); err != nil {
				t.Fatalf("seed %d, action %d: %v", seed, action, err)
			}
		}
		if err := h.finish(); err != nil {
			t.Fatalf("seed %d, at the end: %v", seed, err)
		}
	}
}

func (h *history) elapsed() time.Duration { return h.now.Sub(start) }

func (h *history) user() string { return fmt.Sprint("user-", h.IntN(4)) }

// act does one random thing.
func (h *history) act(action int) {
	h.pass(time.Duration(h.IntN(500)) * time.Millisecond)
	if h.IntN(8) == 0 || len(h.model.sessions) == 0 {
		t := wire.Transports[h.IntN(len(wire.Transports))]
		s := h.open(t, "a session")
		h.model.sessions = append(h.model.sessions, &naiveSession{Session: s, last: h.elapsed(), held: t.Connected()})
		return
	}
	recent := h.model.sessions[max(0, len(h.model.sessions)-12):]
	s := recent[h.IntN(len(recent))]
	switch h.IntN(12) {
	case 0, 1, 2, 3:
		h.login(s)
	case 4, 5:
		h.message(s, fmt.Sprint("fp-", action))
	case 6:
		h.acknowledge(s)
	case 7:
		if h.IntN(4) == 0 {
			h.leave(s)
		}
	case 8:
		h.kick()
	default:
		h.note(h.Receive(h.now, s.Session, server.Read(wire.NewEcho("u", "x").Append(nil))))
		h.touch(s)
	}
}

// pass lets time go by, and now and then ticks late or for nothing.
func (h *history) pass(by time.Duration) {
	end := h.now.Add(by)
	for !h.Next().After(end) {
		h.now = h.Next()
		h.note(h.Tick(h.now))
		h.model.expire(h.elapsed())
	}
	if h.now = end; h.IntN(4) == 0 {
		h.note(h.Tick(h.now))
	}
}

func (h *history) touch(s *naiveSession) {
	if !s.over {
		s.last = h.elapsed()
	}
}

func (h *history) login(s *naiveSession) {
	user, claimed := h.user(), int64(h.IntN(4)-1)*1000
	before := s.over
	h.note(h.Receive(h.now, s.Session, server.Read(login(user, claimed).Append(nil))))
	if h.touch(s); !before {
		h.model.login(s, user, claimed, h.now.UnixMilli())
	}
}

// message has a session send QoS data to a user who may not be there. A
// stranger is refused.
func (h *history) message(s *naiveSession, fingerprint string) {
	to := h.user()
	receiver := h.model.users[to]
	stranger := s.user == ""
	if !s.over && !stranger && receiver != nil {
		h.messages[fingerprint] = &qosOutcomes{}
	}
	h.note(h.Receive(h.now, s.Session, server.Read(wire.NewQoSData("u", to, "x", fingerprint).Append(nil))))
	h.touch(s)
	if stranger && s.Transport.Connected() {
		h.model.end(s)
	}
}

// acknowledge has a session acknowledge any message.
func (h *history) acknowledge(s *naiveSession) {
	fingerprints := slices.Sorted(maps.Keys(h.messages))
	if len(fingerprints) == 0 || s.user == "" || s.over {
		return
	}
	fingerprint := fingerprints[len(fingerprints)-1]
	ack := wire.NewReceived(wire.NewQoSData("u", "v", "x", fingerprint))
	h.note(h.Receive(h.now, s.Session, server.Read(ack.Append(nil))))
	h.touch(s)
	if seen := h.messages[fingerprint]; seen.lost == 0 {
		seen.acknowledged++
	}
}

// leave ends a session in one of the ways there are.
func (h *history) leave(s *naiveSession) {
	switch h.IntN(3) {
	case 0:
		h.note(h.Receive(h.now, s.Session, server.Read(wire.NewLogout("u").Append(nil))))
	case 1:
		h.note(h.Receive(h.now, s.Session, server.Read([]byte("bad"))))
	case 2:
		h.note(h.Closed(h.now, s.Session))
	}
	h.model.end(s)
}

func (h *history) kick() {
	user := h.user()
	effects, online := h.Kick(h.now, user, wire.Kickout{Code: 7})
	h.note(effects)
	s := h.model.users[user]
	if online != (s != nil) {
		h.Errorf("kick says that %s is online: %v", user, online)
	}
	if s != nil && s.Transport.Connected() {
		h.model.end(s)
	}
}

// note counts what happened to messages.
func (h *history) note(effects []server.Effect) {
	for _, e := range effects {
		switch {
		case e.Kind == server.Send && e.Message.Type == wire.TypeData:
			h.messages[e.Message.Fingerprint.Value()].copies++
		case e.Kind == server.Report && e.Event.Kind == server.EventLost:
			h.messages[e.Event.Fingerprint.Value()].lost++
		case e.Kind == server.Report && e.Event.Kind == server.EventLogout:
			h.logouts++
		}
	}
}

// check compares every session and every user with the model.
func (h *history) check() error {
	due := h.elapsed() + time.Hour
	for i, s := range h.model.sessions {
		if s.Ended() != s.over {
			return fmt.Errorf("session %d on %s, last heard of after %v: ended %v after %v, want %v", i, s.Transport, s.last, s.Ended(), h.elapsed(), s.over)
		}
		if s.LoggedIn() != (s.user != "" && !s.over) {
			return fmt.Errorf("session %d: logged in %v as %q", i, s.LoggedIn(), s.user)
		}
		if s.held && !s.over {
			due = min(due, s.expiry())
		}
	}
	if next := h.Next().Sub(start); next > due || next <= h.elapsed() {
		return fmt.Errorf("next tick after %v, want it after %v and not later than %v", next, h.elapsed(), due)
	}
	if got, want := h.Online(), slices.Sorted(maps.Keys(h.model.users)); !slices.Equal(got, want) {
		return fmt.Errorf("online %q, want %q", got, want)
	}
	return h.checkPages()
}

// checkPages reads who is online in pages of two.
func (h *history) checkPages() error {
	var all []string
	var counts [len(wire.Transports)]int
	for after, more := uint64(0), true; more; {
		page := h.Sessions(after, 2)
		for _, r := range page {
			if one, ok := h.Registered(r.User); !ok || one != r || r.Number <= after || r.Session.User() != r.User {
				return fmt.Errorf("%+v after number %d is registered as %+v, %v", r, after, one, ok)
			}
			all, after = append(all, r.User), r.Number
			counts[r.Session.Transport]++
		}
		more = len(page) == 2
	}
	if !slices.Equal(all, h.OnlineUsers()) || counts != h.OnlineCounts() {
		return fmt.Errorf("pages of %q, %v; want %q, %v", all, counts, h.OnlineUsers(), h.OnlineCounts())
	}
	return nil
}

// finish lets everything run out: each message was either acknowledged or
// lost, never sent more than twice, and nobody is left.
func (h *history) finish() error {
	h.pass(30 * time.Second)
	if got := h.Online(); len(got) != 0 {
		return fmt.Errorf("%q are still online", got)
	}
	for fingerprint, seen := range h.messages {
		done := seen.lost + min(seen.acknowledged, 1)
		if seen.copies < 1 || seen.copies > 2 || done != 1 {
			return fmt.Errorf("message %s: %+v", fingerprint, *seen)
		}
	}
	if len(h.messages) == 0 || h.logouts == 0 {
		return fmt.Errorf("%d messages and %d logouts: the history shows nothing", len(h.messages), h.logouts)
	}
	return nil
}
