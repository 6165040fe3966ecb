package memory

import "sync"

// stream is a channel that never makes its writer wait. Make one with newStream.
type stream[T any] struct {
	out chan T

	mu      sync.Mutex
	waiting []T
	closed  bool
	wake    chan struct{} // holds an element when there is something to do
}

func newStream[T any]() *stream[T] {
	s := &stream[T]{out: make(chan T), wake: make(chan struct{}, 1)}
	go s.run()
	return s
}

func (s *stream[T]) put(element T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.waiting = append(s.waiting, element)
		s.signal()
	}
}

// close drops what nobody has read yet.
func (s *stream[T]) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed, s.waiting = true, nil
		s.signal()
	}
}

func (s *stream[T]) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run moves elements to the reader until the stream is closed.
func (s *stream[T]) run() {
	defer close(s.out)
	for range s.wake {
		for {
			first, ok, over := s.first()
			if over {
				return
			}
			if !ok {
				break
			}
			select {
			case s.out <- first:
				s.removeFirst()
			case <-s.wake: // perhaps it is closed
			}
		}
	}
}

func (s *stream[T]) first() (first T, ok, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.waiting) == 0 {
		return first, false, s.closed
	}
	return s.waiting[0], true, false
}

func (s *stream[T]) removeFirst() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) > 0 {
		s.waiting = s.waiting[1:]
	}
}
