package gateway_test

import (
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// watcher keeps what it is told.
type watcher struct {
	events  []gateway.SessionEvent
	limited []server.Limit
}

func (w *watcher) Session(e gateway.SessionEvent) { w.events = append(w.events, e) }

func (w *watcher) Limited(_ time.Time, l server.Limit, _ netip.Addr) {
	w.limited = append(w.limited, l)
}

// what lists kinds and causes of what a watcher was told.
func (w *watcher) what() (all []string) {
	for _, e := range w.events {
		all = append(all, []string{"connected", "logged in", "refused", "ended: "}[e.Kind]+string(e.Cause))
	}
	w.events = nil
	return all
}

func wantWhat(t *testing.T, w *watcher, name string, want ...string) {
	t.Helper()
	if got := w.what(); !slices.Equal(got, want) {
		t.Errorf("%s: told of %q, want %q", name, got, want)
	}
}

// The watcher is told why each session ends, and the counters agree.
func TestWatcherIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, w := newGateway(t, nil), &watcher{}
		g.Watch(w)
		open := func() *link {
			l := newLink(wire.TCP, anyone)
			g.Open(l)
			return l
		}
		a := open()
		ask(g, a, login("u"))
		wantWhat(t, w, "login", "connected", "logged in")
		b := open()
		ask(g, b, login("u"))
		wantWhat(t, w, "another login", "connected", "ended: replaced", "logged in")
		g.Kick("u", wire.Kickout{Code: wire.KickAdministrator})
		wantWhat(t, w, "kick", "ended: kicked")
		c := open()
		ask(g, c, wire.NewKeepAlive("u"))
		wantWhat(t, w, "no login", "connected", "ended: not logged in")
		d := open()
		g.Message(d, []byte("rubbish"))
		wantWhat(t, w, "rubbish", "connected", "ended: bad message")
		e := open()
		ask(g, e, login("u"))
		ask(g, e, wire.NewLogout("u"))
		wantWhat(t, w, "logout", "connected", "logged in", "ended: logout")
		packets := newLink(wire.UDP, anyone)
		ask(g, packets, wire.NewEcho("u", "x"))
		ask(g, packets, login("v"))
		time.Sleep(time.Minute)
		synctest.Wait()
		wantWhat(t, w, "silence", "logged in", "ended: expired")
		f := open()
		g.Closed(f, nil)
		wantWhat(t, w, "close", "connected", "ended: closed")
		checkCounts(t, g.Counts())
	})
}

// checkCounts checks the counters after TestWatcherIsTold.
func checkCounts(t *testing.T, c gateway.Counts) {
	t.Helper()
	if c.Sessions != [3]int{} || c.Logins[wire.TCP] != 3 || c.Logins[wire.UDP] != 1 || c.Opened[wire.TCP] != 6 {
		t.Errorf("sessions %v, logins %v, opened %v", c.Sessions, c.Logins, c.Opened)
	}
	if c.In[wire.TCP].Of(wire.TypeLogin) != 3 || c.In[wire.TCP].Bad != 1 || c.Out[wire.TCP].Of(wire.TypeKickout) != 2 || c.In[wire.UDP].Of(wire.TypeEcho) != 1 {
		t.Errorf("in %+v, out %+v", c.In, c.Out)
	}
	if c.Ended[server.CauseReplaced] != 1 || c.Ended[server.CauseExpired] != 1 || c.Errors[wire.CodeServerNotLoggedIn] != 1 {
		t.Errorf("ended %v, errors %v", c.Ended, c.Errors)
	}
}

// A retransmission is counted as one.
func TestRetransmissionsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, nil)
		l := newLink(wire.TCP, anyone)
		g.Open(l)
		ask(g, l, login("u"))
		g.Push(wire.NewQoSData(wire.ServerID, "u", "x", "fp"))
		time.Sleep(7 * time.Second)
		synctest.Wait()
		if c := g.Counts(); c.Retransmissions[wire.TCP] != 1 || c.Out[wire.TCP].Of(wire.TypeData) != 2 {
			t.Errorf("%d retransmissions of %d", c.Retransmissions[wire.TCP], c.Out[wire.TCP].Of(wire.TypeData))
		}
	})
}

// One address may connect and log in so often a second; others are not affected.
func TestRatesOfOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watcher{}
		g := newGateway(t, func(c *server.Config) { c.Limits.ConnectionsPerSecond, c.Limits.LoginsPerSecond = 10, 3 })
		g.Watch(w)
		tries := func(remote string) (connected, loggedIn, closed int) {
			for range 20 {
				l := newLink(wire.TCP, remote)
				if !g.Open(l) {
					continue
				}
				connected++
				if len(ask(g, l, login("u"))) > 0 {
					loggedIn++
				}
				closed += l.timesClosed()
				g.Closed(l, nil)
			}
			return connected, loggedIn, closed
		}
		for _, remote := range []string{"192.0.2.1:1", "192.0.2.2:1"} {
			if connected, loggedIn, closed := tries(remote); connected != 10 || loggedIn != 3 || closed != 7 {
				t.Errorf("%s: %d connections, %d logins, %d closed; want 10, 3 and 7", remote, connected, loggedIn, closed)
			}
		}
		time.Sleep(time.Second)
		if connected, loggedIn, _ := tries("192.0.2.1:2"); connected != 10 || loggedIn != 3 {
			t.Errorf("a second later: %d connections, %d logins", connected, loggedIn)
		}
		c := g.Counts()
		if c.Limited[server.LimitConnections] != 30 || c.Limited[server.LimitLogins] != 21 || len(w.limited) != 51 {
			t.Errorf("limited %v, told of %d", c.Limited, len(w.limited))
		}
		stranger := newLink(wire.UDP, "192.0.2.3:1")
		for range 5 {
			ask(g, stranger, login("v"))
			ask(g, stranger, wire.NewLogout("v"))
		}
		if n := g.Counts().Logins[wire.UDP]; n != 3 {
			t.Errorf("%d logins on UDP, want 3", n)
		}
	})
}

// A gateway that is drained takes no connection, login or data, and everything else.
func TestDrain(t *testing.T) {
	g := newGateway(t, nil)
	l, stranger := newLink(wire.TCP, anyone), newLink(wire.TCP, anyone)
	g.Open(l)
	g.Open(stranger)
	ask(g, l, login("u"))
	g.Drain()
	expectNone(t, "a login", ask(g, stranger, login("v")))
	expectNone(t, "data", ask(g, l, wire.NewQoSData("u", wire.ServerID, "x", "fp")))
	expectOne(t, "a keep-alive", ask(g, l, wire.NewKeepAlive("u")), wire.TypeKeepAliveResponse)
	if g.Open(newLink(wire.TCP, anyone)) {
		t.Error("a connection is taken")
	}
	g.EndAll()
	if l.timesClosed() != 1 || stranger.timesClosed() != 1 {
		t.Errorf("closed %d and %d times", l.timesClosed(), stranger.timesClosed())
	}
	expectOnline(t, g)
	if n := g.Counts().Ended[server.CauseGoingAway]; n != 2 {
		t.Errorf("%d sessions ended so", n)
	}
}
