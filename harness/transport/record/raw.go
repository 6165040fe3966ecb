package record

import (
	"errors"
	"fmt"
	"net"
)

// Raw returns the stream or datagram socket below. Reads and writes on it are recorded
// too.
func (c *Conn) Raw() net.Conn { return rawConn{c.Conn.Raw(), c} }

// rawConn records the bytes that a test writes and reads without an encoder.
type rawConn struct {
	net.Conn
	recorder *Conn
}

func (r rawConn) Write(b []byte) (int, error) {
	r.recorder.transcript.add(r.recorder.label, Sent, "raw ", b)
	n, err := r.Conn.Write(b)
	return n, r.recorder.noteFailure("write", err)
}

func (r rawConn) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	if n > 0 {
		r.recorder.transcript.add(r.recorder.label, Received, "raw ", b[:n])
	}
	return n, err
}

// CloseWrite sends a FIN; reading goes on. It fails with errors.ErrUnsupported on a
// connection without a half-close.
func (r rawConn) CloseWrite() error {
	half, ok := r.Conn.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("close one direction: %w", errors.ErrUnsupported)
	}
	r.recorder.Remark("this end sends a FIN")
	return r.recorder.noteFailure("half-close", half.CloseWrite())
}

func (r rawConn) Close() error {
	r.recorder.Remark("this end closes the raw connection")
	return r.recorder.noteFailure("close", r.Conn.Close())
}
