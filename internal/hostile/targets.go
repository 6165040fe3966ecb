// Package hostile has targets that do what no server should, for the tests of what
// is kept from them.
package hostile

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gobwas/ws"

	"imcheck/protocol/wire"
)

// Target does its worst to every client. Start starts it.
type Target struct {
	Name       string
	Transports []wire.Transport // that it can be started on
	// Size is how long each message of a flood is in bytes, about; 0 when the target
	// does not send without end.
	Size int
	// Unread tells that the target reads nothing once it has let a client in.
	Unread bool

	// accept takes the place of the handshake; nil for a good one.
	accept func(c net.Conn)
	// session is called once a login has come and was answered. What it leaves open
	// stays open until the server is closed.
	session func(l link, user string)
}

var (
	everywhere = wire.Transports[:]
	streams    = []wire.Transport{wire.TCP, wire.WS}
	webSockets = []wire.Transport{wire.WS}
)

// Targets lists all of them, with the floods first.
func Targets() []Target {
	floods := []Target{
		flood("floods with tiny QoS messages", everywhere, 1, func(user string, n int) []byte {
			return wire.NewQoSData("stranger", user, "", fmt.Sprint(n%1000)).Append(nil)
		}),
		flood("floods with new fingerprints", everywhere, longMessage, func(user string, n int) []byte {
			return wire.NewQoSData("stranger", user, "x", fmt.Sprint(n, strings.Repeat("f", longMessage))).Append(nil)
		}),
		flood("floods with large messages", everywhere, longMessage, func(user string, _ int) []byte {
			return wire.NewData("stranger", user, strings.Repeat("x", longMessage)).Append(nil)
		}),
		flood("floods with empty messages", everywhere, 1, func(string, int) []byte { return []byte{} }),
		flood("floods with what is no message", everywhere, 1, func(string, int) []byte { return []byte("}{") }),
		{Name: "floods with pings", Transports: webSockets, Size: 1, session: reading(func(l link, _ string) {
			pings := repeated(ws.MustCompileFrame(ws.NewPingFrame([]byte("p"))))
			for l.write(pings) == nil {
			}
		})},
	}
	unread := floods[0]
	unread.Name += " and does not read"
	unread.Transports, unread.Unread = streams, true
	unread.session = func(l link, user string) {
		sendWithoutEnd(l, func(n int) []byte { return wire.NewQoSData("stranger", user, "", fmt.Sprint(n%1000)).Append(nil) })
	}
	all := append(floods, unread)
	all = append(all, slowTargets()...)
	return append(all, handshakeTargets()...)
}

// longMessage is about how many bytes a long message has. A client takes a datagram
// that is somewhat longer.
const longMessage = 3500

// slowTargets send and read less than they should, or the wrong thing.
func slowTargets() []Target {
	long := func(user string) []byte { return wire.NewData("stranger", user, strings.Repeat("x", 2000)).Append(nil) }
	return []Target{
		{Name: "does not read", Transports: streams, Unread: true, session: func(link, string) {}},
		{Name: "sends half a frame", Transports: streams, session: reading(func(l link, user string) {
			frame := l.framed(long(user))
			_ = l.write(frame[:len(frame)/2]) // whether it went shows to the client
		})},
		{Name: "sends a byte a second", Transports: streams, session: func(l link, user string) {
			for _, b := range l.framed(long(user)) {
				if l.write([]byte{b}) != nil {
					return
				}
				<-time.After(time.Second) // that is what it is about
			}
		}},
		{Name: "answers twice", Transports: everywhere, session: func(l link, user string) {
			for {
				if _, err := l.receive(); err != nil {
					return
				}
				for range 2 {
					_ = l.send(wire.NewKeepAliveResponse(user).Append(nil))
					_ = l.send(wire.NewLoginResponse(user, wire.CodeOK, 1).Append(nil))
				}
			}
		}},
		{Name: "closes after the login", Transports: streams, session: func(l link, _ string) { l.close() }},
	}
}

// handshakeTargets do not make a WebSocket connection.
func handshakeTargets() []Target {
	return []Target{
		{Name: "says nothing to a handshake", Transports: webSockets, accept: func(net.Conn) {}},
		{Name: "has headers without end", Transports: webSockets, accept: func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n")
			for err == nil {
				_, err = io.WriteString(c, "X-Header: "+strings.Repeat("x", 1000)+"\r\n")
			}
		}},
		{Name: "has one header without end", Transports: webSockets, accept: func(c net.Conn) {
			_, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nX-Header: ")
			for err == nil {
				_, err = io.WriteString(c, strings.Repeat("x", 1000))
			}
		}},
		{Name: "refuses the upgrade", Transports: webSockets, accept: func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
			_ = c.Close()
		}},
	}
}

// flood is a target that sends the n-th body after the one before, without end.
func flood(name string, on []wire.Transport, size int, body func(user string, n int) []byte) Target {
	return Target{Name: name, Transports: on, Size: size, session: reading(func(l link, user string) {
		sendWithoutEnd(l, func(n int) []byte { return body(user, n) })
	})}
}

// reading has a session read on, so that it gets what it sends answered.
func reading(session func(l link, user string)) func(link, string) {
	return func(l link, user string) {
		go l.drain()
		session(l, user)
	}
}

// blockSize is how many messages are written at once on a stream: one by one they
// would be too slow to be a flood.
const blockSize = 100

func sendWithoutEnd(l link, body func(n int) []byte) {
	for n := 0; ; n += blockSize {
		var bodies [blockSize][]byte
		for i := range bodies {
			bodies[i] = body(n + i)
		}
		if l.sendAll(bodies[:]) != nil {
			return
		}
	}
}

func repeated(frame []byte) (block []byte) {
	for range blockSize {
		block = append(block, frame...)
	}
	return block
}
