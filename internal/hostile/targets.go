// Package hostile has misbehaving targets, for the tests of what a client keeps from
// them.
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

// Target is a misbehaving server. Start starts it.
type Target struct {
	Name       string
	Transports []wire.Transport // on which it can be started
	// Size is the approximate size in bytes of each message of a flood, or 0 if the
	// target does not flood.
	Size int
	// Unread is true if the target reads nothing after a login.
	Unread bool

	// accept replaces the handshake; nil means a correct one.
	accept func(c net.Conn)
	// session is called after a login has been answered. The link stays open until the
	// server is closed, unless session closes it.
	session func(l link, user string)
}

var (
	everywhere = wire.Transports[:]
	streams    = []wire.Transport{wire.TCP, wire.WS}
	webSockets = []wire.Transport{wire.WS}
)

// Targets returns all targets, floods first.
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

// longMessage is the approximate size of a long message in bytes. Clients accept
// datagrams somewhat longer.
const longMessage = 3500

// slowTargets returns targets that send or read too little, or the wrong thing.
func slowTargets() []Target {
	long := func(user string) []byte { return wire.NewData("stranger", user, strings.Repeat("x", 2000)).Append(nil) }
	return []Target{
		{Name: "does not read", Transports: streams, Unread: true, session: func(link, string) {}},
		{Name: "sends half a frame", Transports: streams, session: reading(func(l link, user string) {
			frame := l.framed(long(user))
			_ = l.write(frame[:len(frame)/2]) // an error shows to the client
		})},
		{Name: "sends a byte a second", Transports: streams, session: func(l link, user string) {
			for _, b := range l.framed(long(user)) {
				if l.write([]byte{b}) != nil {
					return
				}
				<-time.After(time.Second) // the point of this target
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

// handshakeTargets returns targets that do not complete the WebSocket handshake.
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

// flood returns a target that sends bodies without end, numbered from 0.
func flood(name string, on []wire.Transport, size int, body func(user string, n int) []byte) Target {
	return Target{Name: name, Transports: on, Size: size, session: reading(func(l link, user string) {
		sendWithoutEnd(l, func(n int) []byte { return body(user, n) })
	})}
}

// reading makes a session read on, so that clients are not blocked by their answers.
func reading(session func(l link, user string)) func(link, string) {
	return func(l link, user string) {
		go l.drain()
		session(l, user)
	}
}

// blockSize is the number of messages written at once on a stream: one by one they
// would be too slow for a flood.
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
