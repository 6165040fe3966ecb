package faults

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
)

// onWebSocket changes the handshake and the frames of a connection; fresh makes the
// change for one stream.
func onWebSocket(fresh func() webSocketFault) func(net.Conn) net.Conn {
	return func(c net.Conn) net.Conn { return fresh().tap(c) }
}

// webSocketFault changes one connection. Fields that are nil change nothing.
type webSocketFault struct {
	request, response func(head []byte) []byte // the heads of the handshake
	fromClient        frameChange
	fromServer        frameChange
	// partial returns frames that are read as well whenever a read ends within a frame.
	partial func() []ws.Frame
}

// frameChange changes the frames that which picks by their header. The others pass as
// they arrive, so that one whose header closes the connection does so before all of it is
// there. An error ends the stream for the reader.
type frameChange struct {
	which  func(h ws.Header) bool
	change func(f ws.Frame) ([]ws.Frame, error)
}

func (f webSocketFault) tap(c net.Conn) *behaviour.Tap {
	in := &webSocketDirection{head: f.request, frames: f.fromClient, partial: f.partial}
	out := &webSocketDirection{head: f.response, frames: f.fromServer}
	in.measure, out.measure = in.next, out.next
	return &behaviour.Tap{
		Conn:     c,
		Incoming: in.rewrite,
		Outgoing: func(b []byte) []byte {
			b, _ = out.rewrite(b) // errors are for readers
			return b
		},
	}
}

// webSocketDirection is one direction of a WebSocket stream: the head of a request or of
// a response, then frames.
type webSocketDirection struct {
	cutter
	head     func(head []byte) []byte
	frames   frameChange
	partial  func() []ws.Frame
	upgraded bool // the head has passed
}

var endOfHead = []byte("\r\n\r\n")

// maxHead is the longest head that the listener takes, in bytes.
const maxHead = 8 << 10

// next measures the next head or frame for the cutter.
func (d *webSocketDirection) next(b []byte) (size int64, how treatment) {
	if !d.upgraded {
		if i := bytes.Index(b, endOfHead); i >= 0 {
			return int64(i + len(endOfHead)), gather
		}
		if len(b) > maxHead {
			return math.MaxInt64, pass
		}
		return 0, gather
	}
	if d.frames.which == nil {
		return math.MaxInt64, pass
	}
	rest := bytes.NewReader(b)
	header, err := ws.ReadHeader(rest)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, gather
	case err != nil, header.Length > math.MaxInt32: // for the listener to close on
		return math.MaxInt64, pass
	}
	size = int64(len(b)-rest.Len()) + header.Length
	if d.frames.which(header) {
		return size, gather
	}
	return size, pass
}

func (d *webSocketDirection) rewrite(b []byte) (out []byte, err error) {
	for p := range d.cut(b) {
		instead := p.bytes
		switch {
		case !p.whole:
		case d.upgraded:
			if instead, err = d.changed(p.bytes); err != nil {
				return append(out, instead...), err
			}
		default:
			d.upgraded = true
			if d.head != nil {
				instead = d.head(p.bytes)
			}
		}
		out = append(out, instead...)
	}
	if d.partial != nil && d.upgraded && d.incomplete() {
		out = appendFrames(out, d.partial())
	}
	return out, nil
}

// changed returns what passes in place of a whole frame.
func (d *webSocketDirection) changed(b []byte) ([]byte, error) {
	rest := bytes.NewReader(b)
	header, err := ws.ReadHeader(rest)
	if err != nil {
		return nil, err // impossible: it was measured
	}
	instead, err := d.frames.change(ws.Frame{Header: header, Payload: b[len(b)-rest.Len():]})
	return appendFrames(nil, instead), err
}

func appendFrames(b []byte, frames []ws.Frame) []byte {
	for _, f := range frames {
		b = append(b, ws.MustCompileFrame(f)...) // fails only for lengths that no slice has
	}
	return b
}

// refused reports whether a frame closes the connection whatever its type and length (§2).
// Faults of what is accepted leave such frames alone.
func refused(h ws.Header) bool {
	return !h.Masked || h.Rsv != 0 || h.OpCode.IsReserved() || isLongControl(h) || h.OpCode.IsControl() && !h.Fin
}

func isLongControl(h ws.Header) bool {
	return h.OpCode.IsControl() && h.Length > ws.MaxControlFramePayloadSize
}

// accepted reports whether the header of a frame does not close the connection.
func accepted(h ws.Header) bool {
	return !refused(h) && h.OpCode != ws.OpBinary && h.Length <= wire.MaxTextFrame
}

func acceptedOf(opcode ws.OpCode) func(ws.Header) bool {
	return func(h ws.Header) bool { return accepted(h) && h.OpCode == opcode }
}

// onClientFrames changes frames of clients, and remembers nothing.
func onClientFrames(which func(ws.Header) bool, change func(ws.Frame) []ws.Frame) func(net.Conn) net.Conn {
	return onWebSocket(func() webSocketFault {
		return webSocketFault{fromClient: frameChange{which: which, change: always(change)}}
	})
}

// onServerFrames changes frames of the server, and remembers nothing.
func onServerFrames(opcode ws.OpCode, change func(ws.Frame) []ws.Frame) func(net.Conn) net.Conn {
	return onWebSocket(func() webSocketFault {
		return webSocketFault{fromServer: frameChange{which: isServers(opcode), change: always(change)}}
	})
}

func isServers(opcode ws.OpCode) func(ws.Header) bool {
	return func(h ws.Header) bool { return h.OpCode == opcode }
}

// always makes a change that does not end the stream.
func always(change func(ws.Frame) []ws.Frame) func(ws.Frame) ([]ws.Frame, error) {
	return func(f ws.Frame) ([]ws.Frame, error) { return change(f), nil }
}

func only(f ws.Frame) []ws.Frame { return []ws.Frame{f} }
