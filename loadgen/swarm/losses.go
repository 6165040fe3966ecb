package swarm

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/plan"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

const (
	// maxFollowedRate is the highest rate of messages a second at which the server's events are
	// followed. It writes some three for each message, and docs/performance.md has what that
	// takes of either end.
	maxFollowedRate = 2000
	// maxLosses bounds the losses that a worker has not looked at.
	maxLosses = 1 << 16
)

// loss is a message that the server has called lost.
type loss struct {
	receiver    plan.Client
	flow        plan.Flow
	fingerprint string
	at          time.Duration // time at which the event was read
}

// losses hands what the server calls lost to a worker. The zero value is empty.
type losses struct {
	waiting atomic.Bool // list is not empty
	mu      sync.Mutex
	list    []loss
}

// add hands a loss over. What is too much is dropped.
func (l *losses) add(one loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) < maxLosses {
		l.list = append(l.list, one)
		l.waiting.Store(true)
	}
}

// take returns what has been handed over since the last call.
func (l *losses) take() []loss {
	if !l.waiting.Load() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.list
	l.list = nil
	l.waiting.Store(false)
	return taken
}

// follower follows the events of the server.
type follower struct {
	begun  atomic.Bool // the server has answered
	broken atomic.Bool // the stream ended before it was to
}

// whole reports whether no event was missed.
func (f *follower) whole() bool { return f.begun.Load() && !f.broken.Load() }

// followLosses has the workers know which messages the server calls lost, where it has a
// control API with events and the rate allows it. The function that it returns ends that.
func (s *swarm) followLosses() (stop func()) {
	t := s.config.Target
	if t.Control == "" || !t.Has(controlapi.CapabilityEvents) || s.config.messageRate() > maxFollowedRate {
		return func() {}
	}
	names := []controlapi.EventName{controlapi.EventLost}
	if s.scenario.Recovers() {
		names = append(names, controlapi.EventLogout)
	}
	ctx, cancel := context.WithCancel(context.Background())
	control := target.NewControl(t.Network, t.Control)
	var following sync.WaitGroup
	following.Go(func() {
		defer control.Close()
		_ = control.FollowNamed(ctx, func() { s.follower.begun.Store(true) }, s.noteEvent, names...) // the report says that it has no such counter
		s.follower.broken.Store(ctx.Err() == nil)
		if s.follower.whole() {
			s.Ends.Followed()
		}
	})
	return func() {
		cancel()
		following.Wait()
	}
}

// noteEvent notes an event of the server.
func (s *swarm) noteEvent(event controlapi.EventLine, readAt time.Time) {
	switch {
	case event.Event == controlapi.EventLost:
		s.noteLoss(event.Fingerprint, readAt)
	case event.Code != nil:
		s.Ends.Note(event.User, wire.Code(*event.Code))
	}
}

// noteLoss hands a message of this run that counts to the worker of its receiver, unless that
// is another process's.
func (s *swarm) noteLoss(fingerprint string, readAt time.Time) {
	id, ok := s.Nonce.ParseFingerprint(fingerprint)
	if !ok {
		return
	}
	receiver := id.Client
	switch id.Stream {
	case plan.CountedC2C:
		receiver = s.Schedule.PeerAt(id.Client, id.To)
	case plan.CountedS2C:
	default:
		return
	}
	if int(receiver) < 0 || int(receiver) >= s.Population {
		return
	}
	if w := s.workerOf(receiver); w != nil {
		w.losses.add(loss{receiver, id.Stream.Flow(), fingerprint, readAt.Sub(s.Start)})
	}
}

// ackDropped reports whether an ACK of a message may have been dropped by the impairment of the
// path.
func (w *worker) ackDropped(fingerprint string) bool {
	if w.path == nil {
		return false
	}
	id, ok := w.run.Nonce.ParseFingerprint(fingerprint)
	return ok && w.run.resent.maybe(id)
}

// takeLosses counts the messages that the server called lost although their receiver had
// acknowledged them in time, over the connection that it still has.
func (w *worker) takeLosses() {
	for _, l := range w.losses.take() {
		m := w.roster.of(l.receiver)
		if !m.begun {
			continue
		}
		now := w.run.Now()
		since, known := m.rules.SinceCopy(m.at(w.run.Start, now), l.fingerprint)
		if came := now - since; known && came >= m.dialBegan && !w.run.Outage.Meets(came, l.at) && l.at-came >= reports.SpuriousAfter+w.path.delay() && !w.ackDropped(l.fingerprint) {
			w.books.Messages[l.flow].CalledLost.Add(1)
		}
	}
}
