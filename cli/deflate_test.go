package cli_test

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"

	"imcheck/harness/transport"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// deflate answers a request for a WebSocket, connects to a server without compression, and
// passes messages on. What it sends is compressed, offered or not, and refers back to
// earlier messages.
func deflate(w http.ResponseWriter, r *http.Request, to string) {
	server, err := transport.Dial(context.Background(), transport.OS{}, wire.WS, to, transport.Options{})
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		websocket.AcceptKey(r.Header.Get("Sec-WebSocket-Key")) + "\r\n"
	if r.Header.Get("Sec-WebSocket-Extensions") != "" {
		answer += "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_max_window_bits=15\r\n"
	}
	fmt.Fprint(client, answer+"\r\n")
	var ends sync.WaitGroup
	ends.Go(func() { compressTo(client, server) })
	ends.Go(func() { expandTo(server, client) })
	ends.Wait()
}

// compressTo passes on what a server sends, until it ends.
func compressTo(client net.Conn, server transport.Conn) {
	defer client.Close()
	var out bytes.Buffer
	compressor, _ := flate.NewWriter(&out, flate.BestCompression) // the level exists
	for {
		body, err := server.Receive()
		if err != nil {
			return
		}
		out.Reset()
		_, _ = compressor.Write(body) // a buffer takes everything
		_ = compressor.Flush()
		frame := ws.NewTextFrame(bytes.TrimSuffix(out.Bytes(), []byte{0, 0, 0xff, 0xff}))
		frame.Header.Rsv = ws.Rsv(true, false, false)
		if ws.WriteFrame(client, frame) != nil {
			return
		}
	}
}

// expandTo passes on what a client sends, until it ends or closes.
func expandTo(server transport.Conn, client net.Conn) {
	defer server.Close()
	for {
		header, err := ws.ReadHeader(client)
		if err != nil || header.OpCode == ws.OpClose || header.Length > 1<<20 {
			return
		}
		frame := ws.Frame{Header: header, Payload: make([]byte, header.Length)}
		if _, err := io.ReadFull(client, frame.Payload); err != nil {
			return
		}
		frame = ws.UnmaskFrameInPlace(frame)
		if compressed, _ := wsflate.IsCompressed(header); compressed {
			if frame, err = wsflate.DecompressFrame(frame); err != nil {
				return
			}
		}
		if server.Send(frame.Payload) != nil {
			return
		}
	}
}
