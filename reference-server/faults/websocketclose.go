package faults

import (
	"io"
	"net"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
)

// webSocketCloseFaults get the close handshake wrong (§2).
func webSocketCloseFaults() []Fault {
	return []Fault{
		{Name: "ws-close-unanswered", Does: "a client's close frame is answered by a FIN alone", WebSocket: onWebSocket(func() webSocketFault {
			return webSocketFault{fromClient: frameChange{which: acceptedOf(ws.OpClose), change: func(ws.Frame) ([]ws.Frame, error) { return nil, io.EOF }}}
		})},
		{Name: "ws-close-code-constant", Does: "a close frame is answered with code 1000 whatever its code", WebSocket: onClientFrames(acceptedOf(ws.OpClose), func(ws.Frame) []ws.Frame {
			return masked(ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, ""))
		})},
		{Name: "ws-closes-with-1001", Does: "the server closes WebSocket connections with code 1001", WebSocket: onWebSocket(ownClose(closedWith(ws.StatusGoingAway)))},
		{Name: "ws-bad-frame-closes-with-1011", Does: "a frame that RFC 6455 forbids closes the connection with code 1011", WebSocket: onWebSocket(badFrameCloses)},
		{Name: "ws-close-frame-missing", Does: "the server closes WebSocket connections without a close frame", WebSocket: onWebSocket(ownClose(ignored))},
		{Name: "ws-fin-missing", Does: "the stream stays open after the server's close frame", WebSocket: newUnending},
	}
}

func closedWith(code ws.StatusCode) func(ws.Frame) []ws.Frame {
	return func(ws.Frame) []ws.Frame { return only(ws.NewCloseFrame(ws.NewCloseFrameBody(code, ""))) }
}

// ownClose changes the close frames that do not answer one of the client.
func ownClose(change func(ws.Frame) []ws.Frame) func() webSocketFault {
	return serverClose(acceptedOf(ws.OpClose), false, change)
}

func badFrameCloses() webSocketFault {
	return serverClose(refused, true, closedWith(ws.StatusInternalServerError))()
}

// serverClose changes the close frame of the server if the client has (after) or has not
// sent a frame of some kind.
func serverClose(which func(ws.Header) bool, after bool, change func(ws.Frame) []ws.Frame) func() webSocketFault {
	return func() webSocketFault {
		var seen atomic.Bool // reading and writing are two goroutines
		return webSocketFault{
			fromClient: frameChange{which: which, change: always(func(f ws.Frame) []ws.Frame {
				seen.Store(true)
				return only(f)
			})},
			fromServer: frameChange{which: isServers(ws.OpClose), change: always(func(f ws.Frame) []ws.Frame {
				if seen.Load() != after {
					return only(f)
				}
				return change(f)
			})},
		}
	}
}

// unending is a stream that only the client can end once the server has sent its close
// frame.
type unending struct {
	*behaviour.Tap
	closeSent atomic.Bool
	finHeld   atomic.Bool // a FIN was held back
}

func newUnending(c net.Conn) net.Conn {
	u := &unending{}
	u.Tap = webSocketFault{fromServer: frameChange{which: isServers(ws.OpClose), change: always(func(f ws.Frame) []ws.Frame {
		u.closeSent.Store(true)
		return only(f)
	})}}.tap(c)
	return u
}

func (u *unending) CloseWrite() error {
	if u.closeSent.Load() {
		u.finHeld.Store(true)
		return nil
	}
	return u.Tap.CloseWrite()
}

// SetReadDeadline lets the listener wait for the client where it would give up
// after a while. What it drops is closed all the same.
func (u *unending) SetReadDeadline(t time.Time) error {
	if u.finHeld.Load() {
		t = time.Time{}
	}
	return u.Tap.SetReadDeadline(t)
}

// handshakeFaults answer requests in other ways than §2 and RFC 6455 say.
func handshakeFaults() []Fault {
	return []Fault{
		{Name: "ws-refusal-404", Does: "a request without an upgrade gets status 404", WebSocket: onWebSocket(func() webSocketFault {
			return webSocketFault{response: replacing("^HTTP/1.1 400 Bad Request", "HTTP/1.1 404 Not Found")}
		})},
		{Name: "ws-other-path-upgraded", Does: "a request for any path is upgraded", WebSocket: onWebSocket(func() webSocketFault {
			return webSocketFault{request: replacing(`^GET \S+`, "GET "+wire.WebSocketPath)}
		})},
		{Name: "ws-version-8-refused", Does: "version 8 of the WebSocket protocol is refused", WebSocket: onWebSocket(func() webSocketFault {
			return webSocketFault{request: replacing(`(?i)(\nSec-WebSocket-Version:\s*)8\s*\r\n`, "${1}7\r\n")}
		})},
		{Name: "ws-accept-wrong", Does: "the answer to an upgrade has a wrong Sec-WebSocket-Accept", WebSocket: onWebSocket(func() webSocketFault {
			return webSocketFault{response: replacing(`(\nSec-WebSocket-Accept: )[^\r]*`, "${1}AAAAAAAAAAAAAAAAAAAAAAAAAAA=")}
		})},
	}
}

func replacing(pattern, by string) func(head []byte) []byte {
	expression := regexp.MustCompile(pattern)
	return func(head []byte) []byte { return expression.ReplaceAll(head, []byte(by)) }
}
