package gateway_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

const (
	foreign  = "192.0.2.1:1"
	loopback = "127.0.0.1:1"
)

// answerTo hands a body in and counts the bytes of what comes back.
func answerTo(g *gateway.Gateway, l *link, body string) (bytes int) {
	g.Message(l, []byte(body))
	for _, answer := range l.take() {
		bytes += len(answer)
	}
	return bytes
}

// A datagram of somebody who has not logged in gets the answer that the protocol demands,
// unless that is far longer than the datagram.
func TestAnswersBeforeLogin(t *testing.T) {
	data := func(content string) string {
		return `{"bridge":false,"type":2,"dataContent":"` + content + `","from":"u","to":"0","QoS":false,"typeu":-1,"sm":-1}`
	}
	tests := []struct {
		name, body string
		answered   bool
		longer     bool
	}{
		{"shortest keep-alive", `{"type":1}`, true, true}, // §3 demands it
		{"shortest echo", `{"type":5}`, true, true},
		{"keep-alive", wire.NewKeepAlive("u").String(), true, true},
		{"shortest login", `{"type":0,"dataContent":"{\"loginUserId\":\"u\"}"}`, true, true},
		{"login", login("u").String(), true, false},
		{"as long as may be", data(strings.Repeat("x", 1900)), true, true},
		{"characters that are escaped twice", data(strings.Repeat("<", 1900)), false, false},
		{"quotes", data(strings.Repeat(`\"`, 900)), false, false},
		{"echo that is escaped", strings.Replace(data(strings.Repeat("<", 1900)), `"type":2`, `"type":5`, 1), false, false},
	}
	for _, test := range tests {
		for _, from := range []string{foreign, loopback} {
			got := answerTo(newGateway(t, nil), newLink(wire.UDP, from), test.body)
			if (got > 0) != test.answered || (got > len(test.body)) != test.longer {
				t.Errorf("%s from %s: %d bytes bring %d; answered: want %v, longer: want %v", test.name, from, len(test.body), got, test.answered, test.longer)
			}
		}
	}
}

// Who is connected, or logged in, gets every answer whatever its length.
func TestAnswersToOthers(t *testing.T) {
	escaped := `{"type":5,"dataContent":"` + strings.Repeat("<", 1900) + `"}`
	g := newGateway(t, func(c *server.Config) { c.Limits.StrangersExcess = 0 })
	user, stream := newLink(wire.UDP, foreign), newLink(wire.TCP, foreign)
	g.Open(stream)
	ask(g, user, login("u"))
	for name, l := range map[string]*link{"a UDP session": user, "a stranger on TCP": stream} {
		if got := answerTo(g, l, escaped); got < 6*1900 {
			t.Errorf("%s: the echo has %d bytes", name, got)
		}
	}
}

// The budget bounds by how many bytes a second answers to other machines are longer than
// the datagrams. Answers that are not longer always go out.
func TestAmplificationBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beat := wire.NewKeepAlive("u").String()
		excess := len(wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.NewKeepAlive("u")).String()) - len(beat)
		g := newGateway(t, func(c *server.Config) { c.Limits.StrangersExcess = 10 * excess })
		l, other := newLink(wire.UDP, foreign), newLink(wire.UDP, "[2001:db8::1]:1")
		answered := func(tries int) (n int) {
			for range tries {
				if answerTo(g, l, beat) > 0 {
					n++
				}
			}
			return n
		}
		if n := answered(100); n != 10 {
			t.Errorf("%d answers, want 10 at once", n)
		}
		expectNone(t, "another address", ask(g, other, wire.NewKeepAlive("u")))
		expectOne(t, "loopback", ask(g, newLink(wire.UDP, loopback), wire.NewKeepAlive("u")), wire.TypeErrorResponse)
		expectOne(t, "a login", ask(g, newLink(wire.UDP, "192.0.2.1:2"), login("u")), wire.TypeLoginResponse)
		time.Sleep(300 * time.Millisecond)
		if n := answered(100); n != 3 {
			t.Errorf("%d answers, want 3 after 0.3 s", n)
		}
		time.Sleep(time.Hour)
		if n := answered(100); n != 10 {
			t.Errorf("%d answers, want 10 after an hour", n)
		}
	})
}
