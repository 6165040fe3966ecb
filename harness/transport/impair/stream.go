package impair

import (
	"errors"
	"io"
	"net"
	"time"
)

// window is the largest number of bytes of one direction that are in flight or unread.
// Beyond it the writer blocks, or back-pressure of the network stops the server.
const window = 64 << 10

// streamConn is an impaired byte stream. Besides those of net.Conn it has the methods of
// *net.TCPConn for closing.
type streamConn struct {
	net.Conn // the socket, for its addresses
	in       inbox
	out      streamSender
}

func newStreamConn(socket net.Conn, out, in *bytestream[[]byte], closings *closings) *streamConn {
	c := &streamConn{
		Conn: socket,
		in:   inbox{socket: socket, window: window, partial: true, arriving: in},
		out:  streamSender{socket: socket, schedule: out, closings: closings},
	}
	c.in.start()
	c.out.start()
	return c
}

func (c *streamConn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	return n, opError("read", c.Conn, err)
}

// Write waits for room among the bytes in flight. An error of the network is returned by
// a later write than the one that caused it, as by a socket.
func (c *streamConn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	return n, opError("write", c.Conn, err)
}

// CloseWrite sends a FIN, which arrives after everything written before.
func (c *streamConn) CloseWrite() error { return opError("close", c.Conn, c.out.finish()) }

// Close ends reading at once. The FIN, or the reset after SetLinger(0), arrives after
// everything written before; then the socket is closed.
func (c *streamConn) Close() error {
	// Unread bytes are answered with a reset, as by the system.
	unread := c.in.close()
	return opError("close", c.Conn, c.out.close(unread))
}

// SetLinger with 0 seconds makes Close a reset; any other value makes it orderly
// again.
func (c *streamConn) SetLinger(seconds int) error {
	return opError("set", c.Conn, c.out.setLinger(seconds))
}

func (c *streamConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *streamConn) SetReadDeadline(t time.Time) error {
	return opError("set", c.Conn, c.in.setDeadline(t))
}

func (c *streamConn) SetWriteDeadline(t time.Time) error {
	return opError("set", c.Conn, c.out.setDeadline(t))
}

// isWrapped reports whether an error names its operation already, or is io.EOF, which
// readers expect as it is.
func isWrapped(err error) bool {
	_, ok := errors.AsType[*net.OpError](err)
	return ok || err == io.EOF
}
