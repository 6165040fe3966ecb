package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"imcheck/protocol/wire"
)

// acceptPause is the pause before a listener accepts again after the machine has run
// out of a resource such as file descriptors.
const acceptPause = 50 * time.Millisecond

// streamListener accepts TCP or WebSocket links.
type streamListener struct {
	protocol *streamProtocol
	inner    net.Listener
	options  Options
	done     chan struct{} // closed by Close
	running  sync.WaitGroup
	waiting  atomic.Int64 // bytes queued on all links

	mu     sync.Mutex
	links  map[*streamLink]struct{} // those with a goroutine
	loops  streamLoops              // nil if every link has one
	closed bool
}

// streamLoops serve the links of a listener without a goroutine for each.
type streamLoops interface {
	// accept accepts one connection.
	accept() error
	// stop has them end once their last link has.
	stop()
	// drop has them drop every link.
	drop()
}

func listenStream(network Network, p *streamProtocol, address string, o Options) (Listener, error) {
	if c := o.TLS; c != nil && len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil {
		return nil, errors.New("the TLS configuration has no certificate")
	}
	inner, err := network.ListenStream(address)
	if err != nil {
		return nil, err
	}
	return &streamListener{
		protocol: p, inner: inner, options: o,
		done: make(chan struct{}), links: map[*streamLink]struct{}{},
	}, nil
}

func (s *streamListener) Transport() wire.Transport { return s.protocol.transport }

func (s *streamListener) Addr() net.Addr { return s.inner.Addr() }

// Serve accepts links until Close, and returns when the last link has ended.
func (s *streamListener) Serve(h Handler) error {
	defer s.running.Wait()
	accept := s.accepting(h)
	for {
		switch err := accept(); {
		case err == nil:
		case s.isClosed():
			return nil
		case exhausted(err):
			s.pause()
		default:
			_ = s.Close()
			return fmt.Errorf("accept by %s on %s: %w", s.Transport(), s.Addr(), err)
		}
	}
}

// accepting returns what accepts one connection.
func (s *streamListener) accepting(h Handler) func() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		if s.loops = newStreamLoops(s, h); s.loops != nil {
			return s.loops.accept
		}
	}
	return func() error {
		socket, err := s.inner.Accept()
		if err == nil {
			s.start(socket, h)
		}
		return err
	}
}

// exhausted reports whether accepting failed for a lack of resources, so that it may
// succeed later.
func exhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.ECONNABORTED)
}

func (s *streamListener) pause() {
	timer := time.NewTimer(acceptPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	}
}

// start runs a link, unless the listener is closed.
func (s *streamListener) start(socket net.Conn, h Handler) {
	link := newStreamLink(s.protocol, socket, s.options, &s.waiting)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		link.drop()
		return
	}
	s.links[link] = struct{}{}
	s.running.Go(func() {
		link.run(h)
		s.mu.Lock()
		delete(s.links, link)
		s.mu.Unlock()
	})
}

func (s *streamListener) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Shutdown waits for the links to end.
func (s *streamListener) Shutdown(ctx context.Context) error {
	err := s.stop()
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	s.dropAll()
	return err
}

func (s *streamListener) Close() error {
	err := s.stop() // first, as a dropped client may dial again at once
	s.dropAll()
	return err
}

// stop stops listening.
func (s *streamListener) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.done)
	err := s.inner.Close()
	if s.loops != nil {
		s.loops.stop()
	}
	return err
}

func (s *streamListener) dropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for link := range s.links {
		link.drop()
	}
	if s.loops != nil {
		s.loops.drop()
	}
}
