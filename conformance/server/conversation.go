package server

import (
	"context"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Dial opens a connection that the case drives by itself: nothing that comes on it is
// expected or looked at by the scene, and the case closes it.
func (s *Scene) Dial(ctx context.Context, t wire.Transport, label string) (transport.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.world.timeouts.Dial)
	defer cancel()
	conn, err := s.Target.Dial(s.named(ctx, t, label), t)
	if err == nil {
		s.Opened++
	}
	return conn, err
}

// Control returns the target's control API; nil when it has none.
func (s *Scene) Control() *target.Control { return s.world.control }

// EachEvent calls do, from a goroutine of its own, with each event of the run so far and
// then as they come, until stop is called. It returns false when the target has no events.
func (s *Scene) EachEvent(do func(target.Event)) (stop func(), ok bool) {
	if s.world.events == nil {
		return func() {}, false
	}
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = s.world.events.Wait(ctx, func(e target.Event) bool { // it ends with ctx, or with the stream
			do(e)
			return false
		})
	}()
	return func() {
		cancel()
		<-done
	}, true
}
