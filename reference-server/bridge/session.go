package bridge

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"imcheck/harness/broker"
)

// outgoing is a message on its way to the broker.
type outgoing struct {
	publication uint64
	body        []byte
}

// unconfirmed is a message that was published.
type unconfirmed struct {
	publication uint64
	since       time.Time
}

// session is the time of one connection. Make one with newSession. The rules bound how much
// waits in it.
type session struct {
	bridge     *Bridge
	connection broker.Connection
	wake       chan struct{} // holds an element when there is something to publish

	mu        sync.Mutex
	waiting   []outgoing             // not published yet
	published map[uint64]unconfirmed // by number on the connection, which counts from 1
	last      uint64                 // number given out last
}

func newSession(b *Bridge, connection broker.Connection) *session {
	return &session{bridge: b, connection: connection, wake: make(chan struct{}, 1), published: map[uint64]unconfirmed{}}
}

// queue takes a message to publish.
func (s *session) queue(o outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, o)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// left lists what was taken and is not confirmed.
func (s *session) left() (publications []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, number := range slices.Sorted(maps.Keys(s.published)) {
		publications = append(publications, s.published[number].publication)
	}
	for _, o := range s.waiting {
		publications = append(publications, o.publication)
	}
	s.published, s.waiting = nil, nil
	return publications
}

// run publishes and consumes until the connection is lost or the context done.
func (s *session) run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(s.publishAll)
	running.Go(s.readConfirmations)
	running.Go(s.consumeAlways)
	running.Go(s.watch)
	select {
	case <-ctx.Done():
	case <-s.connection.Lost():
	}
	s.connection.Close()
	<-s.connection.Lost()
	running.Wait()
}

// publishAll publishes what is queued.
func (s *session) publishAll() {
	for {
		select {
		case <-s.connection.Lost():
			return
		case <-s.wake:
		}
		for o, ok := s.next(); ok; o, ok = s.next() {
			quirks := s.bridge.config.Quirks
			m := broker.Message{Body: o.body, ContentType: cmp.Or(quirks.ContentType, broker.ContentType), Persistent: !quirks.Transient}
			if s.connection.Publish(s.bridge.config.PublishTo, m) != nil {
				s.connection.Close()
				return
			}
		}
	}
}

// next takes the next message to publish, and gives it its number before the broker can confirm
// it.
func (s *session) next() (o outgoing, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		s.waiting = nil
		return o, false
	}
	o = s.waiting[0]
	s.waiting = s.waiting[1:]
	s.last++
	s.published[s.last] = unconfirmed{o.publication, time.Now()}
	return o, true
}

// readConfirmations tells the rules what the broker says.
func (s *session) readConfirmations() {
	for c := range s.connection.Confirmations() {
		s.mu.Lock()
		one, ok := s.published[c.Number]
		delete(s.published, c.Number)
		s.mu.Unlock()
		switch {
		case !ok:
		case c.OK:
			s.bridge.count(func(c *Counts) { c.Confirmed++ })
			s.bridge.rules.Confirmed(one.publication)
		default:
			s.bridge.count(func(c *Counts) { c.Refused++ })
			s.bridge.rules.Refused(one.publication)
		}
	}
}

// watch gives a broker up that does not confirm, such as one without room on its disk.
func (s *session) watch() {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-s.connection.Lost():
			return
		case now := <-every.C:
			if s.overdue(now) {
				s.connection.Close()
			}
		}
	}
}

// overdue reports whether the broker has not confirmed a message in time.
func (s *session) overdue(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.published {
		if now.Sub(one.since) > confirmation {
			return true
		}
	}
	return false
}

// consumeAlways consumes the queue whenever it is there.
func (s *session) consumeAlways() {
	for {
		if s.consume(); s.bridge.config.Quirks.LooksOnce {
			return
		}
		select {
		case <-s.connection.Lost():
			return
		case <-time.After(lookEvery):
		}
	}
}

// consume hands the rules what is in the queue, in order, until the queue or the connection is
// gone. What is not a message is acknowledged like the rest.
func (s *session) consume() {
	quirks := s.bridge.config.Quirks
	if quirks.Deaf {
		return
	}
	exists, err := s.connection.Exists(s.bridge.config.ConsumeFrom)
	if err != nil || !exists {
		return
	}
	deliveries, err := s.connection.Consume(s.bridge.config.ConsumeFrom, prefetch)
	if err != nil {
		return
	}
	if quirks.LastFirst {
		deliveries = lastFirst(deliveries)
	}
	stuck := false
	for d := range deliveries {
		if stuck || s.bridge.draining.Load() {
			continue
		}
		message := s.bridge.rules.Consumed(d.Body)
		s.bridge.count(func(c *Counts) {
			c.Consumed++
			if !message {
				c.Dropped++
			}
		})
		stuck = quirks.StuckOnRubbish && !message
		if !quirks.Unacknowledged && d.Ack() != nil {
			s.connection.Close() // it is delivered again
		}
	}
}

// pileTime is the time in which deliveries pile up before a quirk turns them round.
const pileTime = 50 * time.Millisecond

// lastFirst passes deliveries on in piles, each in reverse order.
func lastFirst(deliveries <-chan broker.Delivery) <-chan broker.Delivery {
	turned := make(chan broker.Delivery)
	go func() {
		defer close(turned)
		for first := range deliveries {
			pile := []broker.Delivery{first}
			for full := time.After(pileTime); full != nil; {
				select {
				case d, ok := <-deliveries:
					if !ok {
						return
					}
					pile = append(pile, d)
				case <-full:
					full = nil
				}
			}
			for _, d := range slices.Backward(pile) {
				turned <- d
			}
		}
	}()
	return turned
}
