package rabbitmq

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"imcheck/harness/broker"
)

// bufferedConfirmations lets the reader of a connection go on while confirmations are handled.
const bufferedConfirmations = 256

// connection has a channel for publishing, and one for each consumer.
type connection struct {
	amqp          *amqp.Connection
	publishing    *amqp.Channel
	confirmations chan broker.Confirmation
	lost          chan struct{}
	reason        atomic.Pointer[amqp.Error]
	closing       sync.Once
}

func newConnection(c *amqp.Connection) (*connection, error) {
	publishing, err := c.Channel()
	if err != nil {
		return nil, err
	}
	if err := publishing.Confirm(false); err != nil {
		return nil, err
	}
	made := &connection{
		amqp: c, publishing: publishing, lost: make(chan struct{}),
		confirmations: make(chan broker.Confirmation),
	}
	go made.forward(publishing.NotifyPublish(make(chan amqp.Confirmation, bufferedConfirmations)))
	go made.watch(c.NotifyClose(make(chan *amqp.Error, 1)), publishing.NotifyClose(make(chan *amqp.Error, 1)))
	return made, nil
}

// forward hands out the confirmations.
func (c *connection) forward(confirmations <-chan amqp.Confirmation) {
	defer close(c.confirmations)
	for one := range confirmations {
		c.confirmations <- broker.Confirmation{Number: one.DeliveryTag, OK: one.Ack}
	}
}

// watch waits for the end of the connection, or of the channel that messages are published on.
func (c *connection) watch(connection, channel <-chan *amqp.Error) {
	defer close(c.lost)
	select {
	case reason := <-connection:
		c.reason.Store(reason)
	case reason := <-channel:
		c.reason.Store(reason)
		c.Close()
	}
}

// onChannel does something on a channel of its own, which an error ends.
func (c *connection) onChannel(do func(*amqp.Channel) error) error {
	channel, err := c.amqp.Channel()
	if err != nil {
		return err
	}
	defer channel.Close()
	return do(channel)
}

// Declare makes a durable queue.
func (c *connection) Declare(queue string) error {
	err := c.onChannel(func(channel *amqp.Channel) error {
		_, err := channel.QueueDeclare(queue, true, false, false, false, nil)
		return err
	})
	return explain(err)
}

// Exists looks for a queue.
func (c *connection) Exists(queue string) (bool, error) {
	err := c.onChannel(func(channel *amqp.Channel) error {
		_, err := channel.QueueDeclarePassive(queue, true, false, false, false, nil)
		return err
	})
	var refused *amqp.Error
	if errors.As(err, &refused) && refused.Code == amqp.NotFound {
		return false, nil
	}
	return err == nil, explain(err)
}

// Delete removes a queue.
func (c *connection) Delete(queue string) error {
	return c.onChannel(func(channel *amqp.Channel) error {
		_, err := channel.QueueDelete(queue, false, false, false)
		return err
	})
}

// Consume takes from a queue on a channel of its own.
func (c *connection) Consume(queue string, prefetch int) (<-chan broker.Delivery, error) {
	channel, err := c.amqp.Channel()
	if err != nil {
		return nil, err
	}
	if err := channel.Qos(prefetch, 0, false); err != nil {
		return nil, err
	}
	taken, err := channel.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		return nil, explain(err)
	}
	deliveries := make(chan broker.Delivery)
	go func() {
		defer close(deliveries)
		defer channel.Close()
		for d := range taken {
			deliveries <- broker.Delivery{
				Message:     broker.Message{Body: d.Body, ContentType: d.ContentType, Persistent: d.DeliveryMode == amqp.Persistent},
				Redelivered: d.Redelivered,
				Ack:         func() error { return d.Ack(false) },
			}
		}
	}()
	return deliveries, nil
}

// Publish sends a message to a queue.
func (c *connection) Publish(queue string, m broker.Message) error {
	mode := amqp.Transient
	if m.Persistent {
		mode = amqp.Persistent
	}
	return c.publishing.PublishWithContext(context.Background(), "", queue, false, false,
		amqp.Publishing{ContentType: m.ContentType, DeliveryMode: mode, Body: m.Body})
}

// Confirmations has the broker's confirmations.
func (c *connection) Confirmations() <-chan broker.Confirmation { return c.confirmations }

// Lost is closed with the connection.
func (c *connection) Lost() <-chan struct{} { return c.lost }

// Reason says why the connection is over.
func (c *connection) Reason() error {
	if reason := c.reason.Load(); reason != nil {
		return explain(reason)
	}
	return errors.New("the connection was closed")
}

// Close ends the connection.
func (c *connection) Close() {
	c.closing.Do(func() { c.amqp.CloseDeadline(time.Now().Add(closeTimeout)) })
}
