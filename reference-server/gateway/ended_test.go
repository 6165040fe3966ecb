package gateway_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// After a datagram that ended its session, further ones from the same address are
// lost for a while (§7), and no longer.
func TestLossAfterEnd(t *testing.T) {
	nameless := wire.NewData("u", wire.ServerID, "x")
	nameless.QoS = true
	for name, end := range map[string]string{
		"logout":                    wire.NewLogout("u").String(),
		"bad message":               "bad",
		"empty datagram":            "",
		"QoS without a fingerprint": nameless.String(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t, func(c *server.Config) {
					c.Policy.DeafTime, c.Quirks.BadDatagramEnds = 2*time.Millisecond, true
				})
				a, other := newLink(wire.UDP, anyone), newLink(wire.UDP, "127.0.0.1:5001")
				expectOne(t, "login", ask(g, a, login("u")), wire.TypeLoginResponse)
				g.Message(a, []byte(end))
				expectNone(t, "at once", ask(g, a, wire.NewKeepAlive("u")))
				expectOne(t, "another address", ask(g, other, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
				time.Sleep(2*time.Millisecond - 1)
				expectNone(t, "a login before 2 ms", ask(g, a, login("u")))
				time.Sleep(time.Nanosecond)
				expectOne(t, "after 2 ms", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
				expectOne(t, "login after it", ask(g, a, login("u")), wire.TypeLoginResponse)
			})
		})
	}
}

// After a session that expired or was kicked no datagram is lost.
func TestNoLossAfterKickOrExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, func(c *server.Config) { c.Policy.DeafTime = time.Second })
		a := newLink(wire.UDP, anyone)
		ask(g, a, login("u"))
		g.Kick("u", wire.Kickout{Code: wire.KickAdministrator})
		expectOne(t, "after a kick", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
		ask(g, a, login("u"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		expectOne(t, "after the expiry", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
		g.Message(a, nil)
		expectOne(t, "after an empty datagram of a stranger", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
	})
}

// The number of remembered addresses is bounded: the oldest one is forgotten.
func TestEndedAddressesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, func(c *server.Config) { c.Policy.DeafTime = time.Second })
		logout := wire.NewLogout("u")
		for i := range 4097 {
			ask(g, newLink(wire.UDP, fmt.Sprint("127.0.0.1:", i+1)), logout)
		}
		echo := wire.NewEcho("u", "x")
		expectOne(t, "the first", ask(g, newLink(wire.UDP, "127.0.0.1:1"), echo), wire.TypeEchoResponse)
		expectNone(t, "the second", ask(g, newLink(wire.UDP, "127.0.0.1:2"), echo))
		expectNone(t, "the last", ask(g, newLink(wire.UDP, "127.0.0.1:4097"), echo))
		time.Sleep(time.Second)
		expectOne(t, "the last, later", ask(g, newLink(wire.UDP, "127.0.0.1:4097"), echo), wire.TypeEchoResponse)
	})
}
