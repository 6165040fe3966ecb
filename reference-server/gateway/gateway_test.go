package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

const anyone = "127.0.0.1:5000"

// The gateway's timer keeps the times of the rules, to the nanosecond.
func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, nil)
		time.Sleep(1234 * time.Millisecond)
		l := newLink(wire.TCP, anyone)
		g.Open(l)
		time.Sleep(7*time.Second - 1)
		synctest.Wait()
		if l.timesClosed() != 0 {
			t.Error("the stranger is closed early")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if l.timesClosed() != 1 {
			t.Errorf("at its time the stranger was closed %d times, want once", l.timesClosed())
		}
	})
}

// What is due before the next sweep brings the timer forward.
func TestTimerComesForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, func(c *server.Config) { c.Policy.Expiry[wire.WS] = 100 * time.Millisecond })
		time.Sleep(time.Second)
		stranger, user := newLink(wire.WS, anyone), newLink(wire.WS, anyone)
		g.Open(stranger)
		time.Sleep(50 * time.Millisecond)
		g.Open(user)
		ask(g, user, login("u"))
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		if stranger.timesClosed() != 1 || user.timesClosed() != 0 {
			t.Errorf("after 100 ms: closed %d and %d times, want the first only", stranger.timesClosed(), user.timesClosed())
		}
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		if user.timesClosed() != 1 {
			t.Error("the second session did not expire")
		}
		expectOnline(t, g)
	})
}

// After Stop nothing happens by itself any more, whatever was going on.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, func(c *server.Config) { c.Policy.Expiry[wire.TCP] = 100 * time.Millisecond })
		l := newLink(wire.TCP, anyone)
		g.Open(l)
		g.Stop()
		g.Message(l, login("u").Append(nil)) // would bring the timer forward
		time.Sleep(time.Hour)
		synctest.Wait()
		if l.timesClosed() != 0 {
			t.Error("the timer still runs")
		}
	})
}

// Events come with the time of what caused them.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		begin := time.Now()
		config := server.Config{Application: tolerant{}, Limits: server.DefaultLimits}
		config.Policy = server.DefaultPolicy(timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
		g := gateway.New(config, func(at time.Time, e server.Event) {
			got = append(got, fmt.Sprint(e.Kind, " ", e.User, " ", at.Sub(begin)))
		})
		defer g.Stop()
		l := newLink(wire.UDP, anyone)
		time.Sleep(time.Second)
		g.Message(l, login("u").Append(nil))
		time.Sleep(time.Second)
		g.Push(wire.NewQoSData(wire.ServerID, "u", "x", "fp"))
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"verify u 1s", "login u 1s", "lost u 10s", "logout u 11s"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("events %q, want %q", got, want)
		}
	})
}

// A session on UDP belongs to its address and begins with its login.
func TestSessionsOnUDP(t *testing.T) {
	g := newGateway(t, nil)
	a, sameAddress, other := newLink(wire.UDP, anyone), newLink(wire.UDP, anyone), newLink(wire.UDP, "127.0.0.1:5001")
	expectOne(t, "keep-alive of a stranger", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
	expectOne(t, "login", ask(g, a, login("u")), wire.TypeLoginResponse)
	expectOne(t, "keep-alive of another address", ask(g, other, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
	// Answers go by the link that logged in, which has the same address.
	g.Message(sameAddress, wire.NewKeepAlive("u").Append(nil))
	expectOne(t, "keep-alive of the same address", a.take(), wire.TypeKeepAliveResponse)
	g.Message(a, []byte("bad"))
	expectOne(t, "keep-alive after a bad message", ask(g, a, wire.NewKeepAlive("u")), wire.TypeKeepAliveResponse)
	g.Message(a, wire.NewLogout("u").Append(nil))
	expectOne(t, "keep-alive after a logout", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
	expectOnline(t, g)
}

// A kick takes the address off the list of sessions.
func TestKickedSessionOnUDP(t *testing.T) {
	g := newGateway(t, nil)
	a := newLink(wire.UDP, anyone)
	expectOne(t, "login", ask(g, a, login("u")), wire.TypeLoginResponse)
	g.Kick("u", wire.Kickout{Code: wire.KickAdministrator})
	expectOne(t, "kick", a.take(), wire.TypeKickout)
	expectOne(t, "keep-alive after it", ask(g, a, wire.NewKeepAlive("u")), wire.TypeErrorResponse)
	expectOnline(t, g)
}

// An IP address with its share of UDP sessions cannot log in once more; all
// else is answered, and each session that ends makes room.
func TestSessionsPerSource(t *testing.T) {
	g := newGateway(t, func(c *server.Config) { c.Limits.SessionsPerSource = 2 })
	a, b, c := newLink(wire.UDP, "127.0.0.1:1"), newLink(wire.UDP, "127.0.0.1:2"), newLink(wire.UDP, "127.0.0.1:3")
	expectOne(t, "first", ask(g, a, login("a")), wire.TypeLoginResponse)
	expectOne(t, "second", ask(g, b, login("b")), wire.TypeLoginResponse)
	expectNone(t, "third", ask(g, c, login("c")))
	expectOnline(t, g, "a", "b")
	expectOne(t, "echo of the third", ask(g, c, wire.NewEcho("c", "x")), wire.TypeEchoResponse)
	expectOne(t, "keep-alive of the third", ask(g, c, wire.NewKeepAlive("c")), wire.TypeErrorResponse)
	expectOne(t, "first again", ask(g, a, login("a")), wire.TypeLoginResponse)
	expectOne(t, "another machine", ask(g, newLink(wire.UDP, "127.0.0.2:3"), login("d")), wire.TypeLoginResponse)
	ask(g, b, wire.NewLogout("b"))
	expectOne(t, "third, after a logout", ask(g, c, login("c")), wire.TypeLoginResponse)
	expectNone(t, "fourth", ask(g, b, login("b")))
	expectOnline(t, g, "a", "c", "d")
}

// So cannot any address while there are too many sessions in all.
func TestSessionsInAll(t *testing.T) {
	g := newGateway(t, func(c *server.Config) { c.Limits.PacketSessions = 2 })
	a, b, c := newLink(wire.UDP, "127.0.0.1:1"), newLink(wire.UDP, "127.0.0.2:1"), newLink(wire.UDP, "127.0.0.3:1")
	expectOne(t, "first", ask(g, a, login("a")), wire.TypeLoginResponse)
	expectOne(t, "second", ask(g, b, login("b")), wire.TypeLoginResponse)
	expectNone(t, "third", ask(g, c, login("c")))
	expectOne(t, "second again", ask(g, b, login("b")), wire.TypeLoginResponse)
	ask(g, a, wire.NewLogout("a"))
	expectOne(t, "third, after a logout", ask(g, c, login("c")), wire.TypeLoginResponse)
	expectOnline(t, g, "b", "c")
}

func TestSessionsPerSourceAndExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, func(c *server.Config) { c.Limits.SessionsPerSource = 1 })
		for i := range 3 {
			l := newLink(wire.UDP, fmt.Sprint("127.0.0.1:", i+1))
			expectOne(t, "login", ask(g, l, login("u")), wire.TypeLoginResponse)
			time.Sleep(10 * time.Second)
			synctest.Wait()
		}
	})
}

func TestUnloggedLimit(t *testing.T) {
	g := newGateway(t, func(c *server.Config) { c.Limits.Unlogged = 1 })
	a, b := newLink(wire.TCP, anyone), newLink(wire.WS, anyone)
	if !g.Open(a) || g.Open(b) {
		t.Fatal("want the first stranger let in and the second refused")
	}
	expectNone(t, "a message on the refused link", ask(g, b, wire.NewEcho("b", "x")))
	g.Closed(b, nil)
	if g.Open(b) {
		t.Error("the refused link made room")
	}
	g.Closed(a, nil)
	if !g.Open(b) {
		t.Error("the first link is gone, but there is no room")
	}
}

// A stream that is gone, or never was, is not a session.
func TestUnknownLinks(t *testing.T) {
	g := newGateway(t, nil)
	l := newLink(wire.TCP, anyone)
	expectNone(t, "before Open", ask(g, l, wire.NewEcho("u", "x")))
	g.Open(l)
	ask(g, l, login("u"))
	g.Closed(l, nil)
	g.Closed(l, nil)
	expectNone(t, "after Closed", ask(g, l, wire.NewEcho("u", "x")))
	expectOnline(t, g)
	if g.Push(wire.NewData(wire.ServerID, "u", "x")) || g.Kick("u", wire.Kickout{}) {
		t.Error("the user is still there")
	}
}

// Calls for different links come at once; the race detector looks on.
func TestConcurrency(t *testing.T) {
	g := newGateway(t, nil)
	var running sync.WaitGroup
	for worker := range 8 {
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 4))
			user := fmt.Sprint("user-", worker%4) // each of them is logged in twice
			l := newLink(wire.Transports[worker%3], fmt.Sprint("127.0.0.1:", 1000+worker))
			if l.transport.Connected() {
				g.Open(l)
			}
			for range 200 {
				to := fmt.Sprint("user-", random.IntN(4))
				for _, m := range []wire.Message{login(user), wire.NewQoSData(user, to, "x", wire.NewFingerprint()), wire.NewKeepAlive(user)} {
					g.Message(l, m.Append(nil))
				}
				g.Push(wire.NewData(wire.ServerID, to, "x"))
				g.Online()
			}
			g.Message(l, wire.NewLogout(user).Append(nil))
			if l.transport.Connected() {
				g.Closed(l, nil)
			}
		})
	}
	running.Wait()
	expectOnline(t, g)
}

// Shares are counted by IP address, however it is written, and on IPv6 by network.
func TestSources(t *testing.T) {
	tests := []struct {
		first, second string
		same          bool
	}{
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"192.0.2.1:1", "[::ffff:192.0.2.1]:2", true},
		{"[2001:db8::1]:1", "[2001:db8::ffff:0:0:2]:2", true},
		{"[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", false},
		{"[fe80::1%a]:1", "[fe80::1%a]:2", true},
		{"[fe80::1%a]:1", "[fe80::2%a]:1", false},
	}
	for _, test := range tests {
		g := newGateway(t, func(c *server.Config) { c.Limits.UnloggedPerSource, c.Limits.SessionsPerSource = 1, 1 })
		if !g.Open(newLink(wire.TCP, test.first)) || g.Open(newLink(wire.WS, test.second)) == test.same {
			t.Errorf("strangers of %s and %s: want one let in, and the other too: %v", test.first, test.second, !test.same)
		}
		expectOne(t, "first", ask(g, newLink(wire.UDP, test.first), login("a")), wire.TypeLoginResponse)
		if answers := ask(g, newLink(wire.UDP, test.second), login("b")); (len(answers) == 0) != test.same {
			t.Errorf("logins of %s and %s: the second gets %q", test.first, test.second, answers)
		}
	}
}
