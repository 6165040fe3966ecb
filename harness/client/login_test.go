package client_test

import (
	"errors"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/client"
	"imcheck/harness/timing"
	"imcheck/harness/wire"
)

func TestLogin(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.expect("Start", show(b.Start(nil)), connects)
		b.expect("Start again", show(b.Start(nil)))
		b.expect("Connected", show(b.Connected(b.now, nil)), sends(login(0)))
		if b.Online() || b.Over() {
			b.Errorf("before the response: online %v, over %v", b.Online(), b.Over())
		}
		b.expect("response", b.receive(welcome(given)), told(client.LoggedIn, 0, welcome(given)))
		if !b.Online() || b.Over() || b.FirstLoginTime() != given || b.User() != "u" {
			b.Errorf("after the response: online %v, over %v, first login time %d", b.Online(), b.Over(), b.FirstLoginTime())
		}
	})
}

func TestLoginCarriesItsInfo(t *testing.T) {
	c := client.New(client.Config{User: "u", Token: "secret", Extra: wire.Some("more"), Transport: wire.TCP, Mode: timing.Mode3S})
	c.Start(nil)
	got := show(c.Connected(epoch, nil))
	const want = `send {"bridge":false,"type":0,"dataContent":"{\"loginUserId\":\"u\",\"loginToken\":\"secret\",\"extra\":\"more\",\"firstLoginTime\":0}","from":"u","to":"0","QoS":false,"typeu":-1,"sm":-1}`
	(&bench{T: t}).expect("login", got, want)
}

// A refusal ends the client; it is not acknowledged, even when it is QoS (§4).
func TestRefused(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.Start(nil)
		b.Connected(b.now, nil)
		refusal := wire.NewLoginResponse("u", 1025, 0)
		refusal.QoS, refusal.Fingerprint = true, wire.Some("fp")
		b.expect("refusal", b.receive(refusal), told(client.Refused, 1025, refusal), disconnects)
		if !b.Over() || b.Online() || !b.Next().IsZero() {
			b.Errorf("over %v, online %v, next %v", b.Over(), b.Online(), b.Next())
		}
		b.expect("what comes later", b.receive(wire.NewQoSData("v", "u", "x", "fp-2")))
		b.expect("start again", show(b.Start(nil)), connects)
	})
}

// A login response that is QoS and lets the client in is acknowledged.
func TestWelcomeWithQoS(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.Start(nil)
	b.Connected(b.now, nil)
	response := welcome(given)
	response.QoS, response.Fingerprint = true, wire.Some("fp")
	b.expect("response", b.receive(response), sends(wire.NewReceived(response)), told(client.LoggedIn, 0, response))
}

// A kick-out of any code ends the client, in whatever state it is.
func TestKickedOut(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		kick := wire.NewKickout("u", wire.Kickout{Code: wire.KickDuplicateLogin})
		b.expect("kick-out", b.receive(kick), told(client.KickedOut, 1, kick), disconnects)
		if !b.Over() || !b.Next().IsZero() {
			b.Errorf("over %v, next %v", b.Over(), b.Next())
		}
		b.expect("the end of the connection", show(b.Disconnected(b.now, nil)))
		b.expect("later", b.advance(time.Hour))
	})
}

func TestKickedOutUnreadably(t *testing.T) {
	b := newBench(t, wire.UDP, timing.Mode3S)
	b.comeOnline()
	kick := wire.New(wire.TypeKickout, wire.ServerID, "u")
	b.expect("kick-out", b.receive(kick), told(client.KickedOut, 0, kick), disconnects)
}

func TestLogout(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		b.expect("Logout", show(b.Logout(nil)), sends(wire.NewLogout("u")), disconnects)
		if !b.Over() || b.Online() {
			b.Errorf("over %v, online %v", b.Over(), b.Online())
		}
		b.expect("Logout again", show(b.Logout(nil)))
		b.expect("later", b.advance(time.Hour))
	})
}

// Before the login there is nothing to log out of, but the connection goes.
func TestLogoutWhileLoggingIn(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.Start(nil)
	b.expect("while connecting", show(b.Logout(nil)))
	b.expect("Connected", show(b.Connected(b.now, nil)), disconnects)
	b.Start(nil)
	b.Connected(b.now, nil)
	b.expect("while logging in", show(b.Logout(nil)), disconnects)
}

// Nothing can be sent before the login, and nothing is kept of it.
func TestSendOffline(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	m := wire.NewQoSData("u", "v", "x", "fp")
	states := map[string]func(){
		"new": func() {}, "connecting": func() { b.Start(nil) }, "logging in": func() { b.Connected(b.now, nil) },
	}
	for _, state := range []string{"new", "connecting", "logging in"} {
		states[state]()
		if effects, err := b.Send(b.now, m, nil); !errors.Is(err, client.ErrOffline) || len(effects) != 0 || b.Unacknowledged() != 0 {
			t.Errorf("%s: %v, %v, %d unacknowledged", state, show(effects), err, b.Unacknowledged())
		}
	}
}

// Attempts that fail in any way follow each other after the pause of §3: 3 s
// on TCP and WebSocket, 2 s on UDP.
func TestFailedAttempts(t *testing.T) {
	onTransports(t, func(b *bench) {
		pause := 3 * time.Second
		if b.kind == wire.UDP {
			pause = 2 * time.Second
		}
		b.Start(nil)
		for i := range 3 {
			b.expect("ConnectFailed", show(b.ConnectFailed(b.now, nil)))
			b.expect("the next attempt", b.advance(b.elapsed()+pause), at(time.Duration(i+1)*pause, connects))
		}
		// Connected, but without an answer: the login is sent again.
		b.expect("Connected", show(b.Connected(b.now, nil)), sends(login(0)))
		begin := b.elapsed()
		b.expect("no answer", b.advance(begin+2*pause), at(begin+pause, sends(login(0))), at(begin+2*pause, sends(login(0))))
		// Connected, and closed instead of answered: a new connection.
		b.expect("Disconnected", show(b.Disconnected(b.now, nil)))
		b.expect("the attempt after that", b.advance(b.elapsed()+pause), at(begin+3*pause, connects))
	})
}

// A connection that breaks is reported, and replaced at once, with the first
// login time that the server had given (§3).
func TestBrokenConnection(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		b.advance(time.Second)
		b.expect("Disconnected", show(b.Disconnected(b.now, nil)), linkClosed(), connects)
		b.expect("Connected", show(b.Connected(b.now, nil)), sends(login(given)))
		b.expect("response", b.receive(welcome(given)), told(client.LoggedIn, 0, welcome(given)))
		b.expect("heartbeat", b.advance(4*time.Second), at(4*time.Second, sends(wire.NewKeepAlive("u"))))
	})
}

// A session that breaks young is replaced at once, the next one that does after the
// pause of §3, and one that lasted ends that.
func TestYoungSessions(t *testing.T) {
	onTransports(t, func(b *bench) {
		pause := timing.Relogin(b.kind)
		b.comeOnline()
		lose := func(age time.Duration) {
			b.Helper()
			b.advance(b.elapsed() + age)
			b.expect("Disconnected", show(b.Disconnected(b.now, nil))[:1], linkClosed())
		}
		comeBack := func() {
			b.Helper()
			b.expect("Connected", show(b.Connected(b.now, nil)), sends(login(given)))
			b.receive(welcome(given))
		}
		for range 2 {
			lose(bounds.YoungSession - 1)
			comeBack() // at once
			for range 3 {
				lose(bounds.YoungSession - 1)
				next := b.elapsed() + pause
				b.expect("after a young one", b.advance(next), at(next, connects))
				comeBack()
			}
			lose(bounds.YoungSession)
			comeBack() // at once
		}
	})
}

// Error 301 stops the heartbeat; the login follows after one pause, over the
// same connection if it is still there (§3).
func TestNotLoggedIn(t *testing.T) {
	for _, closed := range []bool{false, true} {
		onTransports(t, func(b *bench) {
			pause := timing.Relogin(b.kind)
			b.comeOnline()
			b.advance(2500 * time.Millisecond)
			b.expect("301", b.receive(notLoggedIn()), told(client.Failed, wire.CodeServerNotLoggedIn, notLoggedIn()))
			want := sends(login(given))
			if closed {
				b.expect("Disconnected", show(b.Disconnected(b.now, nil)))
				want = connects
			}
			again := b.elapsed() + pause
			b.advance(b.elapsed() + time.Second)
			b.expect("once more 301, which puts nothing off", b.receive(notLoggedIn()), told(client.Failed, wire.CodeServerNotLoggedIn, notLoggedIn()))
			b.expect("until the next attempt", b.advance(again), at(again, want))
			if closed {
				b.expect("Connected", show(b.Connected(b.now, nil)), sends(login(given)))
			}
			b.receive(welcome(given))
			if !b.Online() {
				b.Error("not online again")
			}
		})
	}
}

// Error 301 to the login itself puts the next attempt off by a whole pause.
func TestNotLoggedInWhileLoggingIn(t *testing.T) {
	b := newBench(t, wire.UDP, timing.Mode3S)
	b.Start(nil)
	b.Connected(b.now, nil)
	b.advance(time.Second)
	b.receive(notLoggedIn())
	b.expect("the next attempt", b.advance(4*time.Second), at(3*time.Second, sends(login(0))))
}

// Other errors are told, and change nothing.
func TestOtherErrors(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.comeOnline()
	failure := wire.NewErrorResponse(wire.CodeInvalidMessage, wire.NewKeepAlive("u"))
	b.expect("error 4", b.receive(failure), told(client.Failed, wire.CodeInvalidMessage, failure))
	b.expect("unreadable", b.receive(wire.New(wire.TypeErrorResponse, wire.ServerID, "u")))
	if !b.Online() {
		t.Error("not online any more")
	}
}

// Responses that nobody waits for, or that cannot be read, have no effect.
func TestOddLoginResponses(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.expect("before Start", b.receive(welcome(1)))
	b.Start(nil)
	b.expect("before Connected", b.receive(welcome(1)))
	b.Connected(b.now, nil)
	bad := welcome(1)
	bad.DataContent = wire.Some("x")
	b.expect("unreadable", b.receive(bad))
	b.receive(welcome(given))
	b.expect("a second one", b.receive(welcome(1)))
	b.expect("a late refusal", b.receive(wire.NewLoginResponse("u", 1025, 0)))
	if !b.Online() || b.FirstLoginTime() != given {
		t.Errorf("online %v, first login time %d", b.Online(), b.FirstLoginTime())
	}
}
