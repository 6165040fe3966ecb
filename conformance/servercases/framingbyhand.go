package servercases

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"

	"github.com/gobwas/ws"
	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/protocol/wire"
)

// byHand is a WebSocket on which the case reads and writes frames itself.
type byHand struct {
	scene    *server.Scene
	stream   net.Conn
	incoming *bufio.Reader
}

// upgradeByHand makes a handshake for a version of the WebSocket protocol.
func upgradeByHand(s *server.Scene, version int) byHand {
	h := byHand{scene: s, stream: s.OpenStream(wire.WS)}
	writeUpgrade(s, h.stream, s.Target.UpgradeRequest(), version)
	h.incoming = bufio.NewReader(h.stream)
	response, err := http.ReadResponse(h.incoming, nil)
	s.Expect(err).NotTo(gomega.HaveOccurred(), "reading the response to version %d", version)
	s.Expect(response.StatusCode).To(gomega.Equal(http.StatusSwitchingProtocols), "status of the response to version %d", version)
	s.Expect(response.Header.Get("Sec-WebSocket-Accept")).To(gomega.Equal(exampleAccept), "Sec-WebSocket-Accept")
	return h
}

// send writes frames in one piece, as the server may close on the first.
func (h byHand) send(frames ...ws.Frame) {
	var piece bytes.Buffer
	for _, f := range frames {
		h.scene.Expect(ws.WriteFrame(&piece, ws.MaskFrame(f))).To(gomega.Succeed(), "making a frame")
	}
	_, err := piece.WriteTo(h.stream)
	h.scene.Expect(err).NotTo(gomega.HaveOccurred(), "sending frames")
}

// receive reads one frame, and of its payload no more than any valid frame has.
func (h byHand) receive() (f ws.Frame) {
	header, err := ws.ReadHeader(h.incoming)
	h.scene.Expect(err).NotTo(gomega.HaveOccurred(), "reading the header of a frame")
	payload, err := io.ReadAll(io.LimitReader(h.incoming, min(header.Length, wire.MaxTextFrame)))
	h.scene.Expect(err).NotTo(gomega.HaveOccurred(), "reading a frame")
	return ws.Frame{Header: header, Payload: payload}
}

// echo makes a round trip, which shows that the connection is there.
func (h byHand) echo(content string) {
	echo := wire.NewEcho("u", content)
	h.send(ws.NewTextFrame(echo.Append(nil)))
	h.expectEcho(h.receive(), echo)
}

func (h byHand) expectEcho(answer ws.Frame, echo wire.Message) {
	h.scene.Expect(answer.Header.OpCode).To(gomega.Equal(ws.OpText), "opcode of the answer")
	m, err := wire.Decode(answer.Payload)
	h.scene.Expect(err).NotTo(gomega.HaveOccurred(), "reading the message in the frame")
	m.ServerTime = echo.ServerTime // the server may stamp
	h.scene.Expect(m.String()).To(gomega.Equal(wire.NewEchoResponse(echo).String()))
}
