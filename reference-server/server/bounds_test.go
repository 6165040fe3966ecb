package server_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/harness/wire"
)

// Without a control API nobody can ask for events, and none is kept.
func TestNoEventsWithoutControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := everywhere(memory.New())
		config.Control = ""
		s := start(t, config)
		p := dial(t, config.Network, s, wire.WS, transport.Options{})
		p.login("u")
		const messages, size = 500, 60_000
		content := strings.Repeat("x", size)
		_, before := settled()
		p = dial(t, config.Network, s, wire.WS, transport.Options{})
		p.login("u")
		for range messages {
			p.send(wire.NewData("u", wire.ServerID, content))
		}
		p.keepAlive("u")
		if _, after := settled(); after > before+messages*size/10 {
			t.Errorf("after %d bytes of messages the heap has grown from %d to %d bytes", messages*size, before, after)
		}
	})
}
