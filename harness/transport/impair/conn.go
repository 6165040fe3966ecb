package impair

import (
	"sync/atomic"

	"imcheck/harness/transport"
)

// Conn is a connection that is impaired. Its Raw is not.
type Conn struct {
	transport.Conn
	closed  atomic.Bool
	sending *sender
	receiving
}

// Wrap impairs c, whose first use this has to be. The policy has to pass its
// Check. What is under way in either direction when the connection is closed is
// lost.
func Wrap(c transport.Conn, p Policy) *Conn {
	impaired := &Conn{Conn: c}
	impaired.sending = newSender(impaired, newSchedule(p.Send, p.Seed, sendStream))
	impaired.receiving = newReceiving(newSchedule(p.Receive, p.Seed, receiveStream))
	return impaired
}

// Send takes a message. The error may be that of an earlier message, which
// failed after its delay.
func (c *Conn) Send(body []byte) error { return c.sending.send(body) }

// Close drops what is under way and closes the connection.
func (c *Conn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// Abort drops what is under way and aborts the connection.
func (c *Conn) Abort() error {
	c.stop()
	return c.Conn.Abort()
}

// stop ends the timer. It takes no lock that a blocked write holds: closing the
// connection is what ends such a write.
func (c *Conn) stop() {
	c.closed.Store(true)
	c.sending.timer.Stop()
	c.wake()
}
