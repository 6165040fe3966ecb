package client_test

import (
	"errors"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/internal/clienttest"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

func TestLogin(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.expect("Start", clienttest.Show(b.Start(nil)), clienttest.Connects)
		b.expect("Start again", clienttest.Show(b.Start(nil)))
		b.expect("Connected", clienttest.Show(b.Connected(b.now, nil)), clienttest.Sends(clienttest.Login(0)))
		if b.Online() || b.Over() {
			b.Errorf("before the response: online %v, over %v", b.Online(), b.Over())
		}
		b.expect("response", b.receive(clienttest.Welcome(clienttest.Given)), clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(clienttest.Given)))
		if !b.Online() || b.Over() || b.FirstLoginTime() != clienttest.Given || b.User() != "u" {
			b.Errorf("after the response: online %v, over %v, first login time %d", b.Online(), b.Over(), b.FirstLoginTime())
		}
	})
}

func TestLoginCarriesItsInfo(t *testing.T) {
	c := client.New(client.Config{User: "u", Token: "secret", Extra: wire.Some("more"), Transport: wire.TCP, Mode: timing.Mode3S})
	c.Start(nil)
	got := clienttest.Show(c.Connected(epoch, nil))
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
		b.expect("refusal", b.receive(refusal), clienttest.Told(client.Refused, 1025, refusal), clienttest.Disconnects)
		if !b.Over() || b.Online() || !b.Next().IsZero() {
			b.Errorf("over %v, online %v, next %v", b.Over(), b.Online(), b.Next())
		}
		b.expect("what comes later", b.receive(wire.NewQoSData("v", "u", "x", "fp-2")))
		b.expect("start again", clienttest.Show(b.Start(nil)), clienttest.Connects)
	})
}

// A login response that is QoS and lets the client in is acknowledged.
func TestWelcomeWithQoS(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.Start(nil)
	b.Connected(b.now, nil)
	response := clienttest.Welcome(clienttest.Given)
	response.QoS, response.Fingerprint = true, wire.Some("fp")
	b.expect("response", b.receive(response), clienttest.Sends(wire.NewReceived(response)), clienttest.Told(client.LoggedIn, 0, response))
}

// A kick-out of any code ends the client, in whatever state it is.
func TestKickedOut(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		kick := wire.NewKickout("u", wire.Kickout{Code: wire.KickDuplicateLogin})
		b.expect("kick-out", b.receive(kick), clienttest.Told(client.KickedOut, 1, kick), clienttest.Disconnects)
		if !b.Over() || !b.Next().IsZero() {
			b.Errorf("over %v, next %v", b.Over(), b.Next())
		}
		b.expect("the end of the connection", clienttest.Show(b.Disconnected(b.now, nil)))
		b.expect("later", b.advance(time.Hour))
	})
}

func TestKickedOutUnreadably(t *testing.T) {
	b := newBench(t, wire.UDP, timing.Mode3S)
	b.comeOnline()
	kick := wire.New(wire.TypeKickout, wire.ServerID, "u")
	b.expect("kick-out", b.receive(kick), clienttest.Told(client.KickedOut, 0, kick), clienttest.Disconnects)
}

func TestLogout(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		b.expect("Logout", clienttest.Show(b.Logout(nil)), clienttest.Sends(wire.NewLogout("u")), clienttest.Disconnects)
		if !b.Over() || b.Online() {
			b.Errorf("over %v, online %v", b.Over(), b.Online())
		}
		b.expect("Logout again", clienttest.Show(b.Logout(nil)))
		b.expect("later", b.advance(time.Hour))
	})
}

// Before the login there is nothing to log out of, but the connection goes.
func TestLogoutWhileLoggingIn(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.Start(nil)
	b.expect("while connecting", clienttest.Show(b.Logout(nil)))
	b.expect("Connected", clienttest.Show(b.Connected(b.now, nil)), clienttest.Disconnects)
	b.Start(nil)
	b.Connected(b.now, nil)
	b.expect("while logging in", clienttest.Show(b.Logout(nil)), clienttest.Disconnects)
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
			t.Errorf("%s: %v, %v, %d unacknowledged", state, clienttest.Show(effects), err, b.Unacknowledged())
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
			b.expect("ConnectFailed", clienttest.Show(b.ConnectFailed(b.now, nil)))
			b.expect("the next attempt", b.advance(b.elapsed()+pause), clienttest.At(time.Duration(i+1)*pause, clienttest.Connects))
		}
		// Connected, but without an answer: the login is sent again.
		b.expect("Connected", clienttest.Show(b.Connected(b.now, nil)), clienttest.Sends(clienttest.Login(0)))
		begin := b.elapsed()
		b.expect("no answer", b.advance(begin+2*pause), clienttest.At(begin+pause, clienttest.Sends(clienttest.Login(0))), clienttest.At(begin+2*pause, clienttest.Sends(clienttest.Login(0))))
		// Connected, and closed instead of answered: a new connection.
		b.expect("Disconnected", clienttest.Show(b.Disconnected(b.now, nil)))
		b.expect("the attempt after that", b.advance(b.elapsed()+pause), clienttest.At(begin+3*pause, clienttest.Connects))
	})
}

// A connection that breaks is reported, and replaced at once, with the first
// login time that the server had clienttest.Given (§3).
func TestBrokenConnection(t *testing.T) {
	onTransports(t, func(b *bench) {
		b.comeOnline()
		b.advance(time.Second)
		b.expect("Disconnected", clienttest.Show(b.Disconnected(b.now, nil)), clienttest.LinkClosed(), clienttest.Connects)
		b.expect("Connected", clienttest.Show(b.Connected(b.now, nil)), clienttest.Sends(clienttest.Login(clienttest.Given)))
		b.expect("response", b.receive(clienttest.Welcome(clienttest.Given)), clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(clienttest.Given)))
		b.expect("heartbeat", b.advance(4*time.Second), clienttest.At(4*time.Second, clienttest.Sends(wire.NewKeepAlive("u"))))
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
			b.expect("Disconnected", clienttest.Show(b.Disconnected(b.now, nil))[:1], clienttest.LinkClosed())
		}
		comeBack := func() {
			b.Helper()
			b.expect("Connected", clienttest.Show(b.Connected(b.now, nil)), clienttest.Sends(clienttest.Login(clienttest.Given)))
			b.receive(clienttest.Welcome(clienttest.Given))
		}
		for range 2 {
			lose(bounds.YoungSession - 1)
			comeBack() // at once
			for range 3 {
				lose(bounds.YoungSession - 1)
				next := b.elapsed() + pause
				b.expect("after a young one", b.advance(next), clienttest.At(next, clienttest.Connects))
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
			b.expect("301", b.receive(clienttest.NotLoggedIn()), clienttest.Told(client.Failed, wire.CodeServerNotLoggedIn, clienttest.NotLoggedIn()))
			want := clienttest.Sends(clienttest.Login(clienttest.Given))
			if closed {
				b.expect("Disconnected", clienttest.Show(b.Disconnected(b.now, nil)))
				want = clienttest.Connects
			}
			again := b.elapsed() + pause
			b.advance(b.elapsed() + time.Second)
			b.expect("once more 301, which puts nothing off", b.receive(clienttest.NotLoggedIn()), clienttest.Told(client.Failed, wire.CodeServerNotLoggedIn, clienttest.NotLoggedIn()))
			b.expect("until the next attempt", b.advance(again), clienttest.At(again, want))
			if closed {
				b.expect("Connected", clienttest.Show(b.Connected(b.now, nil)), clienttest.Sends(clienttest.Login(clienttest.Given)))
			}
			b.receive(clienttest.Welcome(clienttest.Given))
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
	b.receive(clienttest.NotLoggedIn())
	b.expect("the next attempt", b.advance(4*time.Second), clienttest.At(3*time.Second, clienttest.Sends(clienttest.Login(0))))
}

// Other errors are reported, and change nothing.
func TestOtherErrors(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.comeOnline()
	failure := wire.NewErrorResponse(wire.CodeInvalidMessage, wire.NewKeepAlive("u"))
	b.expect("error 4", b.receive(failure), clienttest.Told(client.Failed, wire.CodeInvalidMessage, failure))
	b.expect("unreadable", b.receive(wire.New(wire.TypeErrorResponse, wire.ServerID, "u")))
	if !b.Online() {
		t.Error("not online any more")
	}
}

// Responses that nobody waits for, or that cannot be read, have no effect.
func TestOddLoginResponses(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.expect("before Start", b.receive(clienttest.Welcome(1)))
	b.Start(nil)
	b.expect("before Connected", b.receive(clienttest.Welcome(1)))
	b.Connected(b.now, nil)
	bad := clienttest.Welcome(1)
	bad.DataContent = wire.Some("x")
	b.expect("unreadable", b.receive(bad))
	b.receive(clienttest.Welcome(clienttest.Given))
	b.expect("a second one", b.receive(clienttest.Welcome(1)))
	b.expect("a late refusal", b.receive(wire.NewLoginResponse("u", 1025, 0)))
	if !b.Online() || b.FirstLoginTime() != clienttest.Given {
		t.Errorf("online %v, first login time %d", b.Online(), b.FirstLoginTime())
	}
}
