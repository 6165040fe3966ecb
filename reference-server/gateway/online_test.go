package gateway_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// crowded starts a gateway with a number of users on UDP.
func crowded(t testing.TB, users int) *gateway.Gateway {
	g := newGateway(t, func(c *server.Config) {
		c.Limits.SessionsPerSource, c.Limits.PacketSessions = users, users
		c.Policy = server.DefaultPolicy(timing.Modes{timing.Mode120S, timing.Mode120S, timing.Mode120S}) // nobody expires meanwhile
	})
	for n := range users {
		address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, byte(n >> 14), 1}), uint16(1024+n&(1<<14-1)))
		g.Message(&link{transport: wire.UDP, remote: address}, login(fmt.Sprint("u", n)).Append(nil))
	}
	return g
}

func TestSessions(t *testing.T) {
	g := newGateway(t, nil)
	tcp, udp := newLink(wire.TCP, "192.0.2.1:1"), newLink(wire.UDP, "192.0.2.2:2")
	g.Open(tcp)
	ask(g, tcp, login("a"))
	ask(g, udp, login("b"))
	page := g.Sessions(0, 10)
	if len(page) != 2 || page[0].User != "a" || page[0].Remote != tcp.remote || page[1].User != "b" || page[1].Transport != wire.UDP || page[1].Since.IsZero() {
		t.Fatalf("sessions %+v", page)
	}
	if next := g.Sessions(page[0].Number, 1); len(next) != 1 || next[0] != page[1] {
		t.Errorf("the second page is %+v", next)
	}
	if one, online := g.Session("b"); !online || one != page[1] {
		t.Errorf("b is %+v, %v", one, online)
	}
	if _, online := g.Session("c"); online {
		t.Error("c is online")
	}
	if counts := g.OnlineCounts(); counts != [...]int{wire.UDP: 1, wire.TCP: 1, wire.WS: 0} {
		t.Errorf("counts %v", counts)
	}
}

// shortest returns the shortest time that a call took, of several.
func shortest(times int, call func()) time.Duration {
	least := time.Hour
	for range times {
		start := time.Now()
		call()
		least = min(least, time.Since(start))
	}
	return least
}

// A page takes the lock for as long with many users as with a thousand, and a
// fraction of what a list of all takes: nobody waits for a console.
func TestPagesDoNotHoldTheServer(t *testing.T) {
	const limit, crowd = 100, 30_000
	few, many := crowded(t, 1000), crowded(t, crowd)
	middle := many.Sessions(0, crowd/2)[crowd/2-1].Number
	small := shortest(100, func() { few.Sessions(500, limit) })
	large := shortest(100, func() { many.Sessions(middle, limit) })
	all := shortest(3, func() { many.Sessions(0, crowd) })
	t.Logf("a page of %d takes %v of 1,000 users and %v of %d; all of them take %v", limit, small, large, crowd, all)
	if large > 20*small || large > all/20 {
		t.Errorf("a page of %d takes %v of 1,000 users and %v of %d; all of them take %v", limit, small, large, crowd, all)
	}
}

// BenchmarkSessions reads pages of a hundred users of a hundred thousand.
func BenchmarkSessions(b *testing.B) {
	g := crowded(b, 100_000)
	b.ResetTimer()
	for after := uint64(0); b.Loop(); {
		page := g.Sessions(after, 100)
		if after = 0; len(page) == 100 {
			after = page[99].Number
		}
	}
}
