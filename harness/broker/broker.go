// Package broker is what a bridge and its tester need of a message broker: named queues that
// keep messages until they are consumed and acknowledged (docs/protocol.md §6). Packages below
// it have brokers: rabbitmq a real one, memory one for tests in virtual time.
package broker

import "context"

// The queues of §6, named after the two ends: the server publishes to the first and consumes
// the second.
const (
	FromServer = "q_app2web"
	ToServer   = "q_web2app"
)

// ContentType is the content type of a body on the bridge (§6).
const ContentType = "text/plain"

// Broker is a broker that can be connected to.
type Broker interface {
	// Connect makes a connection. The error says what to do.
	Connect(ctx context.Context) (Connection, error)
	// String says where the broker is, without credentials.
	String() string
}

// Connection is a connection to a broker. Publish is called by one goroutine at a time, and so
// are all other methods together. The channels have to be read until they are closed.
type Connection interface {
	// Declare makes a durable queue, unless it is there already.
	Declare(queue string) error
	// Exists reports whether there is a queue.
	Exists(queue string) (bool, error)
	// Delete removes a queue and what is in it, and does nothing where there is none.
	Delete(queue string) error
	// Consume returns what arrives in a queue. At most prefetch deliveries wait for their Ack.
	// The channel is closed with the connection, and when the queue is removed.
	Consume(queue string, prefetch int) (<-chan Delivery, error)
	// Publish sends a message to a queue, through the default exchange.
	Publish(queue string, m Message) error
	// Confirmations says what became of the messages that were published. It is closed with the
	// connection.
	Confirmations() <-chan Confirmation
	// Lost is closed when the connection is over, for whatever reason.
	Lost() <-chan struct{}
	// Reason says why the connection is over, once Lost is closed.
	Reason() error
	// Close ends the connection. What was not acknowledged is delivered again, to somebody.
	Close()
}

// Message is a message in a queue.
type Message struct {
	Body        []byte
	ContentType string
	Persistent  bool // it survives a restart of the broker in a durable queue
}

// Delivery is a message that was taken from a queue.
type Delivery struct {
	Message
	Redelivered bool // it may have been delivered before
	// Ack removes the message from the queue for good.
	Ack func() error
}

// Confirmation is the broker's answer to the message that was published as the Number'th on its
// connection, counting from 1.
type Confirmation struct {
	Number uint64
	OK     bool // the broker is responsible for the message from now on
}
