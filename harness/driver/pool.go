package driver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"imcheck/protocol/driverapi"
)

// resetTime bounds the time until a client is ready again that was told to reset.
const resetTime = 2 * time.Second

// Pool is a Launcher that keeps clients which can play several cases, one after the other.
// Make one with NewPool.
type Pool struct {
	launcher  Launcher
	launching sync.WaitGroup // launches that nobody waits for any more

	mu       sync.Mutex
	idle     []*Driver
	returned chan struct{} // closed when there is another idle one
	fresh    int           // callers of Fresh that wait
	closed   bool
}

// NewPool returns a pool of the clients that a launcher starts.
func NewPool(l Launcher) *Pool { return &Pool{launcher: l, returned: make(chan struct{})} }

// launched is the result of a launch.
type launched struct {
	driver *Driver
	err    error
}

// Launch returns a client that was given back, or starts one when there is none, unless one
// is given back before that is ready. Errors are those of the launcher.
func (p *Pool) Launch(ctx context.Context) (*Driver, error) {
	d, returned := p.takeQuiet()
	if d != nil {
		return d, nil
	}
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := make(chan launched, 1)
	go func() {
		d, err := p.launcher.Launch(own)
		ready <- launched{d, err}
	}()
	for {
		select {
		case l := <-ready:
			return l.driver, l.err
		case <-returned:
		}
		if d, returned = p.takeQuiet(); d != nil {
			p.launching.Go(func() {
				if l := <-ready; l.err == nil && !p.put(l.driver) {
					l.driver.Stop()
				}
			})
			return d, nil
		}
	}
}

// Fresh starts a client that has played no case, in the place of one that was given back:
// where clients come by themselves, one that has played comes anew.
func (p *Pool) Fresh(ctx context.Context) (*Driver, error) {
	p.waitFresh(1)
	defer p.waitFresh(-1)
	if d, _ := p.take(); d != nil {
		d.Stop()
	}
	return p.launcher.Launch(ctx)
}

func (p *Pool) waitFresh(more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fresh += more
}

// takeQuiet returns an idle client that is in order, or nil and a channel that is closed
// when there is another one.
func (p *Pool) takeQuiet() (*Driver, <-chan struct{}) {
	for {
		d, returned := p.take()
		if d == nil || d.isQuiet() {
			return d, returned
		}
		d.Stop()
	}
}

func (p *Pool) take() (*Driver, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil, p.returned
	}
	d := p.idle[last]
	p.idle = p.idle[:last]
	return d, p.returned
}

// Return gives a client back that has played a case well, and whose events nobody reads any
// more. One that cannot play another, or does not reset itself in time, is stopped.
func (p *Pool) Return(d *Driver) {
	if !d.Ready.Reusable || d.reset() != nil || !p.keep(d) {
		d.Stop()
	}
}

// keep makes a client that has played a case idle.
func (p *Pool) keep(d *Driver) bool {
	p.mu.Lock()
	fresh := p.fresh
	p.mu.Unlock()
	d.Played++
	return fresh == 0 && p.put(d)
}

// put makes a client idle, unless the pool is closed.
func (p *Pool) put(d *Driver) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.idle = append(p.idle, d)
	close(p.returned)
	p.returned = make(chan struct{})
	return true
}

// Close stops the clients that were given back. Those that are given back later are
// stopped then.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var stopping sync.WaitGroup
	for _, d := range idle {
		stopping.Go(d.Stop)
	}
	stopping.Wait()
	p.launching.Wait()
}

// isQuiet reports whether a client that waits for a case is still there, and says nothing.
func (d *Driver) isQuiet() bool {
	select {
	case <-d.events:
		return false
	default:
		return true
	}
}

// reset tells the client to forget the case that it has played, and waits until it is ready
// for another. What it says until then belongs to the case.
func (d *Driver) reset() error {
	d.resetting.Store(true)
	if err := d.Do(driverapi.Command{Do: driverapi.ActionReset}); err != nil {
		return err
	}
	overdue := time.NewTimer(resetTime)
	defer overdue.Stop()
	for {
		select {
		case e, ok := <-d.events:
			switch {
			case !ok:
				return d.Err()
			case e.Kind == driverapi.EventReady:
				return nil
			case e.Kind == driverapi.EventUnsupported && e.Do == driverapi.ActionReset:
				return errors.New("it cannot reset itself after all")
			}
		case <-overdue.C:
			return fmt.Errorf("it was not ready again within %v", resetTime)
		}
	}
}
