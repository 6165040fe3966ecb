package impair

import (
	"math"
	"time"
)

// sender lets messages out when their time has come: at once from send, later
// from a timer.
type sender struct {
	conn  *Conn
	timer *time.Timer

	// busy is held, by having put a value in, while messages go out. A goroutine
	// that waits for a mutex would stop the virtual time that ends a stuck write.
	busy     chan struct{}
	schedule *schedule
	failure  error // of a message sent from the timer
}

func newSender(c *Conn, s *schedule) *sender {
	sending := &sender{conn: c, schedule: s, busy: make(chan struct{}, 1)}
	sending.timer = time.AfterFunc(math.MaxInt64, sending.expire)
	sending.timer.Stop()
	return sending
}

func (s *sender) send(body []byte) error {
	s.busy <- struct{}{}
	defer func() { <-s.busy }()
	if s.conn.closed.Load() {
		return s.conn.Conn.Send(body) // which knows how to refuse
	}
	if err := s.failure; err != nil {
		s.failure = nil
		return err
	}
	s.schedule.add(time.Now(), body)
	return s.flush()
}

func (s *sender) expire() {
	s.busy <- struct{}{}
	defer func() { <-s.busy }()
	if err := s.flush(); err != nil {
		s.failure = err
	}
}

// flush writes what is due and sets the timer for the rest. The first error is
// returned; the messages after it are tried all the same, as a datagram that
// was refused does not keep the next from being sent.
func (s *sender) flush() (failure error) {
	for !s.conn.closed.Load() {
		next, ok := s.schedule.take(time.Now())
		if !ok {
			break
		}
		if err := s.conn.Conn.Send(next.body); err != nil && failure == nil {
			failure = err
		}
	}
	if due, ok := s.schedule.next(); ok {
		s.timer.Reset(time.Until(due))
	}
	if s.conn.closed.Load() { // maybe just now, before the timer was set
		s.timer.Stop()
	}
	return failure
}
