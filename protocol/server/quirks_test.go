package server_test

import (
	"slices"
	"testing"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// newSafeBench has a server without any quirk.
func newSafeBench(t *testing.T) *bench {
	return newBench(t, func(c *server.Config) { c.Quirks = server.Quirks{} })
}

// Data in another's name is refused and goes nowhere; other types are not
// looked at.
func TestForgedFromIsRefused(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newSafeBench(t)
		u, other := b.login(kind, "u"), b.login(kind, "other")
		for _, m := range []wire.Message{
			wire.NewQoSData("other", wire.ServerID, "x", "fp-1"),
			wire.NewQoSData("other", "other", "x", "fp-2"),
			wire.NewData("other", "absent", "x"),
			wire.NewData(wire.ServerID, "other", "x"),
			{Type: wire.TypeData, To: wire.Some("other")},
		} {
			b.expect("forged "+m.String(), b.receive(u, m), sent("u", wire.NewErrorResponse(wire.CodeInvalidMessage, m)))
		}
		own := wire.NewData("u", "other", "x")
		b.expect("own", b.receive(u, own), sent("other", own), about(server.EventC2C, "other", 0, own))
		b.expect("keep-alive", b.receive(u, wire.NewKeepAlive("other")), sent("u", wire.NewKeepAliveResponse("u")))
		if u.Ended() || other.Ended() {
			t.Errorf("%s: a session has ended", kind)
		}
	}
}

// A kick ends a session on every transport, and an administrator's code is
// reported at once.
func TestKickEndsEverySession(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newSafeBench(t)
		old := b.login(kind, "u")
		b.login(kind, "u")
		if !old.Ended() || !slices.Equal(b.Online(), []string{"u"}) {
			t.Errorf("%s: the replaced session ended %v, online %q", kind, old.Ended(), b.Online())
		}
		effects, _ := b.Kick(b.now, "u", wire.Kickout{Code: 1030})
		b.expect("kick on "+kind.String(), show(effects),
			sent("u", wire.NewKickout("u", wire.Kickout{Code: 1030})), closed("u"), loggedOut("u", 1030))
		if len(b.Online()) > 0 {
			t.Errorf("%s: online after the kick: %q", kind, b.Online())
		}
	}
}

// Bytes that are not a message end a stream's session, but not a UDP session.
func TestBadDatagramIsPassedOver(t *testing.T) {
	notJSON := wire.New(wire.TypeLogin, "u", wire.ServerID)
	notJSON.DataContent = wire.Some("not JSON")
	for _, kind := range wire.Transports {
		for name, body := range map[string]string{"not JSON": "{", "login with a content that is not": notJSON.String()} {
			b := newSafeBench(t)
			u := b.login(kind, "u")
			b.raw(u, body)
			if u.Ended() != kind.Connected() {
				t.Errorf("%s on %s: ended %v", name, kind, u.Ended())
			}
		}
	}
}
