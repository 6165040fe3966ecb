package impair

import "sync"

// closings counts the closed connections that still have traffic in flight.
type closings struct {
	mu      sync.Mutex
	changed *sync.Cond // signals that n became 0
	n       int
}

func newClosings() *closings {
	c := &closings{}
	c.changed = sync.NewCond(&c.mu)
	return c
}

func (c *closings) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *closings) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n == 0 {
		c.changed.Broadcast()
	}
}

func (c *closings) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.n > 0 {
		c.changed.Wait()
	}
}
