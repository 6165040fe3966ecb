package server_test

import (
	"slices"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Interpose sees each effect once, in order, and decides what becomes of it.
func TestInterpose(t *testing.T) {
	b := newBench(t, func(c *server.Config) {
		c.Hooks.Interpose = func(e server.Effect) []server.Effect {
			switch e.Kind {
			case server.Report:
				return nil
			case server.Send:
				return []server.Effect{e, e}
			}
			return []server.Effect{e}
		}
	})
	u := b.open(wire.TCP, "u")
	response := welcome("u", "u", clock(0))
	b.expect("login", b.receive(u, login("u", 0)), response, response)
	b.expect("logout", b.receive(u, wire.NewLogout("u")), closed("u"))
}

// Inbound sees everything that comes in on a session that is not over, good or
// bad, and its result replaces them.
func TestInbound(t *testing.T) {
	var seen []string
	b := newBench(t, func(c *server.Config) {
		c.Hooks.Inbound = func(from *server.Session, in server.Inbound) server.Inbound {
			seen = append(seen, string(in.Body))
			switch {
			case in.Bad && len(in.Body) == 0:
				return server.Inbound{Message: wire.NewLogout("u"), Body: in.Body}
			case in.Bad:
				return server.Inbound{Ignored: true}
			}
			in.Message.DataContent = wire.Some(from.User() + "!")
			return in
		}
	})
	u := b.open(wire.UDP, "u")
	echo := wire.NewEcho("u", "x")
	altered := wire.NewEcho("u", "!")
	b.expect("echo", b.receive(u, echo), sent("u", wire.NewEchoResponse(altered)))
	b.expect("bad message", b.raw(u, "bad"))
	b.expect("empty datagram", b.raw(u, ""), closed("u"))
	b.expect("after the end", b.receive(u, echo))
	if want := []string{echo.String(), "bad", ""}; !slices.Equal(seen, want) {
		t.Errorf("the hook saw %q, want %q", seen, want)
	}
}

// Counts decides alone what is activity.
func TestCounts(t *testing.T) {
	b := newBench(t, func(c *server.Config) {
		c.Hooks.Counts = func(t wire.Type, sent bool) bool { return sent && t == wire.TypeEchoResponse }
	})
	u := b.login(wire.TCP, "u")
	expiry := timing.Mode3S.Expiry(wire.TCP)
	b.advance(expiry - 2*time.Second)
	b.receive(u, wire.NewEcho("u", "x")) // it is the answer that counts
	b.advance(expiry)
	b.receive(u, wire.NewKeepAlive("u"))
	b.expect("expiry", b.advance(2*expiry), at(2*expiry-2*time.Second, closed("u")), at(2*expiry-2*time.Second, loggedOut("u", server.NoKick)))
}
