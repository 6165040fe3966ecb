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

// CloseReason is the cause of a connection's end, as this end saw it.
type CloseReason uint8

// Reasons for the end of a connection.
const (
	ByPeer  CloseReason = iota + 1 // a FIN or a close frame from the peer
	ByUs                           // Close or Abort on this end
	Reset                          // a reset by the peer, or a refused datagram
	Timeout                        // a receive deadline passed; the connection is still open
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

// CloseError is the error of Send and Receive: the end of a connection, or a timeout.
type CloseError struct {
	Reason CloseReason
	Code   websocket.CloseCode // code in the WebSocket close frame; 0 without one
	Err    error               // the error of the network, or a detail; may be nil
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

// Unwrap returns Err.
func (e *CloseError) Unwrap() error { return e.Err }

// Details that a CloseError may carry in Err.
var (
	// ErrMidMessage means that the stream ended within a message.
	ErrMidMessage = errors.New("the stream ended in the middle of a message")
	// ErrNoFIN means that a WebSocket peer sent its close frame, but did not close the
	// stream after it (docs/protocol.md §2).
	ErrNoFIN = errors.New("the stream stayed open after the close frame")
	// ErrOutboxFull means that a connection was given up because its peer does not read.
	ErrOutboxFull = errors.New("the peer does not read what is sent to it")
)

// EndOf returns the end of a connection that a socket error shows, io.EOF for a FIN.
func EndOf(err error) *CloseError { return closeError(err, false) }

// closeError returns the end of a connection that a network error shows. byUs says
// whether this end has closed the connection already.
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
