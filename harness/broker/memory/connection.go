package memory

import (
	"errors"
	"fmt"
	"slices"

	"imcheck/harness/broker"
)

var errClosed = errors.New("the connection is closed")

// connection is a connection to a Broker, whose lock guards it.
type connection struct {
	broker        *Broker
	consumers     []*consumer
	published     uint64
	confirmations *stream[broker.Confirmation]
	lost          chan struct{}
	reason        error // set before lost is closed
}

// consumer takes from one queue.
type consumer struct {
	queue          *queue
	prefetch       int
	unacknowledged []*item
	deliveries     *stream[broker.Delivery]
	connection     *connection
}

// Declare makes a queue.
func (c *connection) Declare(name string) error {
	return c.locked(func() error {
		if c.broker.queues[name] == nil {
			c.broker.queues[name] = &queue{}
		}
		return nil
	})
}

// Exists reports whether there is a queue.
func (c *connection) Exists(name string) (exists bool, err error) {
	err = c.locked(func() error {
		exists = c.broker.queues[name] != nil
		return nil
	})
	return exists, err
}

// Delete removes a queue.
func (c *connection) Delete(name string) error {
	return c.locked(func() error {
		if q := c.broker.queues[name]; q != nil {
			for _, each := range q.consumers {
				each.deliveries.close()
			}
			q.consumers, q.ready = nil, nil
			delete(c.broker.queues, name)
		}
		return nil
	})
}

// Consume takes from a queue.
func (c *connection) Consume(name string, prefetch int) (deliveries <-chan broker.Delivery, err error) {
	err = c.locked(func() error {
		q := c.broker.queues[name]
		if q == nil {
			return fmt.Errorf("there is no queue %s", name)
		}
		one := &consumer{queue: q, prefetch: max(prefetch, 1), connection: c, deliveries: newStream[broker.Delivery]()}
		c.consumers = append(c.consumers, one)
		q.consumers = append(q.consumers, one)
		deliveries = one.deliveries.out
		q.dispatch()
		return nil
	})
	return deliveries, err
}

// Publish confirms each message at once. One for a queue that does not exist is confirmed and
// dropped, as brokers do.
func (c *connection) Publish(name string, m broker.Message) error {
	return c.locked(func() error {
		m.Body = slices.Clone(m.Body)
		c.published++
		if q := c.broker.queues[name]; q != nil {
			q.ready = append(q.ready, item{message: m})
			q.dispatch()
		}
		c.confirmations.put(broker.Confirmation{Number: c.published, OK: true})
		return nil
	})
}

// Confirmations has one confirmation for each message.
func (c *connection) Confirmations() <-chan broker.Confirmation { return c.confirmations.out }

// Lost is closed with the connection.
func (c *connection) Lost() <-chan struct{} { return c.lost }

// Reason says why the connection is over.
func (c *connection) Reason() error { return c.reason }

// Close ends the connection.
func (c *connection) Close() {
	c.broker.mu.Lock()
	defer c.broker.mu.Unlock()
	c.end(errClosed)
}

// locked does something with the lock of the broker, unless the connection is over.
func (c *connection) locked(do func() error) error {
	c.broker.mu.Lock()
	defer c.broker.mu.Unlock()
	if !c.broker.connections[c] {
		return errClosed
	}
	return do()
}

// end puts back what was not acknowledged. The lock is held.
func (c *connection) end(reason error) {
	if !c.broker.connections[c] {
		return
	}
	delete(c.broker.connections, c)
	for _, one := range c.consumers {
		q := one.queue
		q.consumers = slices.DeleteFunc(q.consumers, func(each *consumer) bool { return each == one })
		var back []item
		for _, i := range one.unacknowledged {
			back = append(back, item{message: i.message, redelivered: true})
		}
		q.ready = append(back, q.ready...)
		one.deliveries.close()
		q.dispatch()
	}
	c.confirmations.close()
	c.reason = reason
	close(c.lost)
}

// deliver hands out a message. The lock is held.
func (c *consumer) deliver(i item) {
	waiting := &i
	c.unacknowledged = append(c.unacknowledged, waiting)
	c.deliveries.put(broker.Delivery{Message: i.message, Redelivered: i.redelivered, Ack: func() error {
		return c.connection.locked(func() error {
			c.unacknowledged = slices.DeleteFunc(c.unacknowledged, func(each *item) bool { return each == waiting })
			c.queue.dispatch()
			return nil
		})
	}})
}
