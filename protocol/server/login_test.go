package server_test

import (
	"slices"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

func TestLogin(t *testing.T) {
	tests := []struct {
		name    string
		content string
		verdict wire.Code
		want    []string // before what is done to a stream
		closes  bool     // a stream; a datagram is just not answered
	}{
		{"first", `{"loginUserId":"u","loginToken":"t","extra":"x","firstLoginTime":0}`, 0,
			[]string{verified("u", 0), welcome("u", "u", clock(time.Second)), reported(server.Event{Kind: server.EventLogin, User: "u", Extra: wire.Some("x")})}, false},
		{"negative time", `{"loginUserId":"u","firstLoginTime":-1}`, 0,
			[]string{verified("u", 0), welcome("u", "u", clock(time.Second)), loggedIn("u")}, false},
		{"without a time", `{"loginUserId":"u"}`, 0,
			[]string{verified("u", 0), welcome("u", "u", clock(time.Second)), loggedIn("u")}, false},
		{"again after a break", `{"loginUserId":"u","firstLoginTime":12345}`, 0,
			[]string{verified("u", 0), welcome("u", "u", 12345), loggedIn("u")}, false},
		{"a time of the future", `{"loginUserId":"u","firstLoginTime":9000000000000}`, 0,
			[]string{verified("u", 0), welcome("u", "u", 9_000_000_000_000), loggedIn("u")}, false},
		{"refused", `{"loginUserId":"u","firstLoginTime":12345}`, 1025,
			[]string{verified("u", 1025), sent("u", wire.NewLoginResponse("u", 1025, 0))}, true},
		{"no user id", `{"loginToken":"t"}`, 0, nil, true},
		{"null user id", `{"loginUserId":null,"loginToken":"t"}`, 0, nil, true},
	}
	for _, test := range tests {
		for _, kind := range wire.Transports {
			b := newBench(t, nil)
			b.application.verdict = test.verdict
			b.advance(time.Second)
			u := b.open(kind, "u")
			m := wire.New(wire.TypeLogin, "whoever", wire.ServerID)
			m.DataContent = wire.Some(test.content)
			want := slices.Clone(test.want)
			if test.closes {
				want = onStreams(kind, want, closed("u"))
			}
			b.expect(test.name+" on "+kind.String(), b.receive(u, m), want...)
			if ok := !test.closes; u.LoggedIn() != ok || slices.Equal(b.Online(), []string{"u"}) != ok {
				t.Errorf("%s on %s: logged in %v, online %q", test.name, kind, u.LoggedIn(), b.Online())
			}
		}
	}
}

func TestRefusedLoginOnTheWire(t *testing.T) {
	b := newBench(t, nil)
	b.application.verdict = 1025
	got := b.receive(b.open(wire.UDP, "u"), login("u", 0))
	const response = `{"bridge":false,"type":50,"dataContent":"{\"code\":1025,\"firstLoginTime\":-1}","from":"0","to":"-1","QoS":false,"typeu":-1,"sm":-1}`
	b.expect("refusal", got, verified("u", 1025), "u gets "+response)
}

func TestApplicationJudgesLogins(t *testing.T) {
	b := newBench(t, nil)
	m := wire.NewLogin(wire.LoginInfo{UserID: wire.Some("u"), Token: wire.Some("secret"), Extra: wire.Some("more")})
	b.receive(b.open(wire.TCP, "u"), m)
	if want := []string{"u secret more"}; !slices.Equal(b.application.asked, want) {
		t.Errorf("the application was asked %q, want %q", b.application.asked, want)
	}
}

// §3: a login without dataContent is dropped in silence, one whose content is
// not JSON is a bad message.
func TestLoginWithoutInfo(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newBench(t, nil)
		b.expect("no content on "+kind.String(), b.receive(b.open(kind, "u"), wire.New(wire.TypeLogin, "u", wire.ServerID)),
			onStreams(kind, nil, closed("u"))...)
		m := wire.New(wire.TypeLogin, "u", wire.ServerID)
		m.DataContent = wire.Some("not JSON")
		b.expect("bad content on "+kind.String(), b.receive(b.open(kind, "u"), m), closed("u"))
		u := b.login(kind, "v")
		b.expect("bad content on a session that is logged in on "+kind.String(), b.receive(u, m), closed("v"), loggedOut("v", server.NoKick))
	}
}

// A refused stranger on UDP may try again from the same address.
func TestLoginAfterARefusal(t *testing.T) {
	b := newBench(t, nil)
	u := b.open(wire.UDP, "u")
	b.application.verdict = 2000
	b.receive(u, login("u", 0))
	b.expect("keep-alive after the refusal", b.receive(u, wire.NewKeepAlive("u")), sent("u", wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u"))))
	b.application.verdict = wire.CodeOK
	b.expect("second try", b.receive(u, login("u", 0)), verified("u", 0), welcome("u", "u", clock(0)), loggedIn("u"))
}

// §3: a session that is logged in is let in again without being judged.
func TestLoginAgain(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newSafeBench(t)
		u := b.login(kind, "u")
		b.application.verdict = 1025
		b.advance(time.Second)
		b.expect("the same user on "+kind.String(), b.receive(u, login("u", 0)), welcome("u", "u", clock(time.Second)), loggedIn("u"))
		b.expect("another user on "+kind.String(), b.receive(u, login("v", 4711)), welcome("u", "v", 4711), loggedOut("u", server.NoKick), loggedIn("v"))
		if got := b.Online(); !slices.Equal(got, []string{"v"}) || u.User() != "v" {
			t.Errorf("%s: online %q as %q, want v only", kind, got, u.User())
		}
		b.expect("its end on "+kind.String(), b.receive(u, wire.NewLogout("v")), closed("u"), loggedOut("v", server.NoKick))
		if len(b.application.asked) != 1 {
			t.Errorf("%s: the application was asked %d times, want once", kind, len(b.application.asked))
		}
	}
}

// On the observed server the former user of a session stays registered with it (§7): until
// its end, and as somebody whom nothing reaches after that.
func TestFormerUserStays(t *testing.T) {
	for _, kind := range wire.Transports {
		b := newBench(t, nil)
		u, w := b.login(kind, "u"), b.login(wire.TCP, "w")
		b.expect("another user", b.receive(u, login("v", 0)), welcome("u", "v", clock(0)), loggedIn("v"))
		b.expectOnline("both", "u", "v", "w")
		toFormer := wire.NewData("w", "u", "x")
		b.expect("to the former", b.receive(w, toFormer), sent("u", toFormer), about(server.EventC2C, "u", 0, toFormer))
		b.expect("its end", b.receive(u, wire.NewLogout("v")), closed("u"), loggedOut("v", server.NoKick))
		b.expectOnline("after it", "u", "w")
		b.expect("to nobody", b.receive(w, toFormer), about(server.EventOffline, "u", server.NotStored, toFormer))
		effects, online := b.Push(b.now, wire.NewQoSData(wire.ServerID, "u", "x", "f"))
		b.expect("pushed", show(effects))
		_, listed := b.Kick(b.now, "u", wire.Kickout{Code: 2})
		if !online || !listed {
			t.Errorf("%s: pushed %v, kicked %v, want both to find the user online", kind, online, listed)
		}
		b.expect("never sent again", b.advance(6*time.Second))
		young := b.open(wire.TCP, "young")
		b.expect("logs in again", b.receive(young, login("u", 1)), verified("u", 0), welcome("young", "u", 1), loggedIn("u"))
	}
}

// What a session leaves behind goes on to claim its first login time, when another one had
// taken its last user over by its end.
func TestGhostClaimsItsLogin(t *testing.T) {
	b := newBench(t, nil)
	u := b.open(wire.UDP, "u")
	b.receive(u, login("u", 5000))
	b.receive(u, login("v", 6000))
	b.receive(b.open(wire.TCP, "young"), login("v", 6000))
	b.receive(u, wire.NewLogout("v"))
	b.expect("earlier", b.receive(b.open(wire.WS, "w"), login("u", 4000)), verified("u", 0), welcome("w", "u", 4000), kickout("w", "u"), closed("w"))
	b.expect("later", b.receive(b.open(wire.WS, "w"), login("u", 7000)), verified("u", 0), welcome("w", "u", 7000), loggedIn("u"))
}

// A former user of a session does not claim it any more once its last user was reported as
// logged out, by a takeover too.
func TestReportedTakeoverEndsTheGhostsClaim(t *testing.T) {
	for _, reported := range []bool{false, true} {
		b := newBench(t, func(c *server.Config) { c.Quirks.ReplacedReported = reported })
		s := b.open(wire.TCP, "s")
		b.receive(s, login("u", 5000))
		b.receive(s, login("v", 6000))
		b.receive(b.open(wire.TCP, "young"), login("v", 7000))
		want := []string{verified("u", 0), welcome("w", "u", 4000), kickout("w", "u"), closed("w")}
		if reported {
			want = []string{verified("u", 0), welcome("w", "u", 4000), loggedIn("u")}
		}
		b.expect("earlier", b.receive(b.open(wire.WS, "w"), login("u", 4000)), want...)
	}
}

// The kick of one user of a session ends it for the other, who is logged out with the code
// of the kick.
func TestKickOfFormerUser(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	b.receive(u, login("v", 0))
	b.expect("takes over", b.receive(b.open(wire.WS, "young"), login("u", 0)), verified("u", 0), welcome("young", "u", clock(0)),
		kickout("u", "u"), closed("u"), loggedOut("v", wire.KickDuplicateLogin), loggedIn("u"))
	b.expectOnline("at last", "u")
}

// How many former users stay is bounded.
func TestFormerUsersAreBounded(t *testing.T) {
	b := newBench(t, func(c *server.Config) { c.Limits.FormerUsers = 2 })
	u := b.login(wire.TCP, "a")
	for _, user := range []string{"b", "c", "d"} {
		b.receive(u, login(user, 0))
	}
	b.expectOnline("the latest", "b", "c", "d")
}

// A session whose login lost is not logged in, but as the user it had before (§3).
func TestLoserIsNotLoggedIn(t *testing.T) {
	b := newBench(t, nil)
	b.receive(b.open(wire.TCP, "old"), login("u", 5000))
	stranger, known := b.open(wire.UDP, "stranger"), b.login(wire.UDP, "v")
	b.expect("a stranger's", b.receive(stranger, login("u", 4000)), verified("u", 0), welcome("stranger", "u", 4000), kickout("stranger", "u"), closed("stranger"))
	b.expect("of another user's session", b.receive(known, login("u", 4000)), welcome("v", "u", 4000), kickout("v", "u"))
	b.expect("it goes on", b.receive(known, wire.NewKeepAlive("u")), sent("v", wire.NewKeepAliveResponse("v")))
	stream := b.login(wire.WS, "w")
	b.expect("on a stream", b.receive(stream, login("u", 4000)), welcome("w", "u", 4000), kickout("w", "u"), closed("w"), loggedOut("w", wire.KickDuplicateLogin))
	b.expectOnline("at last", "u", "v")
}

// One session a user (§3), for every pair of transports: what the second
// session claims decides.
func TestTakeover(t *testing.T) {
	const stored = 1_700_000_000_000
	tests := []struct {
		name             string
		claimed          int64
		kicksOld, enters bool
	}{
		{"zero", 0, true, true},
		{"negative", -1, true, true},
		{"later", stored + 1, true, true},
		{"equal", stored, false, true},
		{"earlier", stored - 1, false, false},
		{"much earlier", 1, false, false},
	}
	for _, test := range tests {
		for _, before := range wire.Transports {
			for _, after := range wire.Transports {
				t.Run(test.name+"/"+before.String()+"-"+after.String(), func(t *testing.T) {
					b := newBench(t, nil)
					old := b.open(before, "old")
					b.receive(old, login("u", stored))
					b.advance(time.Second)
					given := test.claimed
					if given <= 0 {
						given = clock(time.Second)
					}
					want := []string{verified("u", 0), welcome("young", "u", given)}
					switch {
					case test.kicksOld:
						want = append(onStreams(before, append(want, kickout("old", "u")), closed("old")), loggedIn("u"))
					case test.enters:
						want = append(want, loggedIn("u"))
					default:
						want = append(want, kickout("young", "u"), closed("young"))
					}
					young := b.open(after, "young")
					b.expect("second login", b.receive(young, login("u", test.claimed)), want...)
					b.checkTakeover(old, young, test.kicksOld, test.enters)
				})
			}
		}
	}
}

// checkTakeover checks which session is registered for the user, and the end of both.
func (b *bench) checkTakeover(old, young *server.Session, kickedOld, entered bool) {
	b.Helper()
	registered, other := young, old
	if !entered {
		registered, other = old, young
	}
	label := registered.Link.(string)
	if got := b.Online(); !slices.Equal(got, []string{"u"}) {
		b.Errorf("online %q, want u", got)
	}
	wantEnded := !entered || kickedOld && other.Transport.Connected()
	if other.Ended() != wantEnded || registered.Ended() {
		b.Errorf("the other session has ended: %v, want %v; the registered one: %v", other.Ended(), wantEnded, registered.Ended())
	}
	message := wire.NewData(wire.ServerID, "u", "x")
	effects, online := b.Push(b.now, message)
	if !online {
		b.Error("the user is not online")
	}
	b.expect("push", show(effects), sent(label, message))
	if !other.Ended() {
		b.expect("keep-alive of the other", b.receive(other, wire.NewKeepAlive("u")), sent(label, wire.NewKeepAliveResponse("u")))
		b.expect("logout of the other", b.receive(other, wire.NewLogout("u")), closed(other.Link.(string)))
	}
	b.expect("logout", b.receive(registered, wire.NewLogout("u")), closed(label), loggedOut("u", server.NoKick))
}

// After a takeover the time of the new session is the one that counts.
func TestTakeoverStoresTheNewTime(t *testing.T) {
	b := newBench(t, nil)
	for i, claimed := range []int64{1000, 2000, 2000, 1999} {
		u := b.open(wire.UDP, string(rune('a'+i)))
		b.receive(u, login("u", claimed))
	}
	m := wire.NewData(wire.ServerID, "u", "x")
	effects, _ := b.Push(b.now, m)
	b.expect("push", show(effects), sent("c", m))
}

// §3, code 301: what a session may not do before its login.
func TestNotLoggedIn(t *testing.T) {
	refused := []wire.Message{
		wire.NewKeepAlive("u"),
		wire.NewData("u", wire.ServerID, "x"),
		wire.NewQoSData("u", wire.ServerID, "x", "fp"),
		wire.NewData("u", "v", "x"),
		wire.NewQoSData("u", "v", "x", "fp"),
		wire.NewReceived(wire.NewQoSData(wire.ServerID, "u", "x", "fp")),
	}
	for _, m := range refused {
		for _, kind := range wire.Transports {
			b := newBench(t, nil)
			v := b.login(wire.TCP, "v")
			want := onStreams(kind, []string{sent("u", wire.NewErrorResponse(wire.CodeServerNotLoggedIn, m))}, closed("u"))
			b.expect(m.String()+" on "+kind.String(), b.receive(b.open(kind, "u"), m), want...)
			if v.Ended() {
				t.Errorf("%s on %s: another session ended", m, kind)
			}
		}
	}
}

func TestNotLoggedInOnTheWire(t *testing.T) {
	b := newBench(t, nil)
	b.expect("error", b.raw(b.open(wire.UDP, "u"), `{'type':"1", unknown: 7, dataContent:"a=b"}`),
		`u gets {"bridge":false,"type":52,"dataContent":"{\"errorCode\":301,\"errorMsg\":\"{\\\"bridge\\\":false,\\\"type\\\":1,\\\"dataContent\\\":\\\"a\\\\u003db\\\",\\\"QoS\\\":false,\\\"typeu\\\":0,\\\"sm\\\":0}\"}","from":"0","to":"-1","QoS":false,"typeu":-1,"sm":-1}`)
}

// §3: what is open to everybody, or to nobody, does not depend on a login.
func TestWithoutLogin(t *testing.T) {
	for _, kind := range wire.Transports {
		for _, user := range []bool{false, true} {
			b := newBench(t, nil)
			s := b.open(kind, "u")
			if user {
				s = b.login(kind, "u")
			}
			echo := wire.NewEcho("u", "x")
			b.expect("echo", b.receive(s, echo), sent("u", wire.NewEchoResponse(echo)))
			for _, ignored := range []wire.Type{6, 49, 50, 51, 52, 53, 54, 55, -1} {
				b.expect("type "+ignored.String(), b.receive(s, wire.New(ignored, "u", wire.ServerID)))
			}
			want := []string{closed("u")}
			if user {
				want = append(want, loggedOut("u", server.NoKick))
			}
			b.expect("logout", b.receive(s, wire.NewLogout("u")), want...)
		}
	}
}

// §3: a bad message ends a session, on UDP too.
func TestBadMessage(t *testing.T) {
	bad := []string{
		"x", "{", "}", "null", "[]", `[{"type":5}]`, `"text"`, "5", "true", `{"type":"five"}`, `{"type":{}}`, `{"type":1.5}`,
		`{"type":4294967296}`, `{"QoS":7}`, `{"dataContent":{}}`, `{"type":5} trailing`, `{"type":5}{"type":5}`,
	}
	for _, text := range bad {
		for _, kind := range wire.Transports {
			b := newBench(t, nil)
			b.expect("stranger sends "+text+" on "+kind.String(), b.raw(b.open(kind, "u"), text), closed("u"))
			b.expect("user sends "+text+" on "+kind.String(), b.raw(b.login(kind, "u"), text), closed("u"), loggedOut("u", server.NoKick))
		}
	}
	for _, kind := range streams {
		b := newBench(t, nil)
		b.expect("nothing at all on "+kind.String(), b.raw(b.login(kind, "u"), ""), closed("u"), loggedOut("u", server.NoKick))
	}
}

// The keep-alive is answered for the user of the session, whoever its sender
// says it is from (§3).
func TestKeepAliveLooksAtTheSession(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	b.login(wire.TCP, "v")
	b.expect("keep-alive", b.receive(u, wire.NewKeepAlive("v")), sent("u", wire.NewKeepAliveResponse("u")))
	b.expect("bare keep-alive", b.raw(u, `{"type":1}`), sent("u", wire.NewKeepAliveResponse("u")))
}
