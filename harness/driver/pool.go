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
	launcher Launcher

	mu     sync.Mutex
	idle   []*Driver
	closed bool
}

// NewPool returns a pool of the clients that a launcher starts.
func NewPool(l Launcher) *Pool { return &Pool{launcher: l} }

// Launch returns a client that was given back, or starts one when there is none. Errors are
// those of the launcher.
func (p *Pool) Launch(ctx context.Context) (*Driver, error) {
	for {
		d := p.take()
		if d == nil {
			return p.Fresh(ctx)
		}
		if d.isQuiet() {
			return d, nil
		}
		d.Stop()
	}
}

// Fresh starts a client that has played no case.
func (p *Pool) Fresh(ctx context.Context) (*Driver, error) { return p.launcher.Launch(ctx) }

func (p *Pool) take() *Driver {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	d := p.idle[last]
	p.idle = p.idle[:last]
	return d
}

// Return gives a client back that has played a case well, and whose events nobody reads any
// more. One that cannot play another, or does not reset itself in time, is stopped.
func (p *Pool) Return(d *Driver) {
	if !d.Ready.Reusable || d.reset() != nil || !p.keep(d) {
		d.Stop()
	}
}

func (p *Pool) keep(d *Driver) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	d.Played++
	p.idle = append(p.idle, d)
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
