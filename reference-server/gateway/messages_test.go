package gateway_test

import (
	"strings"
	"testing"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Messages that arrive together are handled one after the other: a login counts for what
// follows it, and a logout too.
func TestMessagesThatArriveTogether(t *testing.T) {
	g := newGateway(t, nil)
	a, b := newLink(wire.UDP, "127.0.0.1:1000"), newLink(wire.UDP, "[::1]:1000")
	var arrived []transport.Arrival
	for _, m := range []struct {
		on      *link
		message wire.Message
	}{
		{a, login("a")}, {b, login("b")},
		{a, wire.NewData("a", "b", "hello")},
		{a, wire.NewLogout("a")},
		{a, wire.NewKeepAlive("a")},
		{b, wire.NewKeepAlive("b")},
	} {
		arrived = append(arrived, transport.ArrivalOn(m.on, m.message.Append(nil)))
	}
	g.Messages(arrived)
	if got := typesOf(t, a.take()); got != "login response, error response" {
		t.Errorf("a got %s", got)
	}
	if got := typesOf(t, b.take()); got != "login response, data, keep-alive response" {
		t.Errorf("b got %s", got)
	}
	counts := g.Counts()
	if counts.Sessions[wire.UDP] != 1 || counts.In[wire.UDP].Of(wire.TypeKeepAlive) != 2 {
		t.Errorf("%d sessions and %d keep-alives are counted", counts.Sessions[wire.UDP], counts.In[wire.UDP].Of(wire.TypeKeepAlive))
	}
}

// typesOf names the types of messages.
func typesOf(t *testing.T, bodies []string) string {
	t.Helper()
	var names []string
	for _, body := range bodies {
		m, err := wire.Decode([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, m.Type.String())
	}
	return strings.Join(names, ", ")
}

// Sessions of IPv4 and IPv6 are kept apart, and forgotten with their end.
func TestPacketSessionsOfBothFamilies(t *testing.T) {
	g := newGateway(t, nil)
	links := []*link{
		newLink(wire.UDP, "127.0.0.1:1000"), newLink(wire.UDP, "127.0.0.1:1001"), newLink(wire.UDP, "127.0.0.2:1000"),
		newLink(wire.UDP, "[::1]:1000"), newLink(wire.UDP, "[fe80::1%eth0]:1000"), newLink(wire.UDP, "[fe80::1%eth1]:1000"),
	}
	for i, l := range links {
		ask(g, l, login(string(rune('a'+i))))
	}
	for i, l := range links {
		user := string(rune('a' + i))
		if got := typesOf(t, ask(g, l, wire.NewKeepAlive(user))); got != "keep-alive response" {
			t.Errorf("%s got %q", user, got)
		}
		ask(g, l, wire.NewLogout(user))
		if got := typesOf(t, ask(g, l, wire.NewKeepAlive(user))); got != "error response" {
			t.Errorf("after the logout %s got %q", user, got)
		}
	}
	if online := g.Online(); len(online) != 0 {
		t.Errorf("%v are online", online)
	}
}
