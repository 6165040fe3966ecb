package server

import (
	"context"
	"fmt"
	"sync"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/broker"
	"imcheck/harness/machine"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// lookTime is the time within which a server finds a queue that is new: it looks every 5 s (§6).
const lookTime = 6 * time.Second

// farEnd is the other end of the target's bridge, for all cases of a run: it takes what the
// target publishes, and publishes what the target consumes.
type farEnd struct {
	connection broker.Connection
	publishing sync.Mutex

	mu      sync.Mutex
	taken   []published
	changed chan struct{} // closed, and replaced, when there is something new
}

// published is a message that the target has published.
type published struct {
	wire.Message
	broker.Delivery
	at time.Time
}

// connectBridge connects to the broker of a target that has a bridge.
func (w *world) connectBridge(ctx context.Context) error {
	w.bridge = nil
	if w.target.Bridge == nil || !w.target.Has(controlapi.CapabilityBridge) {
		return nil
	}
	c, err := w.target.Bridge.Connect(ctx)
	if err != nil {
		return err
	}
	w.bridge = &farEnd{connection: c, changed: make(chan struct{})}
	context.AfterFunc(ctx, c.Close)
	found, err := c.Exists(broker.ToServer)
	if err == nil {
		err = c.Declare(broker.ToServer)
	}
	if err == nil {
		err = c.Declare(broker.FromServer)
	}
	var deliveries <-chan broker.Delivery
	if err == nil {
		deliveries, err = c.Consume(broker.FromServer, 256)
	}
	if err != nil {
		c.Close()
		return fmt.Errorf("the queues of the bridge at %s: %w", w.target.Bridge, err)
	}
	w.readers.Go(func() { w.bridge.take(deliveries) })
	w.readers.Go(func() {
		for range c.Confirmations() { // a message that is lost does not arrive
		}
	})
	if !found {
		machine.Sleep(ctx, lookTime)
	}
	return nil
}

// take notes what the target publishes. What is not a message has no fields.
func (e *farEnd) take(deliveries <-chan broker.Delivery) {
	for d := range deliveries {
		m, _ := wire.Decode(d.Body) // of others perhaps
		e.mu.Lock()
		e.taken = append(e.taken, published{m, d, time.Now()})
		close(e.changed)
		e.changed = make(chan struct{})
		e.mu.Unlock()
		if d.Ack() != nil {
			return
		}
	}
}

// matching lists what the target has published and a function picks. changed is closed when
// there is more.
func (e *farEnd) matching(match func(published) bool) (found []published, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.taken {
		if match(p) {
			found = append(found, p)
		}
	}
	return found, e.changed
}

// Carry publishes a body to the target, as the server at the other end of the bridge.
func (s *Scene) Carry(body string) {
	s.needBridge()
	s.Transcript.Remark("bridge", "to the server: "+body)
	s.world.bridge.publishing.Lock()
	defer s.world.bridge.publishing.Unlock()
	m := broker.Message{Body: []byte(body), ContentType: broker.ContentType, Persistent: true}
	if err := s.world.bridge.connection.Publish(broker.ToServer, m); err != nil {
		suite.Broken(err)
	}
}

// CarryUntil publishes a message to the target until everything wanted has come, repeatedly
// where datagrams may be lost.
func (s *Scene) CarryUntil(m wire.Message, wants ...Want) {
	s.CarryAllUntil([]wire.Message{m}, wants...)
}

// CarryAllUntil publishes messages to the target, one right after the other, until everything
// wanted has come, repeatedly where datagrams may be lost.
func (s *Scene) CarryAllUntil(pile []wire.Message, wants ...Want) {
	for _, m := range pile {
		m.QoS = true
		s.notePassedOn(m)
	}
	s.until(false, func() {
		for _, m := range pile {
			s.Carry(m.String())
		}
	}, wants...)
}

// needBridge ends the case when nobody has said where the broker is.
func (s *Scene) needBridge() {
	if s.world.bridge == nil {
		suite.NotSupported("the broker of the bridge is not known: name it with --bridge-amqp, or in the profile")
	}
}

// PublishedWant is a message that the target has to publish. How often it was published is
// counted at the end of the case.
type PublishedWant struct {
	scene     *Scene
	message   wire.Message
	once      bool
	need, may int
	last      published
}

// Published expects a message on the bridge each time the case sends it.
func (s *Scene) Published(m wire.Message) *PublishedWant {
	s.needBridge()
	w := &PublishedWant{scene: s, message: m}
	s.carried = append(s.carried, w)
	return w
}

// PublishedOnce expects a message on the bridge once, however often the case sends it.
func (s *Scene) PublishedOnce(m wire.Message) *PublishedWant {
	w := s.Published(m)
	w.once, w.need, w.may = true, 1, 1
	return w
}

// NeverPublished fails the case if a message was on the bridge by its end.
func (s *Scene) NeverPublished(m wire.Message) { s.Published(m) }

// Delivery returns how the message was published last.
func (w *PublishedWant) Delivery() broker.Delivery { return w.last.Delivery }

func (w *PublishedWant) begin(time.Time) {
	if !w.once {
		w.need++
	}
}

func (w *PublishedWant) allow() {
	if !w.once {
		w.may++
	}
}

func (w *PublishedWant) lossy() bool { return false }

func (w *PublishedWant) at() time.Time { return w.last.at }

// found lists what was published with the message's fingerprint, or without one with its content.
func (w *PublishedWant) found() ([]published, <-chan struct{}) {
	return w.scene.world.bridge.matching(func(p published) bool {
		return p.Message.Fingerprint == w.message.Fingerprint &&
			(w.message.Fingerprint.Present() || p.Message.From == w.message.From && p.Message.DataContent == w.message.DataContent)
	})
}

func (w *PublishedWant) met(until time.Time) bool {
	w.scene.Assume(suite.AssumesSettling)
	ctx, cancel := context.WithDeadline(w.scene.Context(), until)
	defer cancel()
	for {
		found, changed := w.found()
		if len(found) >= w.need {
			if len(found) > 0 {
				w.last = found[len(found)-1]
				w.scene.Transcript.Remark("bridge", "from the server: "+string(clip(w.last.Body)))
			}
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-w.scene.world.bridge.connection.Lost():
			suite.Broken(fmt.Errorf("the connection to the broker is lost: %w", w.scene.world.bridge.connection.Reason()))
		case <-changed:
		}
	}
}

func (w *PublishedWant) miss(started time.Time, acts int) {
	w.scene.Overdue(started, w.expected(w.need), w.scene.anyLossy() && acts == 1)
}

func (w *PublishedWant) expected(n int) string {
	return fmt.Sprintf("%s is published to the bridge %d times", describe(w.message), n)
}

// expectCount fails the case when the message was published more or less often than expected,
// or with another content.
func (w *PublishedWant) expectCount() {
	found, _ := w.found()
	if n := len(found); n < w.need || n > w.may {
		suite.FailOn(w.scene.anyLossy() && n > 0 && w.may > 0, w.expected(w.need), w.expected(n))
	}
	for _, p := range found {
		want := w.message
		if w.scene.Target.Has(controlapi.CapabilityStamp) {
			want.ServerTime = p.Message.ServerTime
		}
		if p.Message != want {
			suite.Fail("on the bridge: "+describe(want), describe(p.Message))
		}
	}
}
