package transport

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"imcheck/protocol/websocket"
)

// CloseReason is how a connection was seen to end.
type CloseReason uint8

// Reasons.
const (
	ByPeer  CloseReason = iota + 1 // the peer's FIN, or its close frame
	ByUs                           // Close or Abort on this end
	Reset                          // the peer's reset, or a refused datagram
	Timeout                        // a receive deadline passed; the connection is still there
	Broken                         // anything else: the bytes do not follow the transport's rules
)

func (r CloseReason) String() string {
	switch r {
	case ByPeer:
		return "closed by the peer"
	case ByUs:
		return "closed by this end"
	case Reset:
		return "reset"
	case Timeout:
		return "timed out"
	}
	return "broken"
}

// CloseError ends a Receive.
type CloseError struct {
	Reason CloseReason
	Code   websocket.CloseCode // of a WebSocket close frame; 0 when there was none
	Err    error               // what the network said; may be nil
}

func (e *CloseError) Error() string {
	text := "connection " + e.Reason.String()
	if e.Code != 0 {
		text += fmt.Sprintf(" with close code %d", e.Code)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the network's own error.
func (e *CloseError) Unwrap() error { return e.Err }

// Details that a CloseError may carry in Err.
var (
	// ErrMidMessage: the stream ended where a message was not complete.
	ErrMidMessage = errors.New("the stream ended in the middle of a message")
	// ErrNoFIN: a WebSocket peer sent its close frame, but did not close the
	// stream after it (docs/protocol.md §2).
	ErrNoFIN = errors.New("the stream stayed open after the close frame")
	// ErrOutboxFull: a connection was given up because its peer does not read.
	ErrOutboxFull = errors.New("the peer does not read what is sent to it")
)

// EndOf tells from the error of a client's own socket, io.EOF for a FIN, how the
// connection ended.
func EndOf(err error) *CloseError { return closeError(err, false) }

// closeError tells from a network error how the connection ended; byUs is
// whether this end has closed it already.
func closeError(err error, byUs bool) *CloseError {
	switch {
	case byUs, errors.Is(err, net.ErrClosed):
		return &CloseError{Reason: ByUs}
	case errors.Is(err, io.EOF):
		return &CloseError{Reason: ByPeer}
	case errors.Is(err, io.ErrUnexpectedEOF): // TLS: a FIN without the alert before it
		return &CloseError{Reason: ByPeer, Err: err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &CloseError{Reason: Timeout}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EPIPE):
		return &CloseError{Reason: Reset, Err: err}
	}
	return &CloseError{Reason: Broken, Err: err}
}
