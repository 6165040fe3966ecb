package eventloop

import (
	"errors"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// A muted connection writes nothing more: not what is queued, no pong, and no close frame or
// alert. It is still read from, up to its end, and closing it resets it.
func TestMute(t *testing.T) {
	for _, closes := range []string{"client", "server"} {
		t.Run("the "+closes+" closes", func(t *testing.T) {
			onTransports(t, streams, func(w *world, kind wire.Transport, p *peer) {
				c := w.dial(kind, 0)
				w.say(c, "hello")
				w.until("the echo", func() bool { return len(w.messages[0]) == 1 })
				if err := c.Send([]byte("queued")); err != nil {
					t.Fatal(err)
				}
				c.Mute()
				w.say(c, "muted")
				p.link().Send([]byte("heard"))
				w.until("a message", func() bool { return len(w.messages[0]) == 2 })
				if closes == "server" {
					p.link().Close()
					if ended := w.end(0); ended.Reason != transport.ByPeer {
						t.Errorf("it ended by %v", ended)
					}
				}
				if err := errors.Join(c.Close(), c.Close()); err != nil {
					t.Fatal(err)
				}
				w.Flush()
				ended, ok := errors.AsType[*transport.CloseError](p.reason(t))
				if closes == "client" && (!ok || ended.Reason != transport.Reset) {
					t.Errorf("the server saw %v, want a reset", ended)
				}
				for _, n := range p.heard() {
					if n != 1 {
						t.Errorf("the server got %d messages, want the first", n)
					}
				}
			})
		})
	}
}
