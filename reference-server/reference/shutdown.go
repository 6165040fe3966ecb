package reference

import (
	"context"
	"sync"
	"time"
)

// StopTime is the time within which a server that is told to stop has stopped.
const StopTime = 5 * time.Second

// Parts of StopTime.
const (
	confirmTime = 2 * time.Second // for the broker to confirm what was published
	flushTime   = 2 * time.Second // for clients to read what is queued
	lookEvery   = 5 * time.Millisecond
)

// Shutdown stops the server without losing what it has promised: it lets nobody in and takes no
// data any more, waits until the broker has confirmed what was published or handles it as
// messages to users who are offline, ends each session in the way of its transport once
// what is queued on it is written, and does then what Close does. It takes StopTime at most.
// A context that is done cuts the waiting short.
func (s *Server) Shutdown(ctx context.Context) {
	s.ready.Store(false)
	s.gateway.Drain()
	if s.bridge != nil {
		s.bridge.Drain()
		s.awaitConfirmations(ctx)
		s.bridge.Close()
	}
	s.gateway.EndAll()
	flushing, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	var stopping sync.WaitGroup
	for _, l := range s.listeners {
		stopping.Go(func() { _ = l.Shutdown(flushing) }) // Close closes it in any case
	}
	stopping.Wait()
	s.Close()
}

// awaitConfirmations waits until nothing waits for the broker any more, or for confirmTime.
func (s *Server) awaitConfirmations(ctx context.Context) {
	enough := time.NewTimer(confirmTime)
	defer enough.Stop()
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for s.gateway.Unconfirmed() > 0 {
		select {
		case <-again.C:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
