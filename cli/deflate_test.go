package cli_test

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
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
	ends.Go(func() {
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
	})
	ends.Go(func() {
		defer server.Close()
		for {
			frame, err := ws.ReadFrame(client)
			if err != nil || frame.Header.OpCode == ws.OpClose {
				return
			}
			frame = ws.UnmaskFrameInPlace(frame)
			if compressed, _ := wsflate.IsCompressed(frame.Header); compressed {
				if frame, err = wsflate.DecompressFrame(frame); err != nil {
					return
				}
			}
			if server.Send(frame.Payload) != nil {
				return
			}
		}
	})
	ends.Wait()
}
