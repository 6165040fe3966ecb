package hostile

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/netip"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
)

// link is a target's end of a connection, or one UDP client's address.
type link interface {
	receive() ([]byte, error)
	send(body []byte) error
	sendAll(bodies [][]byte) error // at once, where that is possible
	drain()                        // reads until the end
	// For streams only: frame a body, write bytes, close.
	framed(body []byte) []byte
	write(b []byte) error
	close()
}

// maxBody is the largest part of a message that is read, in bytes.
const maxBody = 1 << 16

// streamLink has what TCP and WebSocket links have in common.
type streamLink struct {
	conn net.Conn
	in   *bufio.Reader
}

func newStreamLink(c net.Conn) streamLink { return streamLink{c, bufio.NewReader(c)} }

func (l *streamLink) drain() { _, _ = io.Copy(io.Discard, l.in) }
func (l *streamLink) close() { _ = l.conn.Close() }

func (l *streamLink) write(b []byte) error {
	_, err := l.conn.Write(b)
	return err
}

func (l *streamLink) read(size int64) ([]byte, error) {
	body := make([]byte, min(size, maxBody))
	_, err := io.ReadFull(l.in, body)
	return body, err
}

// tcpLink is a TCP connection (docs/protocol.md §2).
type tcpLink struct{ streamLink }

func (l *tcpLink) receive() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(l.in, size[:]); err != nil {
		return nil, err
	}
	return l.read(int64(binary.BigEndian.Uint32(size[:])))
}

func (l *tcpLink) framed(body []byte) []byte     { return wire.AppendFrame(nil, body) }
func (l *tcpLink) send(body []byte) error        { return l.write(l.framed(body)) }
func (l *tcpLink) sendAll(bodies [][]byte) error { return l.write(framedAll(l, bodies)) }

// webSocketLink is a WebSocket connection after the handshake.
type webSocketLink struct{ streamLink }

func (l *webSocketLink) receive() ([]byte, error) {
	header, err := ws.ReadHeader(l.in)
	if err != nil {
		return nil, err
	}
	payload, err := l.read(header.Length)
	ws.Cipher(payload, header.Mask, 0)
	return payload, err
}

func (l *webSocketLink) framed(body []byte) []byte     { return ws.MustCompileFrame(ws.NewTextFrame(body)) }
func (l *webSocketLink) send(body []byte) error        { return l.write(l.framed(body)) }
func (l *webSocketLink) sendAll(bodies [][]byte) error { return l.write(framedAll(l, bodies)) }

func framedAll(l link, bodies [][]byte) (block []byte) {
	for _, body := range bodies {
		block = append(block, l.framed(body)...)
	}
	return block
}

// packetLink is one client of a UDP target.
type packetLink struct {
	socket *net.UDPConn
	peer   netip.AddrPort
	in     chan []byte
	ended  chan struct{} // closed with the server
}

func (l *packetLink) drain() {
	for {
		if _, err := l.receive(); err != nil {
			return
		}
	}
}

func (l *packetLink) receive() ([]byte, error) {
	select {
	case body := <-l.in:
		return body, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *packetLink) send(body []byte) error {
	_, err := l.socket.WriteToUDPAddrPort(body, l.peer)
	return err
}

func (l *packetLink) sendAll(bodies [][]byte) error {
	for _, body := range bodies {
		if err := l.send(body); err != nil {
			return err
		}
	}
	return nil
}

// A datagram is not framed, and its address cannot be closed.
func (l *packetLink) framed(body []byte) []byte { return body }
func (l *packetLink) write(b []byte) error      { return l.send(b) }
func (l *packetLink) close()                    {}
